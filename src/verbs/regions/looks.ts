import { rows } from '../../classifier/index.ts';
import { fail, forItem } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import {
  adienceMargin,
  FACE_REGIONS,
  type FaceFinder,
  type FaceShare,
  faceShares,
  regionsOfFace,
  toTemplate,
} from '../../faces/index.ts';
import { entropy } from '../../faithfulness/index.ts';
import {
  type AffineMap,
  apply,
  compose,
  heatmaps,
  type Image,
  inputTransform,
  invert,
  type Point,
  type ScalarMap,
  scaling,
  warpMap,
} from '../../image/index.ts';
import { type ExplainRecord, type PhotoRecord, parseExplainRecord, RECORD_FILE } from '../explain/record.ts';
import { chosenFaces, noFace } from '../faces/open.ts';
import type { Host } from '../host.ts';
import { readTensor } from '../photos.ts';
import { asMaps, photoKey } from '../rawheatmaps.ts';

/** What is measured of a look: the share of relevance in each region, and then in all of the face and how far it is spread. */
export const LOOK_MEASURES = [...FACE_REGIONS, 'face', 'extent'] as const;
export type LookMeasure = (typeof LOOK_MEASURES)[number];

/** Pixels on a side of the square in which faces lie upon each other. */
export const FACE_SIDE = 64;

/** What one model looked at in one photo. */
export interface Look {
  readonly model: string;
  /** What photos of one person's one moment have in common, however they were cut. */
  readonly photo: string;
  /** The class that is explained. */
  readonly target: string;
  readonly shares: readonly FaceShare[];
  /** By {@link LOOK_MEASURES}; undefined for a map of zeros. */
  readonly values: readonly (number | undefined)[];
}

/** The same with what is looked at once, photo by photo: many are not kept. */
export interface SeenLook extends Look {
  /** The heatmap with the face where all faces lie, divided by Σ|R|; Adience's aligned faces are cut like this. */
  readonly map: ScalarMap;
}

/** A face in a photo, and the photo's size. */
export interface LocatedFace {
  /** In the photo's pixels. */
  readonly landmarks: readonly Point[];
  readonly height: number;
  readonly width: number;
}

/** Reads what `explain` says of a folder. Errors: it wrote none, or explained a prepared batch. */
export async function readExplained(folder: string, { files }: Host): Promise<ExplainRecord> {
  const path = files.join(folder, RECORD_FILE);
  const record = parseExplainRecord(await readText(files, path, 'a record of explanations'), path);
  const raw = record.photos.some((each) => 'files' in each && each.files.relevance !== undefined);
  if (!raw) fail(path, 'it has no raw relevance', 'explain with raw relevance as npy');
  return record;
}

/** Where the face is that was explained: as is recorded, or else found; the largest. Errors, about this photo: there is none. */
export async function locateFace(
  picture: Image,
  { photo, face }: PhotoRecord,
  finder: FaceFinder,
): Promise<LocatedFace> {
  const { height, width } = picture;
  if (face && face.landmarks.length === 2 * 68) return { landmarks: pairs(face.landmarks), height, width };
  const found = await finder.find(picture, { turned: false });
  const [largest] = chosenFaces(found, 'largest');
  if (largest) return { landmarks: largest.landmarks, height, width };
  return noFace(photo, found);
}

/** Where the pixels of a photo came to lie in what the network was given. Without preprocessing, which nothing is known of, nowhere else. */
function inputOf(size: LocatedFace, { face }: PhotoRecord, { preprocessing }: ExplainRecord): AffineMap {
  const how = preprocessing ?? {};
  return face
    ? compose(inputTransform({ height: face.size, width: face.size }, how), face.transform)
    : inputTransform(size, how);
}

const pairs = (values: readonly number[]): Point[] =>
  Array.from({ length: values.length / 2 }, (_, i) => ({ x: values[2 * i], y: values[2 * i + 1] }));

/** The heatmap of a photo, from the file beside the record. Errors: another array. */
export async function readLookMap(
  folder: string,
  { files: { relevance } }: PhotoRecord,
  pooling: 'sum' | 'mean',
  host: Host,
): Promise<ScalarMap | undefined> {
  if (relevance === undefined) return undefined;
  const path = host.files.join(folder, relevance.replace(/^.*[\\/]/, ''));
  const [all] = asMaps(await readTensor(path, host), path);
  return heatmaps(rows(all, 0, 1), pooling, path)[0];
}

/** Which photo was explained, however it was cut. */
export const photoOf = ({ photo }: PhotoRecord): string =>
  photoKey(photo.replace(/^.*[\\/]/, '').replace(/(?<=.)\.[^.]*$/, ''));

/** Measures what a map holds of a face. */
export function lookOf(
  model: string,
  photo: PhotoRecord,
  map: ScalarMap,
  face: LocatedFace,
  record: ExplainRecord,
): SeenLook {
  const toInput = inputOf(face, photo, record);
  const placed = face.landmarks.map((point) => apply(toInput, point));
  const shares = faceShares(map, regionsOfFace(placed, map));
  const background = shares[FACE_REGIONS.indexOf('background')].relevance;
  const spread = Math.exp(entropy(map)) / map.data.length;
  const toFace = compose(scaling(FACE_SIDE), toTemplate(placed, adienceMargin));
  const onFace = warpMap(map, invert(toFace), { height: FACE_SIDE, width: FACE_SIDE });
  return {
    model,
    photo: photoOf(photo),
    target: photo.target.name,
    shares,
    values: [
      ...shares.map(({ relevance }) => relevance),
      background === undefined ? undefined : 1 - background,
      Number.isNaN(spread) ? undefined : spread,
    ],
    map: unitMap(onFace),
  };
}

/** Divided by Σ|R|; one of zeros stays. */
function unitMap({ data, ...size }: ScalarMap): ScalarMap {
  const sum = data.reduce((total, value) => total + Math.abs(value), 0);
  return { ...size, data: sum > 0 ? data.map((value) => value / sum) : data };
}

/** Whatever is wrong with a photo concerns it only. */
export const readPhoto = (path: string, { files, images }: Host): Promise<Image> =>
  forItem(path, async () => images.decode(await files.read(path), path));
