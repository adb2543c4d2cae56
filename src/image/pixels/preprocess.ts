import { fail } from '../../common/error.ts';
import type { Preprocessing } from '../../graph/info.ts';
import type { Extent } from '../../graph/preprocessing.ts';
import { float32, type Tensor } from '../../graph/tensor.ts';
import { cropImage, type Image, mirrorImage, toGrey } from '../image.ts';
import { resizeMap } from '../maps/map.ts';
import { type AffineMap, compose, identityMap, moving, scaling } from './affine.ts';
import { type CropPosition, type Crops, cropPositions } from './crops.ts';
import { paddedSize, padImage } from './pad.ts';
import { framedPhoto, replicateBorder } from './replicate.ts';
import { resample } from './resample.ts';
import { coveringSize, resizeImage } from './resize.ts';

/** Which parts of photos become inputs, and what errors call the photos. */
export interface PreprocessOptions {
  /** `center` unless given; `ten` makes ten consecutive inputs of each photo. */
  readonly crops?: Crops;
  /** What errors call the photos: one name per photo, or one for all. */
  readonly names?: readonly string[] | string;
}

/** A photo at its network size before numbers are made of it, with its crops. */
interface Prepared {
  readonly picture: Image;
  readonly positions: readonly CropPosition[];
  readonly height: number;
  readonly width: number;
}

/** How many network inputs one photo becomes. */
export function inputsPerPhoto(crops: Crops = 'center'): number {
  return crops === 'ten' ? 10 : 1;
}

/**
 * Photos → the network's input, float32 N×C×H×W (N = photos · crops): resized, mean subtracted, cropped, then
 * (x − mean) · scale / std. A mean image belongs to the resized photo (Caffe subtracts before it crops) or has
 * the size of the crop; any other size is an error. Photos of different input sizes are one, too.
 *
 * @example
 * ```ts
 * import { preprocess } from 'limn';
 * import { decodeFile } from 'limn/node';
 *
 * const photo = await decodeFile('demo/astronaut-face.png');
 * const input = preprocess([photo], {
 *   resize: { height: 64, width: 64, mode: 'stretch' },
 *   channels: 'bgr',
 *   mean: [104, 117, 123],
 * });
 * console.log(input.shape);
 * ```
 */
export function preprocess(
  photos: readonly Image[],
  how: Preprocessing,
  options: PreprocessOptions = {},
): Tensor<'float32'> {
  if (photos.length === 0) fail('preprocess', 'no photos given');
  const crops = options.crops ?? 'center';
  const channels = how.channels === 'gray' ? 1 : 3;
  let data: Float32Array | undefined;
  let size: { height: number; width: number } | undefined;
  photos.forEach((photo, n) => {
    const name = nameOf(options.names, n);
    const prepared = prepare(photo, how, crops, name);
    const { height, width } = prepared;
    const plane = height * width;
    const each = prepared.positions.length * channels * plane;
    size ??= { height, width };
    if (size.height !== height || size.width !== width) {
      fail(
        name,
        `its input is ${height}×${width}, that of the first photo ${size.height}×${size.width}`,
        'give the model a resize or a crop, or the photos one by one',
      );
    }
    data ??= new Float32Array(photos.length * each);
    writeInputs(prepared, how, data, n * each, name);
  });
  const { height, width } = size!;
  return float32([photos.length * inputsPerPhoto(crops), channels, height, width], data!);
}

/**
 * What the network sees of a photo, as pictures to show beside a heatmap: resized, cropped, mirrored where the
 * crop is; in colour also where the network sees grey.
 */
export function networkViews(photo: Image, how: Preprocessing, crops: Crops = 'center'): Image[] {
  return viewsOf(prepare(photo, { ...how, channels: 'rgb' }, crops, 'photo'));
}

