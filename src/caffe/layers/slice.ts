import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { int64 } from '../../graph/index.ts';
import { SliceParameterSchema } from '../generated/caffe_pb.ts';
import { blobAxis, fixedDims } from './axes.ts';
import type { Converter } from './converter.ts';

/** Parts of a blob along an axis, cut at `slice_point`s or into equal ones, one for each top. */
export const slice: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const p = c.layer.sliceParam;
  const older = p !== undefined && isFieldSet(p, SliceParameterSchema.field.sliceDim);
  if (older && isFieldSet(p, SliceParameterSchema.field.axis)) {
    fail(c.where, 'slice_dim and axis are both given', 'keep axis');
  }
  const axis = blobAxis(c.where, older ? p.sliceDim : (p?.axis ?? 1), shape.length);
  const [length] = fixedDims(c.where, shape, axis, 1);
  const count = c.layer.top.length;
  const points = p?.slicePoint ?? [];
  if (points.length > 0 && points.length !== count - 1) {
    fail(c.where, `${points.length} slice_point for ${count} tops`, `${count - 1} are needed`);
  }
  if (points.length === 0 && length % count !== 0) {
    fail(c.where, `an axis of ${length} cannot be cut into ${count} equal parts`, 'give slice_point');
  }
  const ends =
    points.length > 0
      ? [...points, length]
      : Array.from({ length: count }, (_, i) => (length / count) * (i + 1));
  const sizes = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  if (sizes.some((size) => size <= 0)) {
    fail(c.where, `slice_point ${points} do not ascend within an axis of ${length}`);
  }
  if (count === 1) return c.result('Identity', [value]);
  c.result('Split', [value, c.constant('sizes', int64([count], sizes))], { axis });
};

export const split: Converter = (c) => c.copies(c.bottoms[0].value);
