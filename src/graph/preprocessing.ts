import { fail, failRequest } from '../common/error.ts';
import { short } from '../common/format.ts';
import { field, type Words, words } from '../common/words.ts';
import type { ValueInfo } from './graph.ts';
import type { Preprocessing, ResizeFilter, ResizeMode } from './info.ts';
import type { Tensor } from './tensor.ts';

/** A size in pixels. */
export interface Extent {
  readonly height: number;
  readonly width: number;
}

/** A size in pixels: one number where height and width are equal. */
export type Size = number | Extent;

/** Height and width of a size, of which one number stands for both. */
export const extentOf = (size: Size): Extent =>
  typeof size === 'number' ? { height: size, width: size } : size;

/** What is said about the way from a photo to a network's input, field by field; the rest follows from the network. */
export interface PreprocessingFields {
  /** The mean image's size unless given, or else the input's. */
  readonly resize?: Size | undefined;
  /** `stretch` unless given. */
  readonly resizeMode?: ResizeMode | undefined;
  /** OpenCV's bilinear unless given. */
  readonly resizeFilter?: ResizeFilter | undefined;
  /** The input's size, and nothing else. */
  readonly crop?: Size | undefined;
  readonly cropRounding?: 'even' | undefined;
  readonly channels?: Preprocessing['channels'] | undefined;
  /** One number for all channels or one for each, or an image C×H×W. */
  readonly mean?: readonly number[] | Tensor<'float32'> | undefined;
  readonly scale?: number | undefined;
  /** One number for all channels or one for each. */
  readonly std?: readonly number[] | undefined;
}

/** What is known of a network besides the fields that say how photos are prepared. */
export interface PreprocessingContext {
  /** What messages call the network: its file. */
  readonly name: string;
  /** The order of three channels unless a field says it. */
  readonly order: 'bgr' | 'rgb';
  /** What holds where no field says otherwise: what the model's own file says. */
  readonly known?: PreprocessingFields | undefined;
  /** What messages call the mean: its file. */
  readonly meanName?: string | undefined;
  /** Makes a mean image as large as the resized photos; images of another size are refused without it. */
  readonly fitMean?:
    | ((mean: Tensor<'float32'>, height: number, width: number) => Tensor<'float32'>)
    | undefined;
}

/**
 * How photos become the input of a network: what the fields say, else what is known, else what the input asks for.
 * Undefined for inputs that are no images of 1 channel or 3.
 * Errors, of kind `request`, name the field: one that fits the input or another field not, numbers for pixels from 0 to 1,
 * any field where the network takes no photos. Of kind `input`: a mean image that does not fit.
 */
export function preprocessingFor(
  { shape }: ValueInfo,
  fields: PreprocessingFields,
  { name, order, known = {}, meanName, fitMean }: PreprocessingContext,
): Preprocessing | undefined {
  const [, depth, height, width] = shape;
  if (shape.length !== 4 || (depth !== 1 && depth !== 3)) {
    const given = Object.entries(fields).find(([, value]) => value !== undefined);
    if (given) {
      const what = `${name} takes [${shape}], not photos of 3 channels or 1`;
      failRequest(words`${field(given[0])}`, what, 'leave it out');
    }
    return undefined;
  }
  const size = typeof height === 'number' && typeof width === 'number' ? { height, width } : undefined;
  const channels = fields.channels ?? known.channels ?? (depth === 1 ? 'gray' : order);
  if ((channels === 'gray') !== (depth === 1)) {
    failRequest(words`${field('channels')}`, `${channels} for an input of ${plural(depth)}`);
  }
  const mean = perChannel('mean', fields.mean ?? known.mean, depth, meanName);
  const std = numbersPerChannel('std', fields.std ?? known.std, depth);
  if (std?.includes(0)) failRequest(words`${field('std')}`, 'one of its numbers is 0');
  refuseFractions(mean, std);

  const given = fields.resize ?? known.resize;
  const image = isMeanImage(mean) ? { height: mean.shape[1], width: mean.shape[2] } : undefined;
  const resize = given === undefined ? (image ?? size) : extentOf(given);
  const cut = fields.crop ?? known.crop;
  const crop = cut === undefined ? size : extentOf(cut);
  if (size && crop && !sameExtent(crop, size)) {
    failRequest(words`${field('crop')}`, `${text(crop)}, the network takes ${text(size)}`);
  }
  if (resize && crop && (crop.height > resize.height || crop.width > resize.width)) {
    failRequest(words`${field('resize')}`, `${text(resize)} is less than the crop, ${text(crop)}`);
  }
  const mode = fields.resizeMode ?? known.resizeMode ?? 'stretch';
  const fitted =
    isMeanImage(mean) && resize && !sameExtent(extentOfImage(mean), resize)
      ? (fitMean?.(mean, resize.height, resize.width) ?? checkedMean(mean, resize, crop, meanName))
      : mean;
  const scale = fields.scale ?? known.scale;
  // Where photos are resized to it exactly, nothing is left to be cut.
  const cuts = crop && !(resize && sameExtent(crop, resize) && mode !== 'shorter-side');
  const filter = fields.resizeFilter ?? known.resizeFilter;
  const rounding = fields.cropRounding ?? known.cropRounding;
  return {
    ...(resize && { resize: { ...resize, mode, ...(filter && { filter }) } }),
    ...(cuts && { crop: { ...crop, ...(rounding && { rounding }) } }),
    channels,
    ...(fitted !== undefined && { mean: fitted }),
    ...(scale !== undefined && scale !== 1 && { scale }),
    ...(std && { std }),
  };
}

