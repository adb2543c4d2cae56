import { at, build, indices, map, type NdArray } from './array.ts';
import { convolution } from './convolution.ts';
import { convolutionLayer, denseLayer } from './relevance/linear.ts';

/** Concept relevance propagation, one number at a time in float64, on a chain of convolutions, ReLUs and a dense layer. */
export interface Chain {
  /** Kernels K×C×k×k (odd, stride 1, padded to keep the size) and their biases. */
  readonly convolutions: readonly { readonly weight: NdArray; readonly bias: NdArray }[];
  /** D×K and K: of the last maps, flattened, to the scores. */
  readonly dense: { readonly weight: NdArray; readonly bias: NdArray };
}

type LinearRule = (layer: ReturnType<typeof denseLayer>, relevance: NdArray) => NdArray;

const geometryOf = ({ shape }: NdArray) => {
  const pad = (shape[2] - 1) / 2;
  return { strides: [1, 1], dilations: [1, 1], pads: [pad, pad, pad, pad], group: 1 };
};

/** The input, and the maps after each ReLU. */
export function mapsOf({ convolutions }: Chain, x: NdArray): NdArray[] {
  const maps = [x];
  for (const { weight, bias } of convolutions)
    maps.push(map(convolution(maps.at(-1)!, weight, bias, geometryOf(weight)), (v) => Math.max(0, v)));
  return maps;
}

/** Relevance at the input and after each ReLU; `masks` says by layer what a channel's relevance is multiplied with there. */
export function conditionalRelevance(
  chain: Chain,
  x: NdArray,
  target: number,
  rules: { readonly convolution: LinearRule; readonly dense: LinearRule },
  masks: Readonly<Record<number, readonly number[]>>,
): NdArray[] {
  const { convolutions, dense } = chain;
  const maps = mapsOf(chain, x);
  const last = maps.at(-1)!;
  const flat: NdArray = { shape: [last.shape[0], last.data.length / last.shape[0]], data: last.data };
  const layer = denseLayer(flat, dense.weight, dense.bias);
  const classes = dense.weight.shape[1];
  const scores = build([flat.shape[0], classes], ([n, k]) =>
    layer.connections[n * classes + k].reduce(
      (sum, { i, w }) => sum + (i === undefined ? 0 : flat.data[i] * w),
      layer.bias[n * classes + k],
    ),
  );
  const start = build(scores.shape, ([n, k]) => (k === target ? at(scores, [n, k]) : 0));
  let relevance: NdArray = { shape: last.shape, data: rules.dense(layer, start).data };
  const arrived: NdArray[] = [relevance];
  for (let i = convolutions.length; i > 0; i--) {
    const mask = masks[i];
    const kept = mask
      ? build(relevance.shape, ([n, c, y, z]) => at(relevance, [n, c, y, z]) * mask[c])
      : relevance;
    const { weight, bias } = convolutions[i - 1];
    const made = convolutionLayer(maps[i - 1], weight, bias, geometryOf(weight), maps[i].shape);
    relevance = rules.convolution(made, kept);
    arrived.unshift(relevance);
  }
  return arrived;
}

/** The sum of each channel over positions, N×C. */
export const channelSums = (maps: NdArray): NdArray =>
  build(maps.shape.slice(0, 2), ([n, c]) =>
    indices(maps.shape.slice(2)).reduce((sum, place) => sum + at(maps, [n, c, ...place]), 0),
  );

/** The smallest square with the share of positive values, by trying them all. */
export function smallestSquare(
  map: { readonly width: number; readonly height: number; readonly data: ArrayLike<number> },
  share: number,
): number {
  const { width, height } = map;
  const sum = (left: number, top: number, w: number, h: number) => {
    let total = 0;
    for (let y = top; y < top + h; y++)
      for (let x = left; x < left + w; x++) total += Math.max(0, map.data[y * width + x]);
    return total;
  };
  const wanted = share * sum(0, 0, width, height);
  for (let side = 1; side < Math.max(width, height); side++) {
    const [w, h] = [Math.min(side, width), Math.min(side, height)];
    for (let top = 0; top + h <= height; top++)
      for (let left = 0; left + w <= width; left++) if (sum(left, top, w, h) >= wanted) return side;
  }
  return Math.max(width, height);
}
