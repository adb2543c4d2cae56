import { create, isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { int64 } from '../../graph/index.ts';
import { type InterpParameter, InterpParameterSchema } from '../generated/caffe_pb.ts';
import type { Conversion, Converter } from './converter.ts';
import { imageDims } from './spatial.ts';

/**
 * DeepLab's Interp: an image of another size, linearly between pixels, of which the corners stay where they are. It is
 * cropped first where pad_beg and pad_end are negative.
 */
export const interp: Converter = (c) => {
  const p = c.layer.interpParam ?? create(InterpParameterSchema);
  const [, ...extent] = imageDims(c.where, c.bottoms[0]);
  const [first, behind] = [-p.padBeg, -p.padEnd];
  if (first < 0 || behind < 0) fail(c.where, 'pad_beg and pad_end can only cut pixels off', 'give at most 0');
  const cropped = extent.map((size) => size - first - behind);
  if (cropped.some((size) => size < 1)) {
    fail(c.where, `pad_beg ${p.padBeg} and pad_end ${p.padEnd} leave nothing of ${extent.join('×')} pixels`);
  }
  const sizes = sizesOf(c, p, cropped);
  const list = (role: string, values: readonly number[]) => c.constant(role, int64([values.length], values));
  const ends = extent.map((size) => size - behind);
  const [{ value }] = c.bottoms;
  const image =
    first === 0 && behind === 0
      ? value
      : c.step('crop', 'Slice', [
          value,
          list('starts', [first, first]),
          list('ends', ends),
          list('axes', [2, 3]),
        ]).value;
  c.result('Resize', [image, '', '', list('sizes', sizes)], {
    axes: [2, 3],
    mode: 'linear',
    coordinate_transformation_mode: 'align_corners',
  });
};

/** Height and width as asked for, or those that a factor gives: between n pixels lie n − 1 steps. */
function sizesOf({ where }: Conversion, p: InterpParameter, sizes: readonly number[]): readonly number[] {
  const { height, width, zoomFactor, shrinkFactor } = InterpParameterSchema.field;
  const [zooms, shrinks] = [isFieldSet(p, zoomFactor), isFieldSet(p, shrinkFactor)];
  const given = isFieldSet(p, height) && isFieldSet(p, width);
  if (!zooms && !shrinks && !given) {
    fail(where, 'nothing says its size', 'give height and width, zoom_factor or shrink_factor');
  }
  // Caffe's order: both factors count only where no size is given.
  const isSize = given && zooms === shrinks;
  const numbers = isSize ? [p.height, p.width] : [p.zoomFactor, p.shrinkFactor];
  const wrong = numbers.find((number) => number < 1);
  if (wrong !== undefined) fail(where, `its sizes and factors must be at least 1, got ${wrong}`);
  if (isSize) return [p.height, p.width];
  return sizes.map((size) => Math.floor((size - 1) / p.shrinkFactor) * p.zoomFactor + 1);
}
