import type { AdienceTarget, LabelVariant } from './adience.ts';
import type { Face, Fold } from './folds.ts';
import { type FaceFile, labelOf, type Split } from './lists.ts';

/** What two lists of files have in common. */
export interface Overlap {
  /** Files of the second list: in all, and those whose person, photo or file is in the first list, too. */
  readonly files: number;
  readonly filesOfSharedPeople: number;
  readonly filesOfSharedPhotos: number;
  readonly sharedFiles: number;
  /** Distinct people and photos that are in both. */
  readonly people: number;
  readonly photos: number;
}

/** How much of what is measured on `second` was seen in `first`: a person is an album, a photo a file of it. */
export function overlap(first: readonly FaceFile[], second: readonly FaceFile[]): Overlap {
  const people = new Set(first.map(({ face }) => face.user));
  const photos = new Set(first.map(({ face }) => photoOf(face)));
  const paths = new Set(first.map(({ path }) => path));
  const ofPeople = second.filter(({ face }) => people.has(face.user));
  const ofPhotos = second.filter(({ face }) => photos.has(photoOf(face)));
  return {
    files: second.length,
    filesOfSharedPeople: ofPeople.length,
    filesOfSharedPhotos: ofPhotos.length,
    sharedFiles: second.filter(({ path }) => paths.has(path)).length,
    people: new Set(ofPeople.map(({ face }) => face.user)).size,
    photos: new Set(ofPhotos.map(({ face }) => photoOf(face))).size,
  };
}

const photoOf = (face: Face): string => `${face.user}/${face.original}`;

/** The overlap of a split's training and validation lists for a target: labelled files only, as the lists hold. */
export function validationLeak({ train, val }: Split, target: AdienceTarget, labels: LabelVariant): Overlap {
  const labelled = (files: readonly FaceFile[]) =>
    files.filter(({ face }) => labelOf(face, target, labels) !== undefined);
  return overlap(labelled(train), labelled(val));
}

/** What the folds hold, and what of it no list can hold. */
export interface Census {
  readonly rows: number;
  /** Rows with a class. */
  readonly labelled: number;
  /** How often each label that is no class occurs, the most frequent first. */
  readonly dropped: readonly { readonly label: string; readonly rows: number }[];
}

/** Counts the rows of folds by whether they have a class for the target. */
export function census(folds: readonly Fold[], target: AdienceTarget, labels: LabelVariant): Census {
  const dropped = new Map<string, number>();
  let rows = 0;
  let labelled = 0;
  for (const face of folds.flatMap(({ faces }) => faces)) {
    rows++;
    if (labelOf(face, target, labels) !== undefined) labelled++;
    else {
      const text = face[target] || 'none given';
      dropped.set(text, (dropped.get(text) ?? 0) + 1);
    }
  }
  const sorted = [...dropped].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return { rows, labelled, dropped: sorted.map(([label, rows]) => ({ label, rows })) };
}

/** Rows that repeat an earlier one of the same face in the same photo. */
export function repeatedRows(folds: readonly Fold[]): number {
  const faces = folds.flatMap(({ faces }) => faces);
  return faces.length - new Set(faces.map((face) => `${photoOf(face)}/${face.face}`)).size;
}

/** People who are in more than one fold: none in the published ones. */
export function peopleInSeveralFolds(folds: readonly Fold[]): string[] {
  const seen = new Map<string, Set<number>>();
  for (const { index, faces } of folds) {
    for (const { user } of faces) {
      const at = seen.get(user);
      if (at) at.add(index);
      else seen.set(user, new Set([index]));
    }
  }
  return [...seen].filter(([, at]) => at.size > 1).map(([user]) => user);
}
