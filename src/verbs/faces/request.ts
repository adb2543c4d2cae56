import * as v from 'valibot';
import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { ALIGNMENTS } from '../../faces/align.ts';
import { usualFind } from '../../faces/find.ts';
import { computeFields, names, number, parquet, shard, whole } from '../request.ts';

/** Which networks find faces and their landmarks, as fields of a request. */
export const detectorFields = {
  /** What finds faces: `ssd`, `tiny`, which is faster and finds fewer, or `mtcnn`, whose files have to be there. */
  detector: v.optional(v.picklist(['ssd', 'tiny', 'mtcnn']), 'ssd'),
  /** The network that finds their 68 landmarks: `full`, or `tiny`; `five` are those that mtcnn finds by itself. */
  landmarks: v.optional(v.picklist(['full', 'tiny', 'five']), 'full'),
  /** The folder of MTCNN's Caffe files, `det1.prototxt` to `det3.caffemodel`. */
  mtcnn: v.optional(v.string()),
  /** The folder of face-api's model files; that of the installed npm package unless given. */
  weights: v.optional(v.string()),
};

const detectorSchema = v.object(detectorFields);
export type DetectorFields = v.InferOutput<typeof detectorSchema>;

/** How faces are found and cut out, as fields of a request. */
export const facesFields = {
  /** How a face is brought into place: as the model says, or else by a similarity. */
  align: v.optional(v.picklist(ALIGNMENTS)),
  /** The border on each side of a face, relative to it; as the model says, or else 0.35. */
  margin: v.optional(
    v.pipe(
      number(),
      v.check((x: number) => x > -0.5, 'expected a number above -0.5'),
    ),
  ),
  /**
   * The smallest face, in pixels of the photo; 40 unless given, where those below a 25th of the photo's longer side are not looked
   * for, but count if they are seen.
   */
  minSize: v.optional(whole(1)),
  /** From this score on a face is one. */
  minScore: v.optional(number(0, 1), usualFind.minScore),
  /** From this score on it may be one, and is told of as doubtful. */
  doubtScore: v.optional(number(0, 1), usualFind.doubtScore),
  /** Whether a photo without an upright face is looked at again lying on each side and upside down. */
  turned: v.optional(v.boolean(), usualFind.turned),
  ...detectorFields,
};

const schema = v.object(facesFields);
export type FacesFields = v.InferOutput<typeof schema>;

/** The same in a request of a verb that also takes photos as they are. */
export const askedFacesFields = {
  /** Finds the faces of photos and asks the model of them: of all, or of the largest in each photo. */
  faces: v.optional(v.picklist(['all', 'largest'])),
  ...facesFields,
};

/** Errors: a tensor, in which no faces are looked for. */
export function checkAsked(faces: 'all' | 'largest' | undefined, source: 'photos' | 'tensor'): void {
  if (faces !== undefined && source === 'tensor')
    failRequest(words`${field('faces')}`, 'a prepared tensor has no faces to find', 'give photos');
}

/** Errors: fields about a detector that is not the one that is asked for, or is without its files. */
export function checkDetector({ detector, landmarks, mtcnn }: DetectorFields): void {
  if (detector === 'mtcnn' && mtcnn === undefined)
    failRequest(
      words`${field('detector')}`,
      'mtcnn needs its files',
      words`give ${field('mtcnn')}, their folder`,
    );
  if (detector === 'mtcnn') return;
  if (mtcnn !== undefined)
    failRequest(
      words`${field('mtcnn')}`,
      `${detector} finds the faces`,
      words`give mtcnn as ${field('detector')}`,
    );
  if (landmarks === 'five')
    failRequest(words`${field('landmarks')}`, `${detector} finds none by itself`, 'give full or tiny');
}

/** What is asked of all photos, and of a part of them. */
const ofPhotos = {
  /** Photos, and folders of photos. */
  photos: names,
  /** The folder to write into. */
  output: v.string(),
  /** Which faces of a photo are cut out. */
  which: v.optional(v.picklist(['all', 'largest']), 'all'),
  /** Pixels on a side of what is cut out; as the model takes it, or else 816 with `similarity`, as Adience's, or as many as the photo has. */
  size: v.optional(whole(1)),
  /** The model that the faces are for: they are cut out as it was trained to see them. */
  for: v.optional(v.string()),
  ...facesFields,
  /** Whether `faces.csv` is written as Parquet, too. */
  parquet,
  ...computeFields,
};

/** What {@link faces} is asked. */
export const facesRequest = v.strictObject({
  ...ofPhotos,
  /** Whether `faces.png` shows what was cut out. */
  sheet: v.optional(v.boolean(), true),
});

/** What {@link faces} is asked; a field with a question mark may be left out. */
export type FacesRequest = v.InferInput<typeof facesRequest>;

/** The request with its defaults. */
export type FacesRequestFields = v.InferOutput<typeof facesRequest>;

/** What {@link facesShard} is asked. */
export const facesShardRequest = v.strictObject({
  ...ofPhotos,
  /** Which part of the photos is looked through. */
  shard,
});

/** What {@link facesShard} is asked; a field with a question mark may be left out. */
export type FacesShardRequest = v.InferInput<typeof facesShardRequest>;
