import { fail } from '../../common/error.ts';
import type { Planes } from '../../data/pictures/content.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { View } from './view.ts';

/** What is done to a picture's numbers: (x − mean) · scale. Plain data. */
export interface Transform {
  readonly scale: number;
  /** A mean image C×H×W of the whole picture's size, of which the view's part counts; or a value for all or each channel. */
  readonly mean?: Tensor<'float32'> | readonly number[];
  /** What errors call the mean. */
  readonly meanName: string;
}

/** C×H×W of what a network gets of pictures; see {@link checkPlanes}. */
export function viewShape(
  { channels, height, width }: Pick<Planes, 'channels' | 'height' | 'width'>,
  crop: number | undefined,
): readonly number[] {
  return [channels, crop ?? height, crop ?? width];
}

/**
 * Whether a picture can become a network's input of C×H×W. Errors name it: smaller than the crop, another size where
 * nothing is cropped, another number of channels, or not of the mean's size.
 */
export function checkPlanes(
  { channels, height, width }: Planes,
  { mean, meanName }: Transform,
  crop: number | undefined,
  shape: readonly number[],
  name: string,
): void {
  const [c, h, w] = shape;
  const size = `${channels}×${height}×${width}`;
  if (crop !== undefined && (height < crop || width < crop)) {
    fail(name, `${size} is smaller than crop_size ${crop}`, 'crop less, or make the pictures larger');
  }
  if (channels !== c || (crop === undefined && (height !== h || width !== w))) {
    fail(
      name,
      `${size}, where the first picture is ${crop === undefined ? shape.join('×') : `${c} channels`}`,
      'bring all to one size',
    );
  }
  if (!mean) return;
  if (!('shape' in mean)) {
    if (mean.length === 1 || mean.length === channels) return;
    fail(meanName, `${mean.length} mean values for ${channels} channels`, 'give one, or one per channel');
  }
  if (mean.shape[0] !== channels || mean.shape[1] !== height || mean.shape[2] !== width) {
    fail(
      name,
      `${size}, but the mean image ${meanName} is ${mean.shape.join('×')}`,
      'make the mean of pictures of this size',
    );
  }
}

/**
 * Writes a view of planes to `out` from `offset` on, C×height×width, exactly as Caffe's DataTransformer computes it in
 * float32: (x − mean) · scale, the mean image taken where the view lies in the picture.
 */
export function writeView(
  { channels, height, width, data }: Planes,
  view: View,
  { scale, mean }: Transform,
  out: Float32Array,
  offset: number,
): void {
  const factor = Math.fround(scale);
  const step = view.mirror ? -1 : 1;
  let to = view.mirror ? offset + view.width - 1 : offset;
  for (let c = 0; c < channels; c++) {
    const value = mean && !('shape' in mean) ? Math.fround(mean[mean.length === 1 ? 0 : c]) : 0;
    for (let y = view.top; y < view.top + view.height; y++, to += view.width) {
      const from = (c * height + y) * width + view.left;
      if (mean && 'shape' in mean) writeRow(data, from, mean.data, factor, out, to, view.width, step);
      else writeFlatRow(data, from, value, factor, out, to, view.width, step);
    }
  }
}

// Functions of their own: the loops that count are compiled once, with nothing to decide in them.
function writeRow(
  data: Planes['data'],
  from: number,
  mean: Float32Array,
  factor: number,
  out: Float32Array,
  to: number,
  count: number,
  step: number,
): void {
  for (let i = from, o = to; i < from + count; i++, o += step) {
    out[o] = Math.fround(data[i] - mean[i]) * factor;
  }
}

function writeFlatRow(
  data: Planes['data'],
  from: number,
  mean: number,
  factor: number,
  out: Float32Array,
  to: number,
  count: number,
  step: number,
): void {
  for (let i = from, o = to; i < from + count; i++, o += step) out[o] = Math.fround(data[i] - mean) * factor;
}
