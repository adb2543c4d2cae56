import * as v from 'valibot';
import { failRequest } from '../common/error.ts';
import { field, words } from '../common/words.ts';
import { adienceAges, adienceGenders, type Dataset, openDataset, relabel } from '../data/index.ts';
import type { Host } from './host.ts';
import { list } from './request.ts';

/** Where labelled pictures are, as fields of a request. */
export const placeOfPictures = {
  /** The folder that a list's paths start from; its own unless given. */
  images: v.optional(v.string()),
  /** The column of paths in a `.csv` manifest. */
  pathColumn: v.optional(v.string()),
  /** The columns of labels in a `.csv` manifest; others are groups. */
  labelColumns: v.optional(list(v.string())),
};

/** Where they are, and how their labels are read. */
export const datasetFields = {
  ...placeOfPictures,
  /** This column's ages (35, 20-29, 70+) are read as Adience's eight classes. */
  ages: v.optional(v.string()),
  /** How ages are written: years and bands, or as class 0–7. */
  ageNotation: v.optional(v.picklist(['text', 'class']), 'text'),
  /** Ages that no class holds are dropped, or go to the nearest. */
  between: v.optional(v.picklist(['drop', 'nearest']), 'drop'),
  /** This column is read as male 0, female 1. */
  genders: v.optional(v.string()),
};

const place = v.object(placeOfPictures);
const reading = v.partial(v.object(datasetFields));

/**
 * Opens labelled pictures, their labels read as the fields say. Errors name the path, and the line or row; of kind
 * `request` a column that is not there.
 */
export async function openPictures(
  path: string,
  {
    images,
    pathColumn,
    labelColumns,
    ages,
    ageNotation,
    between,
    genders,
  }: v.InferOutput<typeof place> & v.InferOutput<typeof reading>,
  { files }: Host,
): Promise<Dataset> {
  const columns = { path: pathColumn, labels: labelColumns };
  const dataset = await openDataset(path, files, { images, columns });
  files.protect(dataset.files);
  const column = (name: string, wanted: string): string =>
    dataset.labelColumns.includes(wanted)
      ? wanted
      : failRequest(
          words`${field(name)}`,
          `there is no label column '${wanted}'`,
          words`there are ${dataset.labelColumns.join(', ')}; see ${field('labelColumns')}`,
        );
  const aged =
    ages === undefined
      ? dataset
      : relabel(dataset, column('ages', ages), adienceAges({ between, notation: ageNotation }));
  return genders === undefined ? aged : relabel(aged, column('genders', genders), adienceGenders());
}
