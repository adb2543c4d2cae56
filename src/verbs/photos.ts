import { type Classifier, checkShape, prepareShown } from '../classifier/index.ts';
import { fail, failRequest, forItem } from '../common/error.ts';
import { firstNotFinite } from '../common/finite.ts';
import { type Shard, shardRange } from '../common/shard.ts';
import { field, words } from '../common/words.ts';
import { cutFace, type FacePlacement } from '../faces/index.ts';
import type { Tensor, ValueInfo } from '../graph/index.ts';
import { type Crops, type Image, identityMap, inputTransform } from '../image/index.ts';
import { readNpy } from '../image/npy/npy.ts';
import type { Host } from './host.ts';
import { photosNamed } from './paths.ts';

/** What a request asks about: photos, or one tensor that is already prepared. */
export interface PhotosOrTensor {
  readonly source: 'photos' | 'tensor';
  readonly paths: readonly string[];
}

/**
 * What a request names, as {@link photosNamed} finds it. Errors: also photos and tensors together, or several tensors. Photos that
 * are missing or damaged show when they are decoded, each on its own.
 */
export async function askedOf(
  given: readonly string[],
  host: Host,
  except?: string,
): Promise<PhotosOrTensor> {
  const paths = await photosNamed(given, host, except);
  const tensors = paths.filter((path) => /\.npy$/i.test(path));
  if (tensors.length > 0 && paths.length > 1) {
    failRequest(tensors[0], 'a prepared tensor goes alone', 'give one .npy file, or photos');
  }
  return { source: tensors.length > 0 ? 'tensor' : 'photos', paths };
}

/**
 * What there is one of for each photo, or for those of a shard. Errors: a shard of one tensor; fewer photos than shards.
 */
export function photosOfShard<T>(
  all: readonly T[],
  source: PhotosOrTensor['source'],
  { shard }: { readonly shard?: Shard | undefined },
): readonly T[] {
  if (!shard) return all;
  if (source === 'tensor')
    failRequest(words`${field('shard')}`, 'a prepared batch is computed at once', 'give photos');
  const { from, to } = shardRange(all.length, shard, words`${field('shard')}`);
  return all.slice(from, to);
}

/** A photo, ready for the network. */
export interface PreparedPhoto {
  /** The whole photo. */
  readonly photo: Image;
  /** What the network is asked about: the photo, or the face that was cut out of it. */
  readonly subject: Image;
  /** One row per crop. */
  readonly input: Tensor<'float32'>;
  /** What the network sees of it, in colour: a picture per crop. */
  views(): Image[];
  /** What people should know of how it was prepared, in sentences without a stop. */
  readonly remarks: readonly string[];
}

/** From here on, a photo that is enlarged so many times shows the network little but the enlarging. */
const MUCH_ENLARGED = 8;

function remarksOn(photo: Image, subject: Image, { preprocessing }: Classifier): string[] {
  const [a, b, , d, e] = preprocessing ? inputTransform(subject, preprocessing) : identityMap;
  const times = Math.sqrt(Math.abs(a * e - b * d));
  return [
    ...(photo.wasTransparent ? ['what is transparent in it was put on white'] : []),
    ...(times >= MUCH_ENLARGED
      ? [`it has ${subject.width}×${subject.height} pixels and was enlarged ${Math.round(times)} times`]
      : []),
  ];
}

/** Reads, decodes and prepares a photo, or a face in it; whatever is wrong with it concerns this photo only. */
export function preparePhoto(
  path: string,
  classifier: Classifier,
  crops: Crops,
  { files, images }: Host,
  face?: FacePlacement,
): Promise<PreparedPhoto> {
  return forItem(path, async () => {
    const photo = await images.decode(await files.read(path), path);
    const subject = face ? cutFace(photo, face) : photo;
    const shown = prepareShown(classifier, subject, { crops, name: path });
    return { photo, subject, ...shown, remarks: remarksOn(photo, subject, classifier) };
  });
}

/** Reads an `.npy` file. */
export async function readTensor(path: string, { files }: Host): Promise<Tensor> {
  return readNpy(await files.read(path), path);
}

/** Reads an `.npy` file of numbers as float32. Errors: values that are not finite as float32. */
export async function readFloats(path: string, host: Host): Promise<Tensor<'float32'>> {
  const tensor = await readTensor(path, host);
  const data =
    tensor.type === 'float32' ? (tensor.data as Float32Array) : Float32Array.from(tensor.data, Number);
  const bad = firstNotFinite(data);
  if (bad >= 0) fail(path, `element ${bad} is ${data[bad]}`, 'give finite numbers');
  return { type: 'float32', shape: tensor.shape, data };
}

/**
 * Reads a batch that is already prepared for an input; of grey images also N×(H·W), N×H×W and N×H×W×1, as digits are kept, whose
 * numbers stand in the same order. Errors: one of another shape.
 */
export async function readBatch(path: string, input: ValueInfo, host: Host): Promise<Tensor<'float32'>> {
  const batch = greyImages(await readFloats(path, host), input);
  checkShape(path, batch, input);
  return batch;
}

function greyImages(batch: Tensor<'float32'>, input: ValueInfo): Tensor<'float32'> {
  const [, channels, height, width] = input.shape;
  if (channels !== 1 || typeof height !== 'number' || typeof width !== 'number') return batch;
  const [images, ...inner] = batch.shape;
  const alike = [[height * width], [height, width], [height, width, 1]];
  if (!alike.some((shape) => shape.join() === inner.join())) return batch;
  return { ...batch, shape: [images, 1, height, width] };
}

/** Names for what is made of several files: their own without folder and ending, numbered where two are alike. */
export const stems = (paths: readonly string[], { files }: Host): string[] =>
  numbered(paths.map((path) => files.basename(path).replace(/(?<=.)\.[^.]*$/, '') || 'photo'));

/** Names, numbered where two are alike: `cat`, `cat-2`. */
export function numbered(names: readonly string[]): string[] {
  const used = new Set<string>();
  // Which number is the next of a name, so that thousands alike need not be counted through again for each.
  const next = new Map<string, number>();
  return names.map((stem) => {
    let name = stem;
    let i = next.get(stem.toLowerCase()) ?? 2;
    while (used.has(name.toLowerCase())) name = `${stem}-${i++}`;
    next.set(stem.toLowerCase(), i);
    used.add(name.toLowerCase());
    return name;
  });
}

/** A layer's or value's name as a file name: `inception_3a/1x1` → `inception_3a_1x1`. */
export const fileName = (name: string): string => name.replace(/[^\w.+-]/g, '_').replace(/^\.+/, '_') || '_';
