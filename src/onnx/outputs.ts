import type { Dim } from '../graph/dim.ts';
import type { Graph, Node, Shape, ValueInfo } from '../graph/graph.ts';
import type { Head } from '../graph/info.ts';
import { int64 } from '../graph/tensor.ts';
import { findOperator } from '../operators/index.ts';

type Shapes = ReadonlyMap<string, Shape>;

/**
 * A foreign network with the outputs that a classifier has: labels (the position of the best class, lists of the best)
 * are dropped beside scores, and an output without a batch, or without classes, gets both.
 */
export function arrangeOutputs(graph: Graph, shapes: Shapes): { graph: Graph; shapes: Shapes } {
  const producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
  const isLabel = ({ name, type }: ValueInfo): boolean => {
    const producer = producers.get(name);
    const chooses = producer !== undefined && findOperator(producer)?.chooses === true;
    return chooses || (type !== 'float32' && type !== 'float64');
  };
  const scores = graph.outputs.filter((output) => !isLabel(output));
  const outputs = scores.length > 0 ? scores : graph.outputs;
  const batch = graph.inputs[0]?.shape[0];
  const known = new Map(shapes);
  const changed = new Map<string, Shape>();
  const constants = new Map(graph.constants);
  let nodes = graph.nodes;
  for (const { name } of outputs) {
    const shape = shapes.get(name);
    const full = shape && producers.has(name) ? matrixShape(shape, batch) : undefined;
    if (!full) continue;
    const inner = `${name}/values`;
    const target = `${name}/shape`;
    constants.set(
      target,
      int64(
        [2],
        full.map((dim) => (typeof dim === 'number' ? dim : -1)),
      ),
    );
    const reshape: Node = {
      op: 'Reshape',
      name: target,
      inputs: [inner, target],
      outputs: [name],
      attributes: {},
    };
    const rename = (value: string) => (value === name ? inner : value);
    nodes = [
      ...nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map(rename),
      })),
      reshape,
    ];
    known.set(inner, shape!);
    known.set(name, full);
    changed.set(name, full);
  }
  const stated = ({ name, type, shape }: ValueInfo): ValueInfo => ({
    name,
    type,
    shape: changed.get(name) ?? shape,
  });
  return { graph: { ...graph, nodes, constants, outputs: outputs.map(stated) }, shapes: known };
}

/** N×K for what has only one of the two: [K] of the one image of a batch of 1, [N] of one value each, [] of both. */
function matrixShape(shape: Shape, batch: Dim | undefined): [Dim, Dim] | undefined {
  if (shape.length === 0) return batch === 1 ? [1, 1] : undefined;
  if (shape.length > 1) return undefined;
  const [only] = shape as [Dim];
  if (batch === 1) return [1, only];
  return only === batch ? [only, 1] : undefined;
}

/** The outputs that hold one value per class, N×K, or all if none is known to: heads by their own names. */
export function outputHeads({ outputs }: Graph, shapes: Shapes): Head[] {
  const isScores = ({ name }: ValueInfo): boolean => {
    const shape = shapes.get(name);
    return (
      shape !== undefined &&
      shape.length >= 2 &&
      typeof shape[1] === 'number' &&
      shape.slice(2).every((dim) => dim === 1)
    );
  };
  const scores = outputs.filter(isScores);
  const found = scores.length > 0 ? scores : outputs.slice(0, 1);
  return found.map(({ name }) => ({
    name: found.length === 1 ? 'class' : name,
    output: name,
    kind: 'classes',
  }));
}
