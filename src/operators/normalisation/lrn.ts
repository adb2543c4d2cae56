import { float32, type GraphBuilder } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import type { Site } from '../site.ts';

/** Local response normalisation across channels: y = x · s^(−beta), s = bias + alpha/size · Σ x² over the window. */
export const lrn: Operator = {
  op: 'LRN',
  shapes: (site) => [site.shape(0)],
  role: () => ({ kind: 'normalisation' }),
  nonNegative: (site, known) => known(site.input(0)),
  lower: (b, site) => b.op('Div', [site.input(0), denominator(b, site)]),

  // dx_c = dy_c / den_c − 2·(alpha/size)·beta · x_c · Σ_k dy_k·y_k / s_k over the windows that see c.
  vjp(b, site, [dy]) {
    if (dy === undefined) return undefined;
    const y = b.op('Div', [site.input(0), denominator(b, site)]);
    const shared = b.op('Div', [b.op('Mul', [dy, y]), lrnScale(b, site)]);
    const { alpha, beta, size } = lrnParameters(site);
    const spread = lrnWindow(b, site, shared, (2 * alpha * beta) / size, { transposed: true });
    return b.op('Sub', [b.op('Div', [dy, denominator(b, site)]), b.op('Mul', [site.input(0), spread])]);
  },
};

export interface LrnParameters {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  /** The constant in the scale: `k` in Caffe, `bias` in ONNX. */
  readonly k: number;
}

/** The parameters of a local response normalisation, with ONNX's defaults. */
export function lrnParameters(site: Site): LrnParameters {
  return {
    size: site.int('size'),
    alpha: site.float('alpha', 1e-4),
    beta: site.float('beta', 0.75),
    k: site.float('bias', 1),
  };
}

/** s = k + alpha/size · Σ x² over the channel window, N×C×…. */
export function lrnScale(b: GraphBuilder, site: Site): string {
  const { alpha, size, k } = lrnParameters(site);
  const x = site.input(0);
  return lrnWindow(b, site, b.op('Mul', [x, x]), alpha / size, { offset: k });
}

/** x^(−exponent)'s inverse, x^exponent, by square roots where the exponent allows: Pow is slow. */
export function powerOf(b: GraphBuilder, x: string, exponent: number): string {
  if (exponent === 1) return x;
  if (exponent === 0.5) return b.op('Sqrt', [x]);
  if (exponent === 0.75) {
    const root = b.op('Sqrt', [x]);
    return b.op('Mul', [root, b.op('Sqrt', [root])]);
  }
  if (exponent === 1.75) return b.op('Mul', [x, powerOf(b, x, 0.75)]);
  return b.op('Pow', [x, b.scalar(exponent)]);
}

function denominator(b: GraphBuilder, site: Site): string {
  return powerOf(b, lrnScale(b, site), lrnParameters(site).beta);
}

/**
 * weight · Σ of v over each channel's window (without the channel itself if `others`), + offset: a 1×1 convolution
 * with a banded matrix, which is far faster than ONNX Runtime's LRN kernel. The window of channel c reaches from
 * c − ⌊(size−1)/2⌋ to c + ⌈(size−1)/2⌉; `transposed` sums over the channels whose windows contain c.
 */
export function lrnWindow(
  b: GraphBuilder,
  site: Site,
  v: string,
  weight: number,
  options: { transposed?: boolean; others?: boolean; offset?: number } = {},
): string {
  const channels = site.dim(0, 1);
  const { size } = lrnParameters(site);
  const spatial = Array.from({ length: site.shape(0).length - 2 }, () => 1);
  const { transposed = false, others = false, offset = 0 } = options;
  const matrix = b.table(`band ${[channels, size, weight, transposed, others, spatial]}`, () =>
    float32([channels, channels, ...spatial], band(channels, size, weight, transposed, others)),
  );
  if (offset === 0) return b.op('Conv', [v, matrix]);
  const fill = b.table(`fill ${channels} ${offset}`, () =>
    float32([channels], new Float32Array(channels).fill(offset)),
  );
  return b.op('Conv', [v, matrix, fill]);
}

function band(
  channels: number,
  size: number,
  weight: number,
  transposed: boolean,
  others: boolean,
): Float32Array {
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const matrix = new Float32Array(channels * channels);
  for (let c = 0; c < channels; c++) {
    for (let k = Math.max(0, c - before); k <= Math.min(channels - 1, c + after); k++) {
      if (!(others && k === c)) matrix[transposed ? k * channels + c : c * channels + k] = weight;
    }
  }
  return matrix;
}
