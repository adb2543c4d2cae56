import { fail } from '../../common/error.ts';
import type { AdienceAlignment, AdienceTarget } from '../../data/index.ts';

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
}

/** A mean image that a definition subtracts. */
export interface NamedMean {
  readonly kind: 'mean';
  readonly crops: AdienceAlignment;
  readonly fold: number;
}

export const databaseFolder = ({ crops, fold, list }: Omit<NamedDatabase, 'kind' | 'target'>): string =>
  `lmdb${suffix[crops]}/Test_fold_is_${fold}/${list}_lmdb`;

export const meanFile = ({ crops, fold }: Omit<NamedMean, 'kind'>): string =>
  `mean_image${suffix[crops]}/Test_fold_is_${fold}/mean.binaryproto`;

const named =
  /(?:^|\/)(?<kind>lmdb|mean_image)(?<crops>_unaligned|_mixed)?\/Test_fold_is_(?<fold>\d+)\/(?:(?<list>(?<target>age|gender)_(?:train|val|train_subset|test))_lmdb|mean\.binaryproto)\/?$/;

/** What a definition's path is in this layout. Errors name `where`: nothing that a study makes. */
export function parseDataPath(path: string, where: string): NamedDatabase | NamedMean {
  const { kind, crops: ending = '', fold, list, target } = named.exec(path)?.groups ?? {};
  const crops = (Object.keys(suffix) as AdienceAlignment[]).find((each) => suffix[each] === ending);
  if (fold === undefined || crops === undefined || (kind === 'lmdb') !== (list !== undefined)) {
    return fail(
      where,
      `'${path}' is nothing that a study makes`,
      'it makes lmdb{,_unaligned,_mixed}/Test_fold_is_K/{age,gender}_{train,val,train_subset,test}_lmdb and mean_image{,_unaligned,_mixed}/Test_fold_is_K/mean.binaryproto',
    );
  }
  if (list === undefined) return { kind: 'mean', crops, fold: Number(fold) };
  return { kind: 'database', crops, fold: Number(fold), list, target: target === 'age' ? 'age' : 'gender' };
}
