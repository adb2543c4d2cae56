import { fail } from '../common/error.ts';
import type { Node } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Branch } from './branch.ts';
import { having, renamedGraph } from './functions.ts';
import { nodePlace } from './names.ts';
import { type Nodes, readNodes } from './nodes.ts';
import { checkOperators } from './unsupported.ts';
import { readTensorProto } from './weights.ts';

/** By the conditional's name. */
export type Branches = ReadonlyMap<string, Branch>;

/** What takes a conditional's place. */
export interface Chosen extends Nodes {
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** The branch of a conditional whose condition is known. Errors: one that depends on the network's input. */
export function conditional(
  node: Node,
  branches: Branches,
  constants: ReadonlyMap<string, Tensor>,
  file: string,
): Chosen {
  const where = nodePlace(file, node);
  const condition = constants.get(node.inputs[0] ?? '');
  const branch = branches.get(node.name);
  if (!condition || !branch)
    return fail(
      where,
      'control flow that depends on the input is not supported',
      'export the model without it',
    );
  const given = condition.data[0] ? branch.yes : branch.no;
  // Names within are the branch's own.
  const inner = new Set([
    ...given.node.flatMap(({ output }) => output),
    ...given.initializer.map(({ name }) => name),
  ]);
  const chosen = renamedGraph(given, (value) => (inner.has(value) ? `${node.name}/${value}` : value));
  checkOperators(chosen, file);
  const read = readNodes(
    chosen.node.map((proto) => having(proto, { name: `${node.name}/${proto.name || proto.opType}` })),
    file,
    branch.external,
  );
  const outputs = chosen.output.map(
    ({ name }, i): Node => ({
      op: 'Identity',
      name: i === 0 ? node.name : `${node.name}_${i}`,
      inputs: [name],
      outputs: [node.outputs[i] || `${node.name}/${name}/unused`],
      attributes: {},
    }),
  );
  return {
    nodes: [...read.nodes, ...outputs],
    branches: read.branches,
    constants: new Map(
      chosen.initializer.map((proto) => [
        proto.name,
        readTensorProto(proto, `${where}, weights '${proto.name}'`, branch.external),
      ]),
    ),
  };
}
