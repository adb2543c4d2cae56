import type { GraphProto } from './generated/onnx_pb.ts';
import type { ExternalData } from './weights.ts';

/** The two graphs of a conditional node, ready to be read. */
export interface Branch {
  readonly yes: GraphProto;
  readonly no: GraphProto;
  readonly external?: ExternalData | undefined;
}

/** The values of outer graphs that a branch uses. */
export function capturedBy(graph: GraphProto): string[] {
  const own = new Set([
    ...graph.node.flatMap(({ output }) => output),
    ...graph.initializer.map(({ name }) => name),
  ]);
  const uses = graph.node.flatMap(({ input, attribute }) => [
    ...input,
    ...attribute.flatMap(({ g }) => (g ? capturedBy(g) : [])),
  ]);
  const all = [...uses, ...graph.output.map(({ name }) => name)];
  return [...new Set(all)].filter((value) => value !== '' && !own.has(value));
}
