import { fail } from '../common/error.ts';
import { andMore, count } from '../common/format.ts';
import { groupedBy } from '../common/groups.ts';
import { quoted } from '../common/quoted.ts';

/** A node whose operator limn does not know. */
export interface UnsupportedNode {
  readonly op: string;
  /** ONNX's own where it is empty or not given. */
  readonly domain?: string | undefined;
  readonly name: string;
}

/** So many operators, and nodes of each, are told by name. */
const mostOperators = 12;
const mostNodes = 3;

/** Fails with all operators of a network that limn does not know: what each is called, at how many nodes it stands, and at which. */
export function failUnsupported(
  nodes: readonly [UnsupportedNode, ...UnsupportedNode[]],
  file?: string,
): never {
  const before = file === undefined ? '' : `${file}: `;
  const [first] = nodes;
  if (nodes.length === 1) {
    const { op, domain, name } = first;
    const where = file === undefined ? `node '${name}'` : `${before}node '${name}' (${op})`;
    const what =
      domain && file !== undefined
        ? `operators of the domain '${domain}' are not supported`
        : `the operator ${operatorTitle(first)} is not supported`;
    fail(where, what, fixOf(nodes));
  }
  const byTitle = groupedBy(nodes, operatorTitle);
  const told = [...byTitle]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, mostOperators)
    .map(([title, of]) => {
      const names = of.slice(0, mostNodes).map(({ name }) => quoted(name));
      const at = andMore(names, of.length);
      return `${title} (${of.length > 1 ? `${count(of.length)} nodes: ` : ''}${at})`;
    });
  const kinds = byTitle.size === 1 ? 'an operator that is' : `${count(byTitle.size)} operators that are`;
  return fail(
    file ?? 'the network',
    `${count(nodes.length)} nodes have ${kinds} not supported: ${andMore(told, byTitle.size)}`,
    fixOf(nodes),
  );
}

/** An operator as it is called beside others: its own domain's name before it, unless that is ONNX's. */
export const operatorTitle = ({ domain, op }: Pick<UnsupportedNode, 'domain' | 'op'>): string =>
  domain ? `${domain}.${op}` : op;

function fixOf(nodes: readonly UnsupportedNode[]): string {
  if (nodes.some(({ domain }) => domain?.startsWith('com.microsoft')))
    return 'take the model as it was before ONNX Runtime optimised it';
  return nodes.some(({ domain }) => domain)
    ? 'export with standard operators only'
    : 'export the network without such operators; those that are known are in the reference of operators';
}
