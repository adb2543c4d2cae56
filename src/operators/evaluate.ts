import { countOf, type DataType, type Graph, type Node, type Shape, type Tensor } from '../graph/index.ts';
import { Site } from './site.ts';
import { findOperator } from './table.ts';
import { elementsOf, tensorOf } from './value.ts';

/** Above this many elements, arithmetic is left to ONNX Runtime, which does it when it loads the graph. */
const mostElements = 512;

/**
 * The graph with the results of operations on small constants in their place: what derived graphs (gradients,
 * relevance) make of their own constants need not be computed at every run. Operators that limn does not know stay.
 */
export function foldConstants(graph: Graph): Graph {
  const constants = new Map(graph.constants);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.filter((node) => {
    const inputs = node.inputs.map((input) => constants.get(input));
    const isSmall = inputs.every((t, i) => (t ? countOf(t) <= mostElements : node.inputs[i] === ''));
    if (!isSmall || node.outputs.some((output) => outputs.has(output))) return true;
    const results = evaluateNode(node, constants);
    results?.forEach((result, i) => {
      constants.set(node.outputs[i], result);
    });
    return results === undefined;
  });
  if (nodes.length === graph.nodes.length) return graph;
  const used = new Set([...outputs, ...nodes.flatMap(({ inputs }) => inputs)]);
  return { ...graph, nodes, constants: new Map([...constants].filter(([name]) => used.has(name))) };
}

/** What a node makes of constants; undefined where limn cannot say. */
export function evaluateNode(
  node: Node,
  constants: ReadonlyMap<string, Tensor>,
): readonly Tensor[] | undefined {
  const operator = findOperator(node);
  if (!operator?.evaluate) return undefined;
  const given = node.inputs.map((input) => constants.get(input));
  const shapes = new Map<string, Shape>();
  const types = new Map<string, DataType>();
  given.forEach((tensor, i) => {
    if (!tensor) return;
    shapes.set(node.inputs[i], tensor.shape);
    types.set(node.inputs[i], tensor.type);
  });
  const site = new Site(node, { shapes, types, constants });
  const results = operator.evaluate(
    site,
    given.map((tensor) => tensor && elementsOf(tensor)),
  );
  const outputTypes = operator.types?.(site);
  const tensors = results?.map((result, i) => tensorOf(outputTypes?.[i] ?? site.type(0), result));
  return tensors?.every((tensor) => tensor !== undefined) ? tensors : undefined;
}
