import { fail } from '../common/error.ts';
import { count } from '../common/format.ts';
import { quoted } from '../common/quoted.ts';
import { toldByKind } from '../common/refusals.ts';

/** A node whose operator limn does not know. */
export interface UnsupportedNode {
  readonly op: string;
  /** ONNX's own where it is empty or not given. */
  readonly domain?: string | undefined;
  readonly name: string;
}

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
  const { kinds, told } = toldByKind(nodes, {
    kind: operatorTitle,
    place: ({ name }) => quoted(name),
    noun: 'node',
  });
  const what = kinds === 1 ? 'an operator that is' : `${count(kinds)} operators that are`;
  return fail(
    file ?? 'the network',
    `${count(nodes.length)} nodes have ${what} not supported: ${told}`,
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
