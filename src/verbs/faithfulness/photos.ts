import { type Classifier, prepare, preprocessingOf } from '../../classifier/index.ts';
import { fail, failRequest, forItem } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import { field, words } from '../../common/words.ts';
import { type Content, isPicture, openDataset, pictureOf, picturesUnder } from '../../data/index.ts';
import type { NetworkPhoto } from '../../faithfulness/index.ts';
import { type Image, image, networkViews } from '../../image/index.ts';
import type { Host } from '../host.ts';
import { checkMissing } from '../labelled.ts';
import { type FailedItem, resultOrFailure } from '../verb.ts';
import type { FaithfulnessFields } from './request.ts';

/** Photos that are to be studied. */
export interface Photos {
  /** What they are called together. */
  readonly source: string;
  /** Of all of them, in their order. */
  readonly names: readonly string[];
  /** Those with these numbers, in their order. */
  samples(wanted: ReadonlySet<number>): AsyncIterable<PhotoSample>;
}

interface PhotoSample {
  readonly index: number;
  readonly name: string;
  readonly groups: Readonly<Record<string, string>>;
  content(): Promise<Content>;
}

/** A photo that is ready for the network. */
export interface ReadyPhoto {
  readonly name: string;
  readonly photo: NetworkPhoto;
  /** 1 where the object is, height · width. */
  readonly mask?: Uint8Array | undefined;
}

/** Opens the data: photos as they are, or a set of them. Errors: as of data sets; photos that are missing. */
export async function openPhotos(
  { data, images, photos: most, skipBad, boxes, masks, metrics }: FaithfulnessFields,
  host: Host,
  tell: (failed: FailedItem) => void,
): Promise<Photos> {
  const { files } = host;
  if (metrics.includes('localisation') === (masks === undefined && boxes === undefined))
    failRequest(
      words`${field('metrics', 'localisation')}`,
      words`it and one of ${field('masks')} and ${field('boxes')} need each other`,
    );
  if (boxes && boxes.length !== 4)
    failRequest(words`${field('boxes')}`, 'expected four columns: left, top, width, height');
  const paths = await photosOf(data, host);
  if (paths) {
    files.protect(paths);
    const chosen = evenlySpread(paths.length, most);
    return {
      source: data.length === 1 ? data[0] : `${data.length} photos`,
      names: chosen.map((i) => paths[i]),
      async *samples(wanted) {
        for (const [index, i] of chosen.entries())
          if (wanted.has(index))
            yield {
              index,
              name: paths[i],
              groups: {},
              content: async () => ({ kind: 'file', bytes: await files.read(paths[i]) }),
            };
      },
    };
  }
  const [first] = data;
  // Labels are not asked for.
  const dataset = await openDataset(first, files, { images, columns: { labels: [] } });
  files.protect(dataset.files);
  await checkMissing(dataset, skipBad, tell);
  if (dataset.size === 0) fail(first, 'it holds no photos');
  const unknown = boxes?.find((column) => !dataset.groupColumns.includes(column));
  if (unknown !== undefined) failRequest(words`${field('boxes')}`, `${first} has no column '${unknown}'`);
  const chosen = new Map(evenlySpread(dataset.size, most).map((i, index) => [i, index]));
  const named: string[] = [];
  let at = 0;
  for await (const { name } of dataset.samples()) if (chosen.has(at++)) named.push(name);
  return {
    source: dataset.name,
    names: named,
    async *samples(wanted) {
      let i = 0;
      for await (const { name, groups, content } of dataset.samples()) {
        const index = chosen.get(i++);
        if (index === undefined || !wanted.has(index)) continue;
        yield { index, name, groups, content };
      }
    },
  };
}

/** The paths of photos as they are, or of those in a folder, whether there are classes in it or not; undefined for other sets. */
export async function photosOf(
  data: readonly string[],
  { files }: Host,
): Promise<readonly string[] | undefined> {
  const [first] = data;
  if (data.length > 1 || isPicture(first)) return data;
  if ((await files.kindOf(first)) !== 'folder' || (await files.kindOf(files.join(first, 'data.mdb'))))
    return undefined;
  const found = await picturesUnder(files, first);
  if (found.length === 0) fail(first, 'it holds no photos');
  return found.map((path) => files.join(first, path));
}

/** At most so many numbers below `count`, evenly spread. */
export function evenlySpread(count: number, most = count): number[] {
  const n = Math.min(count, most);
  return Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
}

/** Decodes and prepares photos, some ahead; what is wrong with one concerns this one only. */
export async function* readyPhotos(
  photos: Photos,
  wanted: ReadonlySet<number>,
  classifier: Classifier,
  { masks, boxes }: FaithfulnessFields,
  host: Host,
  decoders: number,
): AsyncGenerator<ReadyPhoto | (FailedItem & { readonly index: number }), void> {
  const task = async (sample: PhotoSample) => {
    const { index, name } = sample;
    const made = await resultOrFailure(name, () =>
      forItem(name, async (): Promise<ReadyPhoto> => {
        const picture = await pictureOf(await sample.content(), name, host.images.decode);
        const { shape, data } = prepare(classifier, picture, { name });
        const [, channels, height, width] = shape as [number, number, number, number];
        const shown =
          masks !== undefined
            ? await maskPicture(masks, name, picture, host)
            : boxes && boxPicture(boxes, sample, picture);
        const mask = shown && maskOf(shown, classifier, name);
        return { name, photo: { data, channels, height, width, index }, mask };
      }),
    );
    return 'error' in made ? { index, ...made } : made;
  };
  yield* ordered(photos.samples(wanted), task, decoders + 1);
}

/** The picture in the folder of masks that is named as the photo. */
async function maskPicture(
  folder: string,
  photo: string,
  { width, height }: Image,
  host: Host,
): Promise<Image> {
  const { files, images } = host;
  const stem = files.basename(photo).replace(/(?<=.)\.[^.]*$/, '');
  const path = files.join(folder, `${stem}.png`);
  if (!(await files.kindOf(path))) fail(photo, `there is no mask ${path}`);
  const mask = await images.decode(await files.read(path), path);
  return mask.width === width && mask.height === height
    ? mask
    : fail(photo, `its mask ${path} is ${mask.height}×${mask.width}, the photo ${height}×${width}`);
}

/** A box as a white picture on black. */
function boxPicture(
  columns: readonly string[],
  { name, groups }: PhotoSample,
  { width, height }: Image,
): Image {
  const [left, top, w, h] = columns.map((column) => {
    const value = Number(groups[column] || Number.NaN);
    return Number.isFinite(value)
      ? value
      : fail(name, `its ${column} '${groups[column] ?? ''}' is no number`);
  });
  const drawn = image(width, height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (x >= left && x < left + w && y >= top && y < top + h)
        drawn.data.fill(255, 3 * (y * width + x), 3 * (y * width + x) + 3);
  return drawn;
}

/** What the network sees of a mask: 1 where it is more white than black. */
function maskOf(picture: Image, classifier: Classifier, name: string): Uint8Array {
  const [view] = networkViews(picture, preprocessingOf(classifier));
  const mask = Uint8Array.from({ length: view.width * view.height }, (_, i) =>
    view.data[3 * i] > 127 ? 1 : 0,
  );
  return mask.includes(1) ? mask : fail(name, 'its mask is empty where the network looks');
}