/** What a model says already, as fields. */
export const fieldsOf = ({ resize, crop, ...rest }: Preprocessing): PreprocessingFields => ({
  ...rest,
  resize: resize && { height: resize.height, width: resize.width },
  resizeMode: resize?.mode,
  resizeFilter: resize?.filter,
  crop: crop && { height: crop.height, width: crop.width },
  cropRounding: crop?.rounding,
});

/** Whether a mean is an image rather than numbers for the channels. */
export const isMeanImage = (mean: Preprocessing['mean']): mean is Tensor<'float32'> =>
  mean !== undefined && 'data' in mean;

/** A mean of as many channels as the input has. */
function perChannel(
  name: string,
  mean: Preprocessing['mean'],
  depth: number,
  file: string | undefined,
): Preprocessing['mean'] {
  if (mean === undefined || !isMeanImage(mean)) return numbersPerChannel(name, mean, depth);
  if (mean.shape.length === 3 && mean.shape[0] === depth) return mean;
  return fail(
    placeOfMean(file),
    `a mean image of [${mean.shape}] for an input of ${plural(depth)}`,
    `give one of ${plural(depth)}`,
  );
}

function numbersPerChannel(
  name: string,
  values: readonly number[] | undefined,
  depth: number,
): readonly number[] | undefined {
  if (values === undefined) return undefined;
  if (values.length !== 1 && values.length !== depth) {
    failRequest(words`${field(name)}`, `${values.length} numbers for ${plural(depth)}`);
  }
  return values.length === 1 ? Array.from({ length: depth }, () => values[0]) : values;
}

/** PyTorch states these numbers for pixels from 0 to 1; limn takes them for pixels from 0 to 255. */
function refuseFractions(mean: Preprocessing['mean'], std: readonly number[] | undefined): void {
  if (!mean || isMeanImage(mean) || !std) return;
  const fractions = [...mean, ...std].every((x) => x >= 0 && x < 1) && mean.some((x) => x > 0);
  if (!fractions) return;
  const whole = (values: readonly number[]) => values.map((x) => short(x * 255)).join(',');
  failRequest(
    words`${field('mean')}`,
    'these are for pixels from 0 to 1',
    words`from 0 to 255: ${field('mean', whole(mean))} ${field('std', whole(std))}`,
  );
}

/** Errors: an image as large neither as the resized photos nor as what is cut from them. */
function checkedMean(
  mean: Tensor<'float32'>,
  resize: Extent,
  crop: Extent | undefined,
  file: string | undefined,
): Tensor<'float32'> {
  const own = extentOfImage(mean);
  if (crop && sameExtent(own, crop)) return mean;
  const sizes = `photos are resized to ${text(resize)}${crop ? `, the input is ${text(crop)}` : ''}`;
  return fail(
    placeOfMean(file),
    `the mean image is ${text(own)}, but ${sizes}`,
    words`set ${field('resize')} to its size`,
  );
}

const placeOfMean = (file: string | undefined): Words => file ?? words`${field('mean')}`;
const extentOfImage = ({ shape: [, height, width] }: Tensor): Extent => ({ height, width });
const sameExtent = (a: Extent, b: Extent): boolean => a.height === b.height && a.width === b.width;
const text = ({ height, width }: Extent): string => `${height}×${width}`;
const plural = (channels: number): string => `${channels} channel${channels === 1 ? '' : 's'}`;
