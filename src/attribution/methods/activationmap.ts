import { float32, GraphBuilder, type Model } from '../../graph/index.ts';
import { headOf, type RelevanceGraph, type RelevanceOptions, relevance } from '../../relevance/index.ts';
import type { CamMethod } from '../method.ts';
import { behind, layerValue } from '../outputs.ts';
import { interpolation } from './bilinear.ts';
import { lastFeatureMaps, mapSize } from './featuremaps.ts';

/** What a feature map, or each of its cells, weighs: from the maps A and the slopes g = ∂score/∂A, N×K×h×w both. */
type Weigh = (b: GraphBuilder, maps: string, slopes: string) => string;

const overPositions = (b: GraphBuilder) => b.ints(2, 3);

const weights: Readonly<Record<CamMethod['method'], Weigh>> = {
  /** Selvaraju et al. 2017, eq. 1: the mean of the slopes over positions. */
  'grad-cam': (b, _, slopes) => b.op('ReduceMean', [slopes, overPositions(b)], { keepdims: 1 }),

  /**
   * Chattopadhay et al. 2018, eqs. 18 and 19, for Y = e^score: Σ_ij α_ij max(0, g_ij) with
   * α_ij = g_ij² / (2 g_ij² + ΣA · g_ij³) = 1 / (2 + ΣA · g_ij). The factor e^score, which all weights of an image have
   * in common, is left out: it only scales the map, and overflows.
   */
  'grad-cam++'(b, maps, slopes) {
    const sums = b.op('ReduceSum', [maps, overPositions(b)], { keepdims: 1 });
    const divisor = b.op('Add', [b.op('Mul', [sums, slopes]), b.scalar(2)]);
    // Of maps without negative values it is 2 or more wherever a slope is positive, and only such count.
    const isZero = b.op('Equal', [divisor, b.scalar(0)]);
    const alphas = b.op('Div', [b.op('Relu', [slopes]), b.op('Where', [isZero, b.scalar(1), divisor])]);
    return b.op('ReduceSum', [alphas, overPositions(b)], { keepdims: 1 });
  },

  /** Jiang et al. 2021, eq. 4: each cell by its own slope, where that is positive. */
  'layer-cam': (b, _, slopes) => b.op('Relu', [slopes]),
};

/**
 * A class activation map from a layer's feature maps A, N×K×h×w, and the slopes of the score there: max(0, Σ_k w_k A_k),
 * enlarged bilinearly (half-pixel centres) to the input's N×C×H×W, where every channel gets an equal part. The method
 * says what w is. `options.composite` must be the gradient.
 * Errors: the layer has no feature maps, or there is none at all.
 */
export function activationMap(
  model: Model,
  { method, layer }: CamMethod,
  options: RelevanceOptions,
): RelevanceGraph {
  const name = layer ?? lastFeatureMaps(model, headOf(model, options.head).output);
  const made = relevance(model, { ...options, at: [name] });
  const { graph } = made;
  const b = new GraphBuilder(graph).scope(method);
  const maps = layerValue(name, graph, model.graph);
  const { shape } = graph.outputs.find((output) => output.name === `relevance:${name}`)!;
  const [height, width] = mapSize(name, shape);
  const [, channels, ...size] = graph.inputs[0].shape.map(Number);

  const weight = weights[method](b, maps, behind(b, `relevance:${name}`));
  const weighted = b.op('ReduceSum', [b.op('Mul', [weight, maps]), b.ints(1)], { keepdims: 1 });
  const cam = b.op('Relu', [weighted]);
  const rows = b.table(`bilinear ${height} ${size[0]}`, () => interpolation(height, size[0]));
  const columns = b.table(`bilinear ${width} ${size[1]}`, () => interpolation(width, size[1]));
  const across = b.op('Transpose', [columns], { perm: [1, 0] });
  const enlarged = b.op('MatMul', [b.op('MatMul', [rows, cam]), across]);
  const share = b.table(`share ${channels}`, () =>
    float32([1, channels, 1, 1], new Float32Array(channels).fill(1 / channels)),
  );
  b.replace('relevance', () => b.op('Mul', [enlarged, share]));
  for (const output of graph.outputs) {
    if (output.name !== `relevance:${name}`) b.output(output.name, output);
  }
  return { ...made, graph: b.build() };
}
