import { fillNormal, nameHash } from '../common/random.ts';
import { float32, type Graph, type Model, type Tensor } from '../graph/index.ts';
import { infer, operatorOf, Site } from '../operators/index.ts';
import { extremes, type NetworkPhoto } from './replacement.ts';

/** Layers whose weights are drawn anew. */
export interface Randomised {
  readonly model: Model;
  /** The layer at which it stops, or which alone it is. */
  readonly layer: string;
  /** `cascading`: this layer and all above it; `independent`: this one alone. */
  readonly kind: 'cascading' | 'independent';
  /** The share of the layers that are drawn anew. */
  readonly share: number;
}

/** The layers with weights (convolutions, dense layers), from the scores down, with the names of their constants. */
export function weightedLayers(
  graph: Graph,
): { readonly name: string; readonly constants: readonly string[] }[] {
  const known = infer(graph);
  return graph.nodes
    .flatMap((node) => {
      const { kind } = operatorOf(node).role(new Site(node, known));
      const constants = node.inputs.filter((input) => graph.constants.get(input)?.type === 'float32');
      return kind === 'linear' && constants.length > 0 ? [{ name: node.name, constants }] : [];
    })
    .reverse();
}

/**
 * Models for the randomisation test (Adebayo et al. 2018, "Sanity Checks for Saliency Maps"): from the scores down, each
 * layer's weights and biases become normal numbers of their own mean and standard deviation, once cascading and once
 * independently. At most `stops` layers of each kind, evenly spread, the lowest among them. An explanation that hardly
 * changes does not depend on what the network has learned.
 */
export function* randomised(model: Model, stops: number, seed: number): Generator<Randomised, void> {
  const layers = weightedLayers(model.graph);
  const anew = new Map(
    layers.flatMap(({ constants }) =>
      constants.map((name) => [
        name,
        drawnAnew(model.graph.constants.get(name) as Tensor<'float32'>, name, seed),
      ]),
    ),
  );
  const count = Math.min(stops, layers.length);
  for (let stop = 1; stop <= count; stop++) {
    const until = Math.round((stop * layers.length) / count);
    const { name: layer, constants } = layers[until - 1];
    const all = layers.slice(0, until).flatMap((each) => each.constants);
    yield { ...changed(model, anew, all), layer, kind: 'cascading', share: until / layers.length };
    yield { ...changed(model, anew, constants), layer, kind: 'independent', share: 1 / layers.length };
  }
}

function changed(
  model: Model,
  anew: ReadonlyMap<string, Tensor>,
  names: readonly string[],
): { model: Model } {
  const constants = new Map(model.graph.constants);
  for (const name of names) constants.set(name, anew.get(name)!);
  return { model: { ...model, graph: { ...model.graph, constants } } };
}

function drawnAnew({ shape, data }: Tensor<'float32'>, name: string, seed: number): Tensor<'float32'> {
  const out = new Float32Array(data.length);
  fillNormal(out, seed, nameHash(`weights ${name}`));
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
  for (let i = 0; i < out.length; i++) out[i] = mean + deviation * out[i];
  return float32(shape, out);
}

/** The standard deviation of the noise of {@link noisyCopies}, as a share of the photo's range. */
const NOISE = 0.1;

/**
 * Copies of a photo with normal noise, C×H×W each, whose maps are averaged before and after randomisation (smooth MPRT,
 * Hedström et al. 2024, "A Fresh Look at Sanity Checks for Saliency Maps"): what is noise in the maps of a network, and
 * makes them unlike each other whatever it has learned, cancels. They depend on the seed and the photo alone.
 */
export function noisyCopies({ data, index }: NetworkPhoto, copies: number, seed: number): Float32Array[] {
  const [low, high] = extremes(data);
  return Array.from({ length: copies }, (_, copy) => {
    const noise = new Float32Array(data.length);
    fillNormal(noise, seed, nameHash(`noisy ${index} ${copy}`));
    return noise.map((value, i) => data[i] + NOISE * (high - low) * value);
  });
}
