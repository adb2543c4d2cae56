import { failUnsupported, operatorNames } from '../operators/index.ts';
import type { GraphProto, NodeProto } from './generated/onnx_pb.ts';
import { isOnnxDomain, stemOf } from './names.ts';
import { isConverted } from './upgrade.ts';

const known: ReadonlySet<string> = new Set([...operatorNames, 'Constant', 'If']);

const isReadable = (node: NodeProto): boolean =>
  isOnnxDomain(node.domain)
    ? known.has(node.opType) || isConverted('', node.opType)
    : isConverted(node.domain, node.opType);

/**
 * Errors: operators that limn does not know, all of them at once, before any weight is read: those of other domains wherever they
 * stand, and with `onlyKnown` ONNX's own where scores need them, since what answers nothing is left out.
 */
export function checkOperators({ node: nodes, output }: GraphProto, file: string, onlyKnown = false): void {
  const suspects = nodes.filter((node) => node.opType !== '' && !isReadable(node));
  if (suspects.length === 0) return;
  // Of a condition that is decided by constants, one branch goes with all that only it needs: who needs a node then, is told later.
  const isOpen = nodes.some(({ opType }) => opType === 'If');
  const scores = output.filter(({ type }) => floats.has(type?.tensorType?.elemType ?? 1));
  const needed = neededBy(
    nodes,
    (scores.length > 0 ? scores : output).map(({ name }) => name),
  );
  const [first, ...rest] = suspects.filter(
    (node) => !isOnnxDomain(node.domain) || (onlyKnown && !isOpen && needed.has(node)),
  );
  if (!first) return;
  const [one, ...others] = [first, ...rest].map((node) => ({
    op: node.opType,
    name: stemOf({ name: node.name, op: node.opType, outputs: node.output }),
    ...(!isOnnxDomain(node.domain) && { domain: node.domain }),
  }));
  failUnsupported([one, ...others], file);
}

/** Codes of the types that scores have: floats of 32, 16 and 64 bits, and bfloat16. */
const floats: ReadonlySet<number> = new Set([1, 10, 11, 16]);

function neededBy(nodes: readonly NodeProto[], outputs: readonly string[]): ReadonlySet<NodeProto> {
  const makers = new Map(nodes.flatMap((node) => node.output.map((value) => [value, node] as const)));
  const needed = new Set<NodeProto>();
  const waiting = [...outputs];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    const maker = makers.get(value);
    if (!maker || needed.has(maker)) continue;
    needed.add(maker);
    for (const input of maker.input) if (input !== '') waiting.push(input);
  }
  return needed;
}
