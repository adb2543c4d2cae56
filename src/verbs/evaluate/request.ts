import * as v from 'valibot';
import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { CROPS } from '../../image/pixels/crops.ts';
import { computeFields, foldNumbers, names, parquet, shard, whole } from '../request.ts';

/** What {@link evaluate} is asked. */
export const evaluateRequest = v.strictObject({
  /** The models' files, `.onnx`; all have the same classes. `{fold}` stands for the numbers of `folds`. */
  models: names,
  /** Labelled photos: an image list, an LMDB database, a folder per class, a `.csv` manifest; `{fold}` as in `models`. */
  data: v.string(),
  /** The result folder; of several models or folds the folder of theirs. */
  output: v.string(),
  /** The middle of a photo; the mean over ten crops; the bottom right one, as was published. */
  crops: v.optional(v.picklist(CROPS), 'center'),
  /** What is asked for: `age`, `gender`, or any column of a manifest. */
  target: v.optional(v.string()),
  /** The output that answers; the one named like the target unless given. */
  head: v.optional(v.string()),
  /** `adience` sorts ages, a regression's too, into these classes. */
  as: v.optional(v.picklist(['adience'])),
  /** What becomes of true ages that no class holds. */
  between: v.optional(v.picklist(['drop', 'nearest']), 'drop'),
  /** Whether classes have an order, so that one-off accuracy is measured; those of ages always do. */
  ordered: v.optional(v.boolean(), false),
  /** The folder that a list's paths start from; its own unless given. */
  images: v.optional(v.string()),
  /** The column that says whose face it is. */
  personColumn: v.optional(v.string()),
  /** The column that says which fold a photo is in. */
  foldColumn: v.optional(v.string()),
  /** Network inputs per run: photos × crops. */
  batch: v.optional(whole(1), 32),
  /** Folds that are evaluated one after the other. */
  folds: v.optional(foldNumbers),
  /** What tables and charts call the model; its file unless given. */
  name: v.optional(v.string()),
  /** Where it stands in a table: `{ architecture: 'vgg16' }`. */
  place: v.optional(v.record(v.string(), v.string()), {}),
  /** Whether photos that are missing or cannot be read are left out and recorded. */
  skipBad: v.optional(v.boolean(), false),
  /** Which part of the photos is evaluated, for {@link merge}; all unless given. */
  shard: v.optional(shard),
  /** Whether an unfinished or other result in the folder is forgotten. */
  restart: v.optional(v.boolean(), false),
  /** Whether `answers.csv` is written as Parquet, too. */
  parquet,
  ...computeFields,
});

/** What {@link evaluate} is asked; a field with a question mark may be left out. */
export type EvaluateRequest = v.InferInput<typeof evaluateRequest>;

/** The request with its defaults. */
export type EvaluateFields = v.InferOutput<typeof evaluateRequest>;

/** Errors: one name for several models; folds without `{fold}` in a path, or the other way round; shards of folds. */
export function checkFolds({ models, data, name, folds, shard: part }: EvaluateFields): void {
  if (folds && part)
    failRequest(
      words`${field('shard')}`,
      words`it and ${field('folds')} exclude each other`,
      'give one fold at a time',
    );
  if (name !== undefined && models.length > 1)
    failRequest(words`${field('name')}`, `one name for ${models.length} models`);
  const placeholder = [...models, data].some((path) => path.includes('{fold}'));
  if (placeholder === (folds !== undefined)) return;
  failRequest(
    words`${field('folds')}`,
    placeholder ? 'missing: which {fold}s?' : 'no path has a {fold}',
    placeholder ? 'give their numbers' : 'write {fold} where their numbers go',
  );
}
