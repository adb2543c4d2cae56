import { type Classifier, prepare } from '../classifier/index.ts';
import { fail, forItem } from '../common/error.ts';
import { plural } from '../common/format.ts';
import { ordered } from '../common/ordered.ts';
import { field, words } from '../common/words.ts';
import { type Content, type Dataset, isPicture, openDataset, pictureOf } from '../data/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Image } from '../image/index.ts';
import type { Host } from './host.ts';
import { checkMissing } from './labelled.ts';
import { photosNamed } from './paths.ts';
import { type FailedItem, resultOrFailure } from './verb.ts';

/** Photos whose labels do not matter. */
export interface PhotoSet {
  /** What they are called together. */
  readonly source: string;
  /** Of all of them, in their order. */
  readonly names: readonly string[];
  /** Columns that say something of each besides its name; of manifests. */
  readonly columns: readonly string[];
  /** Those with these numbers, in their order. */
  samples(wanted: ReadonlySet<number>): AsyncIterable<PhotoSample>;
}

/** One of them. */
export interface PhotoSample {
  readonly index: number;
  readonly name: string;
  /** As its set has them; none of photos as they are. */
  readonly labels: Readonly<Record<string, number | string>>;
  readonly groups: Readonly<Record<string, string>>;
  content(): Promise<Content>;
}

/** Which photos are taken. */
export interface PhotoSetFields {
  /** Photos as they are; or one set of them: a folder, an image list, an LMDB database, a manifest. */
  readonly data: readonly string[];
  /** The folder that a list's paths start from; its own unless given. */
  readonly images?: string | undefined;
  /** At most so many, spread evenly; all unless given. */
  readonly photos?: number | undefined;
  readonly skipBad: boolean;
}

/** Opens photos as they are, or a set of them. Errors: as of data sets; photos that are missing; none. */
export async function openPhotoSet(
  fields: PhotoSetFields,
  host: Host,
  tell: (failed: FailedItem) => void,
): Promise<PhotoSet> {
  const { data, images, photos: most } = fields;
  const paths = await photosOf(data, host);
  if (paths) return photosAlone(data, paths, most, host);
  // Labels are not asked for.
  const dataset = await openDataset(data[0], host.files, { images, columns: { labels: [] } });
  return photosOfSet(dataset, fields, host, tell);
}

/** Errors: so many of all photos cannot be read. */
export function failUnread(source: string, unread: number, total: number): never {
  return fail(
    source,
    `${plural(unread, 'photo')} cannot be read${unread < total ? '; all else is kept' : ''}`,
    words`repair them, or go on without them: ${field('skipBad')}`,
  );
}

/** Photos as they are, of which nothing is known but their paths. */
export function photosAlone(
  data: readonly string[],
  paths: readonly string[],
  most: number | undefined,
  { files }: Host,
): PhotoSet {
  files.protect(paths);
  const chosen = evenlySpread(paths.length, most);
  return {
    source: data.length === 1 ? data[0] : `${data.length} photos`,
    names: chosen.map((i) => paths[i]),
    columns: [],
    async *samples(wanted) {
      for (const [index, i] of chosen.entries())
        if (wanted.has(index))
          yield {
            index,
            name: paths[i],
            labels: {},
            groups: {},
            content: async () => ({ kind: 'file', bytes: await files.read(paths[i]) }),
          };
    },
  };
}

/** The photos of a data set. Errors: photos that are missing; none. */
export async function photosOfSet(
  dataset: Dataset,
  { photos: most, skipBad }: Pick<PhotoSetFields, 'photos' | 'skipBad'>,
  { files }: Host,
  tell: (failed: FailedItem) => void,
): Promise<PhotoSet> {
  files.protect(dataset.files);
  await checkMissing(dataset, skipBad, tell);
  if (dataset.size === 0) fail(dataset.name, 'it holds no photos');
  const chosen = new Map(evenlySpread(dataset.size, most).map((i, index) => [i, index]));
  const named: string[] = [];
  let at = 0;
  for await (const { name } of dataset.samples()) if (chosen.has(at++)) named.push(name);
  return {
    source: dataset.name,
    names: named,
    columns: dataset.groupColumns,
    async *samples(wanted) {
      let i = 0;
      for await (const { name, labels, groups, content } of dataset.samples()) {
        const index = chosen.get(i++);
        if (index === undefined || !wanted.has(index)) continue;
        yield { index, name, labels, groups, content };
      }
    },
  };
}

/** The paths of photos as they are, or of those in a folder, whether there are classes in it or not; undefined for other sets. */
export async function photosOf(data: readonly string[], host: Host): Promise<readonly string[] | undefined> {
  const { files } = host;
  const [first] = data;
  if (data.length > 1 || isPicture(first)) return photosNamed(data, host);
  if ((await files.kindOf(first)) !== 'folder' || (await files.kindOf(files.join(first, 'data.mdb'))))
    return undefined;
  return photosNamed(data, host);
}

/** At most so many numbers below `count`, evenly spread. */
function evenlySpread(count: number, most = count): number[] {
  const n = Math.min(count, most);
  return Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
}

/** A photo of a set that is decoded and prepared for a network, 1×C×H×W. */
export interface SetPhoto {
  readonly sample: PhotoSample;
  readonly picture: Image;
  readonly input: Tensor<'float32'>;
}

/** A photo of a set that could not be read, with its number. */
export type UnreadSetPhoto = FailedItem & { readonly index: number };

/**
 * Decodes and prepares photos, some ahead, and makes of each what `make` does; what is wrong with one concerns this one
 * only.
 */
export async function* preparedPhotos<T extends object>(
  photos: PhotoSet,
  wanted: ReadonlySet<number>,
  classifier: Classifier,
  host: Host,
  decoders: number,
  make: (photo: SetPhoto) => T | Promise<T>,
): AsyncGenerator<T | UnreadSetPhoto, void> {
  const task = async (sample: PhotoSample): Promise<T | UnreadSetPhoto> => {
    const { index, name } = sample;
    const made = await resultOrFailure(name, () =>
      forItem(name, async () => {
        const picture = await pictureOf(await sample.content(), name, host.images.decode);
        return make({ sample, picture, input: prepare(classifier, picture, { name }) });
      }),
    );
    return 'error' in made ? { index, ...made } : made;
  };
  yield* ordered(photos.samples(wanted), task, decoders + 1);
}
