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

/** A graph with probes at all values of one direction. */
export interface Probed {
  readonly graph: Graph;
  /** In the order in which they are to be looked at. */
  readonly places: readonly Place[];
  readonly read: ReturnType<typeof probe>;
}

/** A network's graph for inputs of these very shapes, with its weights. */
export function weightedNet(
  { graph, parameters }: TrainingNet,
  weights: ReadonlyMap<string, Float32Array>,
  feeds: Tensors,
): Graph {
  const inputs = graph.inputs.map((input) => ({ ...input, shape: feeds[input.name].shape }));
  const own = parameters.map(({ name, shape }) => [name, float32(shape, owned(weights.get(name)!))] as const);
  return { ...graph, inputs, constants: new Map([...graph.constants, ...own]) };
}

/** A probe at every value, in the graph's order. */
export function probedForward({ parameters }: TrainingNet, graph: Graph): Probed {
  const known = infer(graph);
  const own = new Set(parameters.map(({ name }) => name));
  const isFloat = (value: string) => value !== '' && known.types.get(value) === 'float32';
  const places = graph.nodes.flatMap((node) =>
    node.outputs.filter(isFloat).map((value): Place => {
      const from = node.inputs.filter((input) => isFloat(input) && !own.has(input));
      return {
        stage: 'forward',
        node,
        value,
        shape: known.shapes.get(value)!.map(Number),
        probed: value,
        from,
      };
    }),
  );
  const b = new GraphBuilder(graph);
  lowerInto(b, graph, known);
  return finish(b, places);
}

/** A probe at every gradient on the way to the trained parameters, from the losses down. */
export function probedBackward({ parameters, losses }: TrainingNet, graph: Graph): Probed {
  const known = infer(graph);
  const shapeOf = (value: string): number[] => known.shapes.get(value)!.map(Number);
  const b = new GraphBuilder(graph);
  lowerInto(b, graph, known);
  const seeds = new Map<string, string>();
  for (const { value, weight } of losses) {
    if (weight === 0) continue;
    const shape = shapeOf(value);
    const seed = b.scalar(weight);
    seeds.set(value, shape.length === 0 ? seed : b.op('Expand', [seed, b.ints(...shape)]));
  }
  const wanted = parameters.filter(({ rateFactor }) => rateFactor !== 0).map(({ name }) => name);
  const { values, edges } = cotangents(b, { graph, known, seeds, wanted });
  const places = graph.nodes.toReversed().flatMap((node) => {
    const arrived = node.outputs.flatMap((output) => values.get(output) ?? []);
    // First what arrives, which may overflow only in the sum over several consumers, then what the layer passes on.
    const gradients = [
      ...node.outputs.map((value) => [value, values.get(value), []] as const),
      ...node.inputs.map((value, i) => [value, edges.get(node.name)?.[i], arrived] as const),
    ];
    return gradients.flatMap(([value, gradient, from]): Place[] =>
      // A seed alone is a constant.
      gradient !== undefined && b.producer(gradient)
        ? [{ stage: 'backward', node, value, shape: shapeOf(value), probed: gradient, from }]
        : [],
    );
  });
  return finish(b, places);
}

function finish(b: GraphBuilder, places: readonly Place[]): Probed {
  const read = probe(b, [...new Set(places.map((place) => place.probed))]);
  return { graph: b.build(), places, read };
}

/** ONNX Runtime takes no shared memory. */
const owned = (data: Float32Array): Float32Array =>
  data.buffer instanceof ArrayBuffer ? data : data.slice();
