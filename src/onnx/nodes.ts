import { fail } from '../common/error.ts';
import type { Node } from '../graph/graph.ts';
import { readAttribute } from './attribute.ts';
import { type Branch, capturedBy } from './branch.ts';
import type { NodeProto } from './generated/onnx_pb.ts';
import { isOnnxDomain, nameNodes, nodePlace } from './names.ts';
import type { ExternalData } from './weights.ts';

/** Nodes as a file has them. */
export interface Nodes {
  readonly nodes: readonly Node[];
  /** The two graphs of each conditional, by its name. */
  readonly branches: ReadonlyMap<string, Branch>;
}

/**
 * Reads nodes, whose operators are known to be readable, and names those without a name. Errors: loops, nodes without an
 * operator or an output.
 */
export function readNodes(protos: readonly NodeProto[], file: string, external?: ExternalData): Nodes {
  const bare = protos.map(({ name, opType, input, output }) => ({
    op: opType,
    name,
    inputs: input,
    outputs: withoutEnd(output),
    attributes: {},
  }));
  const branches = new Map<string, Branch>();
  const nodes = nameNodes(bare).map((node, i): Node => {
    const proto = protos[i];
    const where = nodePlace(file, node);
    if (node.op === '') fail(where, 'it has no operator');
    if (node.outputs.length === 0) fail(where, 'it has no output');
    if (node.op === 'If') {
      const graph = (name: string) =>
        proto.attribute.find((attribute) => attribute.name === name)?.g ?? fail(where, `it has no ${name}`);
      const branch = { yes: graph('then_branch'), no: graph('else_branch'), external };
      branches.set(node.name, branch);
      // What the branches use has to be there first.
      return { ...node, inputs: [...node.inputs, ...capturedBy(branch.yes), ...capturedBy(branch.no)] };
    }
    const attributes = proto.attribute.map((a) => [a.name, readAttribute(a, where, external)] as const);
    return {
      ...node,
      ...(!isOnnxDomain(proto.domain) && { domain: proto.domain }),
      attributes: Object.fromEntries(attributes),
    };
  });
  return { nodes, branches };
}

/** Outputs that are left out at the end are not there at all. */
function withoutEnd(outputs: readonly string[]): string[] {
  return outputs.slice(0, outputs.findLastIndex((output) => output !== '') + 1);
}