const viewsOf = ({ picture, positions, height, width }: Prepared): Image[] =>
  positions.map(({ top, left, mirror }) => {
    const view = cropImage(picture, { top, left, height, width });
    return mirror ? mirrorImage(view) : view;
  });

/** The inputs of a photo as {@link preprocess} makes them, and its {@link networkViews}, for which it is not resized a second time. */
export function preprocessShown(
  photo: Image,
  how: Preprocessing,
  crops: Crops,
  name: string,
): { readonly input: Tensor<'float32'>; views(): Image[] } {
  const prepared = prepare(photo, how, crops, name);
  const { positions, height, width } = prepared;
  const channels = how.channels === 'gray' ? 1 : 3;
  const data = new Float32Array(positions.length * channels * height * width);
  writeInputs(prepared, how, data, 0, name);
  return {
    input: float32([positions.length, channels, height, width], data),
    views: () => (channels === 1 ? networkViews(photo, how, crops) : viewsOf(prepared)),
  };
}

/**
 * Where the pixels of a photo of some size come to lie in the network's input, of its middle crop. Relevance at the input is drawn
 * back onto the photo by the way back.
 */
export function inputTransform(
  photo: { readonly height: number; readonly width: number },
  how: Pick<Preprocessing, 'resize' | 'crop'>,
): AffineMap {
  const { resize } = how;
  if (resize?.mode === 'replicate') {
    const framed = framedPhoto(photo, resize, how.crop);
    const whole = scaling(framed.width / photo.width, framed.height / photo.height);
    const placed = compose(moving(framed.left, framed.top), whole);
    return inCrop(placed, resize, how.crop);
  }
  let { height, width } = photo;
  let map: AffineMap = identityMap;
  if (resize?.mode === 'pad') {
    const padded = paddedSize(photo, resize.height, resize.width);
    map = moving(padded.left, padded.top);
    ({ height, width } = padded);
  }
  if (resize) {
    const size = resize.mode === 'shorter-side' ? coveringSize(photo, resize.height, resize.width) : resize;
    map = compose(scaling(size.width / width, size.height / height), map);
    ({ height, width } = size);
  }
  const crop = how.crop ?? (resize?.mode === 'shorter-side' ? resize : undefined);
  return inCrop(map, { height, width }, crop);
}

/** What `map` is from the upper left of the middle crop on. */
function inCrop(map: AffineMap, resized: Extent, crop: Preprocessing['crop']): AffineMap {
  if (!crop) return map;
  const [{ top, left }] = cropPositions(resized, crop, 'center');
  return compose(moving(-left, -top), map);
}

/** A mean image C×h×w brought to another size, for a model whose photos are resized differently. */
export function resizeMean(mean: Tensor<'float32'>, height: number, width: number): Tensor<'float32'> {
  const [channels, h, w] = meanShape(mean);
  const data = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    const plane = { height: h, width: w, data: mean.data.subarray(c * h * w, (c + 1) * h * w) };
    data.set(resizeMap(plane, height, width).data, c * height * width);
  }
  return float32([channels, height, width], data);
}

function prepare(photo: Image, how: Preprocessing, crops: Crops, name: string): Prepared {
  // Grey first, then resized: the order in which Caffe reads a grey image.
  let picture = how.channels === 'gray' ? toGrey(photo) : photo;
  let crop = how.crop;
  if (how.resize) {
    const { height, width, mode, filter } = how.resize;
    const resized = (source: Image, to: Extent): Image =>
      filter ? resample(source, to.height, to.width, filter) : resizeImage(source, to.height, to.width);
    if (mode === 'shorter-side') {
      picture = resized(picture, coveringSize(picture, height, width));
      crop ??= { height, width };
    } else if (mode === 'replicate') {
      const framed = framedPhoto(picture, how.resize, crop);
      picture = replicateBorder(resized(picture, framed), height, width, framed);
    } else {
      const whole = mode === 'pad' ? padImage(picture, height, width) : picture;
      picture = resized(whole, { height, width });
    }
  }
  const { height, width } = crop ?? picture;
  return { picture, positions: cropPositions(picture, crop ?? picture, crops, name), height, width };
}

