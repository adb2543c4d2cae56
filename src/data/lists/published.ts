import type { AdienceAlignment, AdienceTarget } from './adience.ts';
import type { Fold } from './folds.ts';
import { census, type Overlap, validationLeak } from './leaks.ts';
import { type ListOptions, splitFolds } from './lists.ts';

/** What is wrong with the published split, over all folds. */
export interface PublishedFaults {
  /** Files that stand in no list by an off-by-one. */
  readonly lost: number;
  /** Faces that are dropped for their mislabel. */
  readonly mislabelled: number;
  /** What validation lists share with their training lists. */
  readonly leak: Readonly<Record<AdienceTarget, Leak>>;
}

/** What two lists share, as files: people, photos, the same picture. */
export type Leak = Pick<Overlap, 'files' | 'filesOfSharedPeople' | 'filesOfSharedPhotos' | 'sharedFiles'>;

/** Measures what the published split drops and leaks, by a split that is made like it: its own random order is lost. */
export function publishedFaults(
  folds: readonly Fold[],
  alignment: AdienceAlignment,
  seed: number,
): PublishedFaults {
  const options: ListOptions = { alignment, labels: 'as-published', validation: 'as-published', seed };
  const splits = folds.map(({ index }) => splitFolds(folds, index, options));
  const leak = (target: AdienceTarget): Leak => {
    const leaks = splits.map((split) => validationLeak(split, target, 'as-published'));
    const sum = (key: keyof Overlap) => leaks.reduce((total, each) => total + each[key], 0);
    return {
      files: sum('files'),
      filesOfSharedPeople: sum('filesOfSharedPeople'),
      filesOfSharedPhotos: sum('filesOfSharedPhotos'),
      sharedFiles: sum('sharedFiles'),
    };
  };
  return {
    lost: splits.reduce((sum, { lost }) => sum + lost.length, 0),
    mislabelled: census(folds, 'age', 'repaired').labelled - census(folds, 'age', 'as-published').labelled,
    leak: { age: leak('age'), gender: leak('gender') },
  };
}
