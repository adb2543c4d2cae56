import * as v from 'valibot';
import { datasetFields, placeOfPictures } from '../dataset.ts';
import { extent, foldNumbers, names, whole } from '../request.ts';

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
  /** The most lines of each list, the first of it; all unless given. */
  most: v.optional(whole(1)),
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
  /** Image lists: one `path label` per line. `{fold}` stands for the numbers of `folds`. */
  lists: names,
  /** Folds of which there is a list each, and a database of each. */
  folds: v.optional(foldNumbers),
  /** The folder that the lists' paths start from. */
  images: v.string(),
  /** The size of all pictures, whatever their aspect ratio; their own unless given. */
  resize: v.optional(extent),
  /** Whether the pictures are in random order. */
  shuffle: v.optional(v.boolean(), false),
  /** Of the random order; 0 unless given. */
  seed: v.optional(whole()),
  /** Whether pictures become one grey plane. */
  gray: v.optional(v.boolean(), false),
  /** Whether JPEG files are kept instead of pixels: smaller, slower to train from. */
  encoded: v.optional(v.boolean(), false),
  skipBad,
  /** The database, or the folder of several. */
  output: v.string(),
});

/** What {@link dataJoin} is asked. */
export const dataJoinRequest = v.strictObject({
  /** Folders of pictures, of which no two have a file of the same path. */
  folders: names,
  /** The folder that holds all of them; another one. */
  output: v.string(),
});

/** What {@link dataSample} is asked. */
export const dataSampleRequest = v.strictObject({
  /** An image list: one `path label` per line. */
  list: v.string(),
  /** The folder that its paths start from. */
  images: v.string(),
  /** How many pictures. */
  count: whole(1),
  /** Of the choice. */
  seed: v.optional(whole(), 0),
  /** The folder of the pictures that were chosen. */
  output: v.string(),
});

/** What {@link dataAdience} is asked. */
export const dataAdienceRequest = v.strictObject({
  /** A `.csv` manifest of photos with ages and genders. */
  manifest: v.string(),
  /** The folder that its paths start from; its own unless given. */
  images: v.optional(v.string()),
  /** The column that says who is in a photo; unless given every photo is of somebody else. */
  person: v.optional(v.string()),
  /** The columns of ages and of genders. */
  age: v.optional(v.string(), 'age'),
  gender: v.optional(v.string(), 'gender'),
  /** Ages that no class of Adience's holds are dropped, or go to the nearest. */
  between: v.optional(v.picklist(['drop', 'nearest']), 'drop'),
  /** How many folds. */
  folds: v.optional(whole(2), 5),
  /** Whether the largest face of each photo is cut out, aligned and not; else photos are taken as they are. */
  align: v.optional(v.boolean(), false),
  /** Pixels on a side of what is cut out. */
  size: v.optional(whole(1), 816),
  /** The most photos, chosen at random; all unless given. */
  most: v.optional(whole(1)),
  /** Of the division into folds. */
  seed: v.optional(whole(), 0),
  /** The folder of `folds`, `aligned` and `faces`. */
  output: v.string(),
});

const meanFields = {
  /** An LMDB database, an image list, a `.csv` manifest or a folder per class. */
  data: v.string(),
  ...placeOfPictures,
  /** The size of all pictures, whatever their aspect ratio; their own unless given. */
  resize: v.optional(extent),
  /** Whether pictures are averaged in grey, as one plane. */
  gray: v.optional(v.boolean(), false),
  /** Whether the mean is written as a picture, too, beside the other. */
  png: v.optional(v.boolean(), false),
  skipBad,
  /** The mean's file, `.binaryproto`. */
  output: v.string(),
};

/** What {@link dataMean} is asked. */
export const dataMeanRequest = v.strictObject(meanFields);

/** What {@link dataMeans} is asked: as {@link dataMean}, with `{fold}` in `data` and `output`. */
export const dataMeansRequest = v.strictObject({
  ...meanFields,
  /** The folds, whose numbers `{fold}` stands for. */
  folds: foldNumbers,
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
/** What {@link dataJoin} is asked; a field with a question mark may be left out. */
export type DataJoinRequest = v.InferInput<typeof dataJoinRequest>;
/** What {@link dataSample} is asked; a field with a question mark may be left out. */
export type DataSampleRequest = v.InferInput<typeof dataSampleRequest>;
/** What {@link dataAdience} is asked; a field with a question mark may be left out. */
export type DataAdienceRequest = v.InferInput<typeof dataAdienceRequest>;
/** What {@link dataMean} is asked; a field with a question mark may be left out. */
export type DataMeanRequest = v.InferInput<typeof dataMeanRequest>;
/** What {@link dataMeans} is asked; a field with a question mark may be left out. */
export type DataMeansRequest = v.InferInput<typeof dataMeansRequest>;
/** What {@link dataShow} is asked; a field with a question mark may be left out. */
export type DataShowRequest = v.InferInput<typeof dataShowRequest>;
