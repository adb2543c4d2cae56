import { fail } from '../../common/error.ts';
import type { JsonField } from '../../common/json.ts';
import type { Extent, PreprocessingFields, ResizeFilter } from '../../graph/index.ts';
import { type Described, normalisation } from '../described.ts';

/** Pillow's numbers for its filters, as `resample` has them. */
const filters: readonly ResizeFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** Processors whose `size`, where it is a single number, is that of the shorter side, and not of a square. */
const ofShorterSide =
  /^(Bit|CLIP|ChineseCLIP|ConvNext|Levit|MobileNetV1|MobileNetV2|MobileViT|PoolFormer|Perceiver)(Image|Feature)/;

/**
 * How photos are prepared by the image processor of transformers that a `preprocessor_config.json` describes: resized
 * (to a square, to its shorter side, or a little larger than the crop), cropped, rescaled, normalised, channels turned.
 * Where a flag is absent, as in old files, the step is done if its numbers are there. Errors: a step that limn does not
 * have.
 */
export function readProcessor(config: JsonField): Omit<Described, 'labels'> {
  const type = textOf(config, 'image_processor_type') ?? textOf(config, 'feature_extractor_type') ?? '';
  const does = (flag: string, otherwise: boolean): boolean => {
    const field = config.at(flag);
    return isAbsent(field) ? otherwise : field.boolean();
  };
  const size = config.at('size');
  const crop = does('do_center_crop', !isAbsent(config.at('crop_size')) && !/^ViT/.test(type))
    ? cropOf(config.at('crop_size'), size)
    : undefined;
  const resize = does('do_resize', !isAbsent(size)) ? resizeOf(config, size, type) : undefined;
  const inner = resize && 'crop' in resize ? resize.crop : crop;
  const flips = does('do_flip_channel_order', false);
  const input = inner ?? (resize?.resizeMode === 'stretch' ? resize.resize : undefined);
  return {
    fields: {
      channels: flips ? 'bgr' : 'rgb',
      resize: resize?.resize,
      resizeMode: resize?.resizeMode,
      resizeFilter: resize && filterOf(config.at('resample')),
      crop: inner,
      ...scalingOf(config, type, does),
    },
    input: [3, input?.height, input?.width],
  };
}

interface Resize {
  readonly resize: Extent;
  readonly resizeMode: 'stretch' | 'shorter-side';
  /** Cut afterwards, whatever the flags. */
  readonly crop?: Extent;
}

function resizeOf(config: JsonField, size: JsonField, type: string): Resize {
  const share = config.at('crop_pct');
  const shorter = shorterSide(size, type);
  if (/^ConvNext/.test(type) && shorter !== undefined) {
    // Large pictures are squeezed, small ones cut from the middle of somewhat larger ones.
    if (shorter >= 384) return { resize: square(shorter), resizeMode: 'stretch' };
    const larger = Math.trunc(shorter / (isAbsent(share) ? 224 / 256 : share.number()));
    return { resize: square(larger), resizeMode: 'shorter-side', crop: square(shorter) };
  }
  if (/^Levit/.test(type) && shorter !== undefined)
    return { resize: square(Math.trunc((256 / 224) * shorter)), resizeMode: 'shorter-side' };
  if (/^PoolFormer/.test(type) && !isAbsent(share)) {
    const side = shorter ?? extentOf(size).height;
    return { resize: square(Math.trunc(side / share.number())), resizeMode: 'shorter-side' };
  }
  if (shorter !== undefined) return { resize: square(shorter), resizeMode: 'shorter-side' };
  return { resize: extentOf(size), resizeMode: 'stretch' };
}

/** The length of the shorter side; undefined where height and width are both said. */
function shorterSide(size: JsonField, type: string): number | undefined {
  if (typeof size.value === 'number') return ofShorterSide.test(type) ? size.count() : undefined;
  const shortest = size.at('shortest_edge');
  if (isAbsent(shortest)) return undefined;
  if (!isAbsent(size.at('longest_edge')))
    fail(size.where, 'photos are resized between two bounds, which limn does not', 'give resize and crop');
  return shortest.count();
}

function extentOf(size: JsonField): Extent {
  if (typeof size.value === 'number') return square(size.count());
  if (Array.isArray(size.value)) {
    const [height, width = height] = size.list((item) => item.count());
    return { height, width };
  }
  return { height: size.at('height').count(), width: size.at('width').count() };
}

function cropOf(crop: JsonField, size: JsonField): Extent {
  const given = isAbsent(crop) ? size : crop;
  const shortest = typeof given.value === 'object' ? given.at('shortest_edge') : undefined;
  return shortest && !isAbsent(shortest) ? square(shortest.count()) : extentOf(given);
}

const filterOf = (resample: JsonField): ResizeFilter =>
  isAbsent(resample) ? 'bilinear' : (filters[resample.number()] ?? resample.wrong('a filter from 0 to 5'));

function scalingOf(
  config: JsonField,
  type: string,
  does: (flag: string, otherwise: boolean) => boolean,
): Pick<PreprocessingFields, 'mean' | 'std' | 'scale'> {
  const rescale = config.at('rescale_factor');
  const factor = does('do_rescale', true) ? (isAbsent(rescale) ? 1 / 255 : rescale.number()) : 1;
  const offset = does('rescale_offset', false) ? 1 : 0;
  const [mean, std] = ['image_mean', 'image_std'].map((name) => config.at(name));
  if (!does('do_normalize', !isAbsent(mean)))
    return normalisation({ mean: [0, 0, 0], std: [1, 1, 1] }, factor, offset);
  const three = (field: JsonField): number[] => {
    const list = Array.isArray(field.value) ? field.list((item) => item.number()) : [field.number()];
    return list.length === 1 ? [list[0], list[0], list[0]] : list;
  };
  // EfficientNet's processor divides once more.
  const isTwice = /^EfficientNet/.test(type) && does('include_top', true);
  const deviation = three(std).map((value) => (isTwice ? value * value : value));
  return normalisation({ mean: three(mean), std: deviation }, factor, offset);
}

const square = (side: number): Extent => ({ height: side, width: side });

export const isAbsent = ({ value }: JsonField): boolean => value === undefined || value === null;

const textOf = (config: JsonField, name: string): string | undefined =>
  isAbsent(config.at(name)) ? undefined : config.at(name).string();
