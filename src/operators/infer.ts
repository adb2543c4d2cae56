import { fail } from '../common/error.ts';
import type { DataType, Graph, Node, Shape } from '../graph/index.ts';
import { type Inference, Site } from './site.ts';
import { operatorOf } from './table.ts';

/** The shapes and types of all values of a graph. Errors: an unknown operator, shapes that do not fit. */
export function infer(graph: Graph): Inference {
  const shapes = new Map<string, Shape>();
  const types = new Map<string, DataType>();
  for (const { name, type, shape } of graph.inputs) {
    shapes.set(name, shape);
    types.set(name, type);
  }
  for (const [name, constant] of graph.constants) {
    shapes.set(name, constant.shape);
    types.set(name, constant.type);
  }
  const known: Inference = { shapes, types, constants: graph.constants };
  for (const node of graph.nodes) inferNode(node, shapes, types, known);
  return known;
}

/** Adds what one more node makes to what is known of the values before it. */
export function inferNode(
  node: Node,
  shapes: Map<string, Shape>,
  types: Map<string, DataType>,
  known: Inference,
): void {
  const operator = operatorOf(node);
  const site = new Site(node, known);
  for (const input of node.inputs) {
    if (input !== '' && !shapes.has(input))
      fail(site.where, `input '${input}' is not made by any earlier node`);
  }
  if (!node.inputs.some(Boolean)) site.fail('it has no input');
  const outputs = operator.shapes(site);
  const outputTypes = operator.types?.(site);
  node.outputs.forEach((output, i) => {
    if (output === '') return;
    shapes.set(output, outputs[i] ?? site.fail(`output ${i} ('${output}') is not supported`));
    types.set(output, outputTypes?.[i] ?? site.type(0));
  });
}
