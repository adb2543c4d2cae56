import { fail } from '../common/error.ts';
import type { Node } from '../graph/graph.ts';
import { readAttribute } from './attribute.ts';
import type { NodeProto } from './generated/onnx_pb.ts';
import { nameNodes, place } from './names.ts';
import type { ExternalData } from './weights.ts';

/**
 * Reads nodes and names those without a name. Errors: operators of other domains, subgraphs, nodes without an
 * operator or an output.
 */
export function readNodes(protos: readonly NodeProto[], file: string, external?: ExternalData): Node[] {
  const nodes = protos.map(({ name, opType, input, output }) => ({
    op: opType,
    name,
    inputs: input,
    outputs: withoutEnd(output),
    attributes: {},
  }));
  return nameNodes(nodes).map((node, i) => {
    const proto = protos[i]!;
    const where = place(file, node);
    if (node.op === '') fail(where, 'it has no operator');
    if (node.outputs.length === 0) fail(where, 'it has no output');
    if (proto.domain !== '' && proto.domain !== 'ai.onnx') {
      fail(
        where,
        `operators of the domain '${proto.domain}' are not supported`,
        'export with standard operators only',
      );
    }
    return {
      ...node,
      attributes: Object.fromEntries(proto.attribute.map((a) => [a.name, readAttribute(a, where, external)])),
    };
  });
}

/** Outputs that are left out at the end are not there at all. */
function withoutEnd(outputs: readonly string[]): string[] {
  return outputs.slice(0, outputs.findLastIndex((output) => output !== '') + 1);
}
