import { fail } from '../common/error.ts';
import type { Preprocessing, Tensor, ValueInfo } from '../graph/index.ts';
import type { NetParameter, TransformationParameter } from './generated/caffe_pb.ts';

/** A size in pixels: one number where height and width are equal. */
export type Size = number | { readonly height: number; readonly width: number };

/** What the user says about the way from a photo to the network's input. */
export interface PreprocessingWishes {
  readonly mean?: Tensor<'float32'> | readonly number[];
  /** The mean image's file, for errors. */
  readonly meanName?: string;
  readonly resize?: Size;
  readonly crop?: Size;
  readonly channels?: Preprocessing['channels'];
  readonly scale?: number;
}

/**
 * How photos become the input of a network, as Caffe's users do it: stretched (to the mean image's size; to 256 where
 * a crop is asked for; else straight to the input's size), BGR, the mean subtracted, the centre cut out. Mean values
 * and scale of the network's own data layer hold where none are given. Undefined for inputs that are no images.
 * Errors: a crop, mean or channel order that does not fit the input.
 */
export function preprocessingOf(
  net: NetParameter,
  input: ValueInfo,
  wishes: PreprocessingWishes,
): Preprocessing | undefined {
  const [, channels, height, width] = input.shape.map(Number);
  if (input.shape.length !== 4 || (channels !== 1 && channels !== 3)) {
    const asked = Object.entries(wishes).find(([name, value]) => name in plain && value !== undefined);
    if (asked)
      fail(`input '${input.name}'`, `${asked[0]} is given, but its shape [${input.shape}] is no photo's`);
    return undefined;
  }
  const order = wishes.channels ?? (channels === 1 ? 'gray' : 'bgr');
  if ((order === 'gray') !== (channels === 1)) {
    fail(
      `input '${input.name}'`,
      `channels ${order} do not fit an input of ${channels} channel${channels === 1 ? '' : 's'}`,
    );
  }
  const size = { height, width };
  const crop = wishes.crop === undefined ? undefined : sizeOf(wishes.crop);
  if (crop && (crop.height !== height || crop.width !== width)) {
    const fix = `crop to ${height}×${width}, or give another input shape`;
    fail(
      `input '${input.name}'`,
      `a crop of ${crop.height}×${crop.width} is not its size, ${height}×${width}`,
      fix,
    );
  }
  const transform = net.layer.find((layer) => layer.transformParam)?.transformParam;
  const meanName = wishes.meanName ?? 'mean';
  const mean = checkedMean(wishes.mean ?? ownMean(transform), channels, meanName);
  const resize = resizeOf(wishes, size, mean);
  if (resize.height < height || resize.width < width) {
    const fix = 'resize to at least the size of the input';
    fail('resize', `${resize.height}×${resize.width} is smaller than the input, ${height}×${width}`, fix);
  }
  if (
    mean &&
    'data' in mean &&
    ![resize, size].some((s) => s.height === mean.shape[1] && s.width === mean.shape[2])
  ) {
    const sizes = `photos are resized to ${resize.height}×${resize.width}, the input is ${height}×${width}`;
    fail(meanName, `the mean image is ${mean.shape[1]}×${mean.shape[2]}, but ${sizes}`, 'resize to its size');
  }
  const scale = wishes.scale ?? transform?.scale ?? 1;
  return {
    resize: { ...resize, mode: 'stretch' },
    ...((resize.height !== height || resize.width !== width) && { crop: size }),
    channels: order,
    ...(mean && { mean }),
    ...(scale !== 1 && { scale }),
  };
}

const plain: Readonly<Record<string, true>> = {
  mean: true,
  resize: true,
  crop: true,
  channels: true,
  scale: true,
};

const sizeOf = (size: Size) => (typeof size === 'number' ? { height: size, width: size } : size);

function resizeOf(
  wishes: PreprocessingWishes,
  input: { height: number; width: number },
  mean: Preprocessing['mean'],
) {
  if (wishes.resize !== undefined) return sizeOf(wishes.resize);
  if (mean && 'data' in mean) return { height: mean.shape[1], width: mean.shape[2] };
  return wishes.crop === undefined
    ? input
    : { height: Math.max(256, input.height), width: Math.max(256, input.width) };
}

function ownMean(transform: TransformationParameter | undefined): readonly number[] | undefined {
  return transform?.meanValue.length ? transform.meanValue : undefined;
}

/** The mean, one number for each channel; a single one is meant for all. */
function checkedMean(mean: Preprocessing['mean'], channels: number, name: string): Preprocessing['mean'] {
  if (mean === undefined) return undefined;
  const isImage = 'data' in mean;
  if (!isImage && mean.length === 1) return Array<number>(channels).fill(mean[0]);
  const count = isImage ? mean.shape[0] : mean.length;
  if (count === channels) return mean;
  return fail(
    name,
    `a mean of ${count} channels does not fit an input of ${channels}`,
    'give one number per channel',
  );
}
