import { fail } from '../../common/error.ts';
import type { AdienceAlignment, AdienceTarget } from '../lists/adience.ts';

/* The folders below a study's data, called as the published definitions call them: they find everything with no more than the data's root. */

/** What the lists, databases and mean images of a preprocessing are in. */
const suffix: Readonly<Record<AdienceAlignment, string>> = {
  aligned: '',
  unaligned: '_unaligned',
  mixed: '_mixed',
};

export const LISTS: Readonly<Record<AdienceAlignment, string>> = {
  aligned: 'train_val_txt_files_per_fold',
  unaligned: 'squared_unaligned_train_val_txt_files_per_fold',
  mixed: 'mixed_train_val_txt_files_per_fold',
};

/** Folders of pictures that a study makes. */
export const PICTURES = { squares: 'faces_squared', mixed: 'faces_mixed' } as const;

/** A list: `test_fold_is_0/age_train.txt` below its preprocessing's folder. */
export const listFile = (crops: AdienceAlignment, fold: number, name: string): string =>
  `${LISTS[crops]}/test_fold_is_${fold}/${name}.txt`;

/** A database that a definition reads. */
export interface NamedDatabase {
  readonly kind: 'database';
  readonly crops: AdienceAlignment;
  readonly fold: number;
  /** Its list: `age_train`. */
  readonly list: string;
  readonly target: AdienceTarget;
  /** Below the data's root. */
  readonly path: string;
}

/** A mean image that a definition subtracts. */
export interface NamedMean {
  readonly kind: 'mean';
  readonly crops: AdienceAlignment;
  readonly fold: number;
  /** Below the data's root. */
  readonly path: string;
}

export const databaseFolder = ({
  crops,
  fold,
  list,
}: Omit<NamedDatabase, 'kind' | 'target' | 'path'>): string =>
  `lmdb${suffix[crops]}/Test_fold_is_${fold}/${list}_lmdb`;

export const meanFile = ({ crops, fold }: Omit<NamedMean, 'kind' | 'path'>): string =>
  `mean_image${suffix[crops]}/Test_fold_is_${fold}/mean.binaryproto`;

const named =
  /(?:^|\/)(?<kind>lmdb|mean_image)(?<crops>_unaligned|_mixed)?\/Test_fold_is_(?<fold>\d+)\/(?:(?<list>(?<target>age|gender)_(?:train|val|train_subset|test))_lmdb|mean\.binaryproto)\/?$/;

/** What a definition's path is in this layout; undefined for any other. */
export function readDataPath(written: string): NamedDatabase | NamedMean | undefined {
  const { kind, crops: ending = '', fold, list, target } = named.exec(written)?.groups ?? {};
  const crops = (Object.keys(suffix) as AdienceAlignment[]).find((each) => suffix[each] === ending);
  if (fold === undefined || crops === undefined || (kind === 'lmdb') !== (list !== undefined))
    return undefined;
  const at = { crops, fold: Number(fold) };
  if (list === undefined) return { kind: 'mean', ...at, path: meanFile(at) };
  const path = databaseFolder({ ...at, list });
  return { kind: 'database', ...at, list, target: target === 'age' ? 'age' : 'gender', path };
}

/** {@link readDataPath} of a path that must be one. Errors name `where`: nothing that a study makes. */
export function parseDataPath(path: string, where: string): NamedDatabase | NamedMean {
  return (
    readDataPath(path) ??
    fail(
      where,
      `'${path}' is nothing that a study makes`,
      'it makes lmdb{,_unaligned,_mixed}/Test_fold_is_K/{age,gender}_{train,val,train_subset,test}_lmdb and mean_image{,_unaligned,_mixed}/Test_fold_is_K/mean.binaryproto',
    )
  );
}