function writeInputs(
  prepared: Prepared,
  how: Preprocessing,
  out: Float32Array,
  offset: number,
  name: string,
): void {
  const { picture, positions, height, width } = prepared;
  const channels = how.channels === 'gray' ? 1 : 3;
  const plane = height * width;
  const scale = how.scale ?? 1;
  const mean = how.mean && 'shape' in how.mean ? how.mean : undefined;
  const means = mean ? undefined : perChannel(how.mean as readonly number[] | undefined, channels, 0, 'mean');
  const stds = perChannel(how.std, channels, 1, 'std');
  const beforeCrop = mean ? meanBeforeCrop(mean, prepared, channels, name) : false;
  const meanWidth = beforeCrop ? picture.width : width;
  const meanPlane = beforeCrop ? picture.height * picture.width : plane;

  for (const { top, left, mirror } of positions) {
    const step = mirror ? -1 : 1;
    for (let c = 0; c < channels; c++) {
      const source = how.channels === 'bgr' ? 2 - c : c;
      const factor = scale / stds[c];
      const base = means ? means[c] : 0;
      for (let y = 0; y < height; y++) {
        const column = mirror ? left + width - 1 : left;
        let from = ((top + y) * picture.width + column) * 3 + source;
        const start = offset + c * plane + y * width;
        if (mean) {
          // After the crop the mean stands still while the photo is mirrored; before it, both are.
          let at = c * meanPlane + (beforeCrop ? (top + y) * meanWidth + column : y * meanWidth);
          const meanStep = beforeCrop ? step : 1;
          for (let o = start; o < start + width; o++, from += 3 * step, at += meanStep) {
            out[o] = (picture.data[from] - mean.data[at]) * factor;
          }
        } else {
          for (let o = start; o < start + width; o++, from += 3 * step) {
            out[o] = (picture.data[from] - base) * factor;
          }
        }
      }
    }
    offset += channels * plane;
  }
}

function perChannel(
  given: readonly number[] | undefined,
  channels: number,
  fallback: number,
  what: string,
): number[] {
  const values = given ?? [fallback];
  if (values.length !== 1 && values.length !== channels) {
    fail('preprocessing', `${what} has ${values.length} values for ${channels} channels`);
  }
  if (values.some((v) => !Number.isFinite(v)) || (what === 'std' && values.some((v) => v === 0))) {
    fail(
      'preprocessing',
      `${what} [${values}] has a value that is ${what === 'std' ? 'zero or ' : ''}not finite`,
    );
  }
  return Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c]);
}

function meanShape(mean: Tensor<'float32'>): [number, number, number] {
  if (mean.shape.length !== 3) {
    fail('mean', `expected channels×height×width, got [${mean.shape}]`);
  }
  return [mean.shape[0], mean.shape[1], mean.shape[2]];
}

/** Whether the mean image belongs to the resized photo (true) or to the crop (false). */
function meanBeforeCrop(
  mean: Tensor<'float32'>,
  prepared: Prepared,
  channels: number,
  name: string,
): boolean {
  const { picture, height, width } = prepared;
  const [c, h, w] = meanShape(mean);
  if (c !== channels) fail('mean', `it has ${c} channels, the network's input ${channels}`);
  if (h === picture.height && w === picture.width) return true;
  if (h === height && w === width) return false;
  return fail(
    name,
    `the mean image is ${h}×${w}, the resized photo ${picture.height}×${picture.width}, its crop ${height}×${width}`,
    'resize the photo to the size of the mean, or the mean to that of the photo',
  );
}

function nameOf(names: PreprocessOptions['names'], n: number): string {
  return (typeof names === 'string' ? names : names?.[n]) ?? `photo ${n + 1}`;
}
