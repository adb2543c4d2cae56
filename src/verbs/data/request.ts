import * as v from 'valibot';
import { datasetFields, placeOfPictures } from '../dataset.ts';
import { extent, names, whole } from '../request.ts';

/** Whether pictures that are missing or cannot be read are left out rather than an error. */
const skipBad = v.optional(v.boolean(), false);

/** What {@link dataLists} is asked. */
export const dataListsRequest = v.strictObject({
  /** The folder with Adience's `fold_0_data.txt` … */
  folds: v.string(),
  /** Which files of each face: aligned by landmarks, unaligned (by rotation only), or both. */
  preprocessing: v.optional(v.picklist(['aligned', 'unaligned', 'mixed']), 'aligned'),
  /** The mislabel (25, 23) is read as (25, 32), or dropped as the paper did. */
  labels: v.optional(v.picklist(['repaired', 'as-published']), 'repaired'),
  /** Apart by person, or by image as the paper's, which leaks. */
  validation: v.optional(v.picklist(['by-person', 'as-published']), 'by-person'),
  /** Of the random order. */
  seed: v.optional(whole(), 0),
  /** The folder of the lists. */
  output: v.string(),
});

/** What `dataSquare` is asked. */
export const dataSquareRequest = v.strictObject({
  /** The folder of the pictures. */
  folder: v.string(),
  skipBad,
  /** The folder of the squares; another one. */
  output: v.string(),
});

/** What `dataLmdb` is asked. */
export const dataLmdbRequest = v.strictObject({
  /** Image lists: one `path label` per line. */
  lists: names,
  /** The folder that the lists' paths start from. */
  images: v.string(),
  /** The size of all pictures, whatever their aspect ratio; their own unless given. */
  resize: v.optional(extent),
  /** Whether the pictures are in random order. */
  shuffle: v.optional(v.boolean(), false),
  /** Of the random order; 0 unless given. */
  seed: v.optional(whole()),
  /** Whether JPEG files are kept instead of pixels: smaller, slower to train from. */
  encoded: v.optional(v.boolean(), false),
  skipBad,
  /** The database, or the folder of several. */
  output: v.string(),
});

/** What {@link dataMean} is asked. */
export const dataMeanRequest = v.strictObject({
  /** An LMDB database, an image list, a `.csv` manifest or a folder per class. */
  data: v.string(),
  ...placeOfPictures,
  /** The size of all pictures, whatever their aspect ratio; their own unless given. */
  resize: v.optional(extent),
  /** Whether the mean is written as a picture, too, beside the other. */
  png: v.optional(v.boolean(), false),
  skipBad,
  /** The mean's file, `.binaryproto`. */
  output: v.string(),
});

/** What {@link dataShow} is asked. */
export const dataShowRequest = v.strictObject({
  /** An LMDB database, an image list, a `.csv` manifest or a folder per class. */
  data: v.string(),
  ...datasetFields,
  /** The contact sheet to write, a `.png`; none unless given. */
  grid: v.optional(v.string()),
  /** Pictures for each label on the contact sheet. */
  perLabel: v.optional(whole(1), 10),
});

/** What {@link dataLists} is asked; a field with a question mark may be left out. */
export type DataListsRequest = v.InferInput<typeof dataListsRequest>;
/** What {@link dataSquare} is asked; a field with a question mark may be left out. */
export type DataSquareRequest = v.InferInput<typeof dataSquareRequest>;
/** What {@link dataLmdb} is asked; a field with a question mark may be left out. */
export type DataLmdbRequest = v.InferInput<typeof dataLmdbRequest>;
/** What {@link dataMean} is asked; a field with a question mark may be left out. */
export type DataMeanRequest = v.InferInput<typeof dataMeanRequest>;
/** What {@link dataShow} is asked; a field with a question mark may be left out. */
export type DataShowRequest = v.InferInput<typeof dataShowRequest>;
