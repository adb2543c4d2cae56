import { fail } from '../../common/error.ts';
import { type Dim, int64, type Shape, size } from '../../graph/index.ts';
import { dimensions } from '../blob.ts';
import { blobAxis } from './axes.ts';
import type { Conversion, Converter } from './converter.ts';

/** The axes from `axis` to `end_axis` as one. */
export const flatten: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const { axis, endAxis } = c.layer.flattenParam ?? { axis: 1, endAxis: -1 };
  const start = blobAxis(c.where, axis, shape.length);
  const end = blobAxis(c.where, endAxis, shape.length, 'end_axis');
  if (start === 0 && shape.length > 1)
    fail(c.where, 'it would merge the images of a batch', 'flatten from axis 1 on');
  if (end < start) fail(c.where, `end_axis ${end} lies before axis ${start}`);
  if (start === 1 && end === shape.length - 1) return c.result('Flatten', [value], { axis: 1 });
  const merged = size(shape.slice(start, end + 1).map(Number));
  reshapeTo(c, [...shape.slice(0, start), merged, ...shape.slice(end + 1)]);
};

/**
 * The axes from `axis` on (`num_axes` of them) as `shape` says: 0 keeps a dimension, −1 takes what is left. The batch
 * is free: a first dimension that is a number stands for however many images there are.
 */
export const reshape: Converter = (c) => {
  const [{ shape }] = c.bottoms;
  const p = c.layer.reshapeParam ?? fail(c.where, 'reshape_param is missing');
  // Counted between the axes: −1 means behind the last one.
  const begin = p.axis < 0 ? p.axis + shape.length + 1 : p.axis;
  if (begin < 0 || begin > shape.length) fail(c.where, `axis ${p.axis} is not one of ${shape.length} axes`);
  const end = p.numAxes === -1 ? shape.length : begin + p.numAxes;
  if (p.numAxes < -1 || end > shape.length) {
    fail(c.where, `num_axes ${p.numAxes} from axis ${begin} on reaches beyond ${shape.length} axes`);
  }
  const given = dimensions(p.shape, c.where);
  if (given.filter((dim) => dim === -1).length > 1) fail(c.where, 'only one dimension can be -1');
  const middle = given.map((dim, i): Dim => {
    if (dim !== 0) return dim;
    return shape[begin + i] ?? fail(c.where, `dimension ${i} is 0, but its bottom has no axis ${begin + i}`);
  });
  reshapeTo(c, resolve(c, [...shape.slice(0, begin), ...middle, ...shape.slice(end)]));
};

/** The shape with its −1 replaced, and the batch in front. */
function resolve(c: Conversion, target: readonly Dim[]): Shape {
  const [{ shape }] = c.bottoms;
  const inner = size(shape.slice(1).map(Number));
  const [batch, ...rest] = target;
  const open = rest.indexOf(-1);
  const fixed = size(rest.filter((dim) => dim !== -1).map(Number));
  if (open >= 0) rest[open] = inner / fixed;
  const movesImages =
    batch === undefined ||
    rest.some((dim) => typeof dim !== 'number' || !Number.isInteger(dim) || dim < 1) ||
    size(rest.map(Number)) !== inner;
  if (movesImages) {
    const fix = `an image has [${shape.slice(1)}] values, the first dimension is the batch`;
    fail(c.where, `[${shape}] cannot be reshaped to [${target}] image by image`, fix);
  }
  return [shape[0], ...rest];
}

function reshapeTo(c: Conversion, shape: Shape): void {
  const dims = shape.map((dim, i) => (i === 0 ? 0 : Number(dim)));
  c.result('Reshape', [c.bottoms[0].value, c.constant('shape', int64([dims.length], dims))]);
}
