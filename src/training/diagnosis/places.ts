import type { TrainingNet } from '../../caffe/training/net.ts';
import { cotangents } from '../../gradient/index.ts';
import { float32, type Graph, GraphBuilder, type Node } from '../../graph/index.ts';
import { infer, lowerInto } from '../../operators/index.ts';
import type { Tensors } from '../../runtime/index.ts';
import { probe } from './probe.ts';

/** A value that is looked at, at the layer that makes it. */
export interface Place {
  readonly stage: 'forward' | 'backward';
  readonly node: Node;
  readonly value: string;
  readonly shape: readonly number[];
  /** The value that is probed: the value itself, or its gradient. */
  readonly probed: string;
  /** What the layer makes it from, besides parameters. */
  readonly from: readonly string[];
}

/** The training graph with a probe at every value and at every gradient, in the order in which they are to be looked at. */
export function probed(net: TrainingNet, weights: ReadonlyMap<string, Float32Array>, feeds: Tensors) {
  const own = new Set(net.parameters.map(({ name }) => name));
  const graph: Graph = {
    ...net.graph,
    inputs: net.graph.inputs.map((input) => ({ ...input, shape: feeds[input.name]!.shape })),
    constants: new Map([
      ...net.graph.constants,
      ...net.parameters.map(({ name, shape }) => [name, float32(shape, owned(weights.get(name)!))] as const),
    ]),
  };
  const known = infer(graph);
  const shapeOf = (value: string): number[] => known.shapes.get(value)!.map(Number);
  const isFloat = (value: string) => value !== '' && known.types.get(value) === 'float32';
  const data = (values: readonly string[]) => values.filter((value) => isFloat(value) && !own.has(value));
  const places: Place[] = graph.nodes.flatMap((node) =>
    node.outputs.filter(isFloat).map((value): Place => {
      const from = data(node.inputs);
      return { stage: 'forward', node, value, shape: shapeOf(value), probed: value, from };
    }),
  );

  const b = new GraphBuilder(graph);
  lowerInto(b, graph, known);
  const seeds = new Map<string, string>();
  for (const { value, weight } of net.losses) {
    if (weight === 0) continue;
    const shape = shapeOf(value);
    const seed = b.scalar(weight);
    seeds.set(value, shape.length === 0 ? seed : b.op('Expand', [seed, b.ints(...shape)]));
  }
  const trained = net.parameters.filter(({ rateFactor }) => rateFactor !== 0).map(({ name }) => name);
  const { values, edges } = cotangents(b, { graph, known, seeds, wanted: trained });
  for (const node of graph.nodes.toReversed()) {
    const from = node.outputs.flatMap((output) => values.get(output) ?? []);
    // First what arrives, which may overflow only in the sum over several consumers, then what the layer passes on.
    const gradients = [
      ...node.outputs.map((value) => [value, values.get(value), []] as const),
      ...node.inputs.map((value, i) => [value, edges.get(node.name)?.[i], from] as const),
    ];
    for (const [value, gradient, from] of gradients) {
      // A seed alone is a constant.
      if (gradient === undefined || !b.producer(gradient)) continue;
      places.push({ stage: 'backward', node, value, shape: shapeOf(value), probed: gradient, from });
    }
  }
  const read = probe(b, [...new Set(places.map((place) => place.probed))]);
  return { graph: b.build(), places, read };
}

/** ONNX Runtime takes no shared memory. */
const owned = (data: Float32Array): Float32Array =>
  data.buffer instanceof ArrayBuffer ? data : data.slice();
