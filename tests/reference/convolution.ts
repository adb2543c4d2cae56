import { at, atOr, build, indices, type NdArray, offset } from './array.ts';

export interface ConvolutionGeometry {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All befores, then all afters. */
  readonly pads: readonly number[];
  readonly group: number;
}

/** x N×C×…, w K×C/g×…, bias K: Σ x·w over each window, literally. */
export function convolution(
  x: NdArray,
  w: NdArray,
  bias: NdArray | undefined,
  g: ConvolutionGeometry,
): NdArray {
  const [outputs, perGroup, ...kernel] = w.shape;
  const spatial = kernel.map((k, i) => {
    const extent = (k - 1) * g.dilations[i] + 1;
    return Math.floor((x.shape[i + 2] + g.pads[i] + g.pads[i + kernel.length] - extent) / g.strides[i]) + 1;
  });
  const taps = indices(kernel);
  return build([x.shape[0], outputs, ...spatial], ([n, k, ...o]) => {
    const group = Math.floor(k / (outputs / g.group));
    let sum = bias ? bias.data[k] : 0;
    for (let c = 0; c < perGroup; c++) {
      for (const t of taps) {
        const place = o.map((at, i) => at * g.strides[i] - g.pads[i] + t[i] * g.dilations[i]);
        sum += atOr(x, [n, group * perGroup + c, ...place], 0) * at(w, [k, c, ...t]);
      }
    }
    return sum;
  });
}

/** x N×C×…, w C×K/g×…, bias K: every input adds its multiple of the kernel to the output (of the given size). */
export function transposedConvolution(
  x: NdArray,
  w: NdArray,
  bias: NdArray | undefined,
  g: ConvolutionGeometry,
  size: readonly number[],
): NdArray {
  const [channels, perGroup, ...kernel] = w.shape;
  const taps = indices(kernel);
  const y = build([x.shape[0], perGroup * g.group, ...size], ([, k]) => (bias ? bias.data[k] : 0));
  for (const [n, c, ...from] of indices(x.shape)) {
    const group = Math.floor(c / (channels / g.group));
    for (let k = 0; k < perGroup; k++) {
      for (const t of taps) {
        const place = from.map((o, i) => o * g.strides[i] - g.pads[i] + t[i] * g.dilations[i]);
        if (place.some((p, i) => p < 0 || p >= size[i])) continue;
        const value = at(x, [n, c, ...from]) * at(w, [c, k, ...t]);
        y.data[offset(y.shape, [n, group * perGroup + k, ...place])] += value;
      }
    }
  }
  return y;
}
