import { fail } from '../common/error.ts';
import type { DataType, Graph, Shape } from '../graph/index.ts';
import { operatorOf } from './table.ts';
import { type Inference, Site } from './site.ts';

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
  for (const node of graph.nodes) {
    const operator = operatorOf(node);
    const site = new Site(node, known);
    for (const input of node.inputs) {
      if (input !== '' && !shapes.has(input)) fail(site.where, `input '${input}' is not made by any earlier node`);
    }
    const outputs = operator.shapes(site);
    const outputTypes = operator.types?.(site);
    node.outputs.forEach((output, i) => {
      if (output === '') return;
      shapes.set(output, outputs[i] ?? site.fail(`output ${i} ('${output}') is not supported`));
      types.set(output, outputTypes?.[i] ?? site.type(0));
    });
  }
  return known;
}
