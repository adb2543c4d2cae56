import { fail } from '../../common/error.ts';
import { int64 } from '../../graph/index.ts';
import { sameShape } from '../../operators/index.ts';
import { blobAxis, fixedDims } from './axes.ts';
import type { Blob, Conversion, Converter } from './converter.ts';

interface Placement {
  readonly axis: number;
  readonly numAxes: number;
}

const usual: Placement = { axis: 1, numAxes: 1 };

/** y = x·w (+ b), with w learned or the second bottom, repeated over the axes that it does not have. */
export const scale: Converter = (c) => {
  const p = c.layer.scaleParam;
  const [x] = c.bottoms;
  const second = c.bottoms.length === 2;
  const shapes = second ? undefined : weightShapes(c, p ?? usual);
  const factor = shapes ? c.weight(0, 'weight', ...shapes) : secondBottom(c, p ?? usual);
  if (!p?.biasTerm) return c.result('Mul', [x.value, factor]);
  if (!shapes)
    return fail(c.where, 'bias_term with two bottoms is not supported', 'use a Bias layer behind it');
  const scaled = c.step('scaled', 'Mul', [x.value, factor]);
  c.result('Add', [scaled.value, c.weight(1, 'bias', ...shapes)]);
};

/** y = x + b, with b learned or the second bottom. */
export const bias: Converter = (c) => {
  const p = c.layer.biasParam ?? usual;
  const [x] = c.bottoms;
  const b = c.bottoms.length === 2 ? secondBottom(c, p) : c.weight(0, 'bias', ...weightShapes(c, p));
  c.result('Add', [x.value, b]);
};

/** The blob's own shape, and with ones behind it, so that it broadcasts against x. */
function weightShapes({ where, bottoms }: Conversion, { axis, numAxes }: Placement): [number[], number[]] {
  const { shape } = bottoms[0];
  if (numAxes === 0) return [[], [1]];
  const from = blobAxis(where, axis, shape.length);
  const dims = fixedDims(where, shape, from, numAxes);
  const behind = shape.length - from - dims.length;
  return [dims, [...dims, ...Array<number>(behind).fill(1)]];
}

/** The second bottom, which has the batch and so begins at axis 0, with ones behind it. */
function secondBottom(c: Conversion, { axis }: Placement): string {
  const [x, s] = c.bottoms;
  const from = blobAxis(c.where, axis, x.shape.length);
  const shape = x.shape.slice(from, from + s.shape.length);
  if (!sameShape(shape, s.shape)) {
    fail(c.where, `its second bottom [${s.shape}] does not fit the first [${x.shape}] at axis ${from}`);
  }
  return placed(c, s, x.shape.length);
}

/** A blob with ones behind it, up to the given number of axes. */
export function placed(c: Conversion, { value, shape }: Blob, rank: number): string {
  if (shape.length === rank) return value;
  const axes = Array.from({ length: rank - shape.length }, (_, i) => shape.length + i);
  return c.step('placed', 'Unsqueeze', [value, c.constant('axes', int64([axes.length], axes))]).value;
}
