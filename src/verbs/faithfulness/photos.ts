import { type Classifier, preprocessingOf } from '../../classifier/index.ts';
import { fail, failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import type { NetworkPhoto } from '../../faithfulness/index.ts';
import { type Image, image, networkViews } from '../../image/index.ts';
import type { Host } from '../host.ts';
import {
  openPhotoSet,
  type PhotoSample,
  type PhotoSet,
  preparedPhotos,
  type UnreadSetPhoto,
} from '../photoset.ts';
import type { FailedItem } from '../verb.ts';
import type { FaithfulnessFields } from './request.ts';

/** A photo that is ready for the network. */
export interface ReadyPhoto {
  readonly name: string;
  readonly photo: NetworkPhoto;
  /** 1 where the object is, height · width. */
  readonly mask?: Uint8Array | undefined;
}

/** Opens the data. Errors: as of data sets; photos that are missing; masks and boxes that do not fit what is measured. */
export async function openPhotos(
  fields: FaithfulnessFields,
  host: Host,
  tell: (failed: FailedItem) => void,
): Promise<PhotoSet> {
  const { boxes, masks, metrics } = fields;
  if (metrics.includes('localisation') === (masks === undefined && boxes === undefined))
    failRequest(
      words`${field('metrics', 'localisation')}`,
      words`it and one of ${field('masks')} and ${field('boxes')} need each other`,
    );
  if (masks !== undefined && (await host.files.kindOf(masks)) === undefined)
    failRequest(words`${field('masks', masks)}`, 'there is no such folder');
  if (boxes && boxes.length !== 4)
    failRequest(words`${field('boxes')}`, 'expected four columns: left, top, width, height');
  const photos = await openPhotoSet(fields, host, tell);
  const unknown = boxes?.find((column) => !photos.columns.includes(column));
  if (unknown !== undefined)
    failRequest(words`${field('boxes')}`, `${photos.source} has no column '${unknown}'`);
  return photos;
}

/** Decodes and prepares photos, some ahead; what is wrong with one concerns this one only. */
export function readyPhotos(
  photos: PhotoSet,
  wanted: ReadonlySet<number>,
  classifier: Classifier,
  { masks, boxes }: FaithfulnessFields,
  host: Host,
  decoders: number,
): AsyncGenerator<ReadyPhoto | UnreadSetPhoto, void> {
  return preparedPhotos(photos, wanted, classifier, host, decoders, async ({ sample, picture, input }) => {
    const { index, name } = sample;
    const [, channels, height, width] = input.shape as [number, number, number, number];
    const shown =
      masks !== undefined
        ? await maskPicture(masks, name, picture, host)
        : boxes && boxPicture(boxes, sample, picture);
    const mask = shown && maskOf(shown, classifier, name);
    return { name, photo: { data: input.data, channels, height, width, index }, mask };
  });
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
