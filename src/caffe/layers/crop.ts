import { create } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { int64 } from '../../graph/index.ts';
import { CropParameterSchema, TileParameterSchema } from '../generated/caffe_pb.ts';
import { blobAxis, fixedDims } from './axes.ts';
import type { Converter } from './converter.ts';

/** The first bottom cut to the size of the second from `axis` on, `offset` elements from its start (one for all axes, or one each). */
export const crop: Converter = (c) => {
  const [{ value, shape }, wanted] = c.bottoms;
  const p = c.layer.cropParam ?? create(CropParameterSchema);
  const from = blobAxis(c.where, p.axis, shape.length);
  if (wanted.shape.length !== shape.length) {
    fail(c.where, `its bottoms have different numbers of axes, [${shape}] and [${wanted.shape}]`);
  }
  const [sizes, cuts] = [fixedDims(c.where, shape, from), fixedDims(c.where, wanted.shape, from)];
  if (p.offset.length > 1 && p.offset.length !== sizes.length) {
    fail(c.where, `${p.offset.length} offset for ${sizes.length} axes`, 'give one for all, or one each');
  }
  const starts = sizes.map((_, i) => p.offset[i] ?? p.offset[0] ?? 0);
  if (starts.some((start, i) => start + cuts[i] > sizes[i])) {
    fail(c.where, `[${wanted.shape}] at offset ${starts} reaches beyond [${shape}]`);
  }
  const list = (role: string, values: readonly number[]) => c.constant(role, int64([values.length], values));
  const ends = starts.map((start, i) => start + cuts[i]);
  const axes = sizes.map((_, i) => from + i);
  c.result('Slice', [value, list('starts', starts), list('ends', ends), list('axes', axes)]);
};

/** `tiles` copies of the bottom behind each other along `axis`. */
export const tile: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const { axis: given, tiles } = c.layer.tileParam ?? create(TileParameterSchema);
  const axis = blobAxis(c.where, given, shape.length);
  if (axis === 0) fail(c.where, 'it repeats the images of a batch', 'tile along axis 1 or later');
  if (tiles < 1) fail(c.where, `tiles must be at least 1, got ${tiles}`);
  if (tiles === 1) return c.result('Identity', [value]);
  c.result('Concat', Array<string>(tiles).fill(value), { axis });
};
