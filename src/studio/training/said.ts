import type { ProgressRow } from '../../report/index.ts';
import type { ClassifiedPhoto, FailedItem, HeadAnswer } from '../../verbs/index.ts';
import { fileNameOf } from '../state/folder.ts';
import type { RunSnapshot } from './snapshots.ts';

/** What a snapshot said of the photos that are pinned. */
export interface SaidBySnapshot extends RunSnapshot {
  readonly photos: readonly (ClassifiedPhoto | FailedItem)[];
}

/** The output that is followed: the first that names classes, else the first. */
export function followedHead(
  photo: ClassifiedPhoto | FailedItem | undefined,
): readonly [string, HeadAnswer] | undefined {
  if (!photo || 'error' in photo) return undefined;
  const heads = Object.entries(photo.outputs);
  return heads.find(([, { kind }]) => kind === 'classes') ?? heads[0];
}

/** A class with its index. */
export interface NumberedClass {
  readonly index: number;
  readonly label: string;
}

/** All classes, in their order. */
export function classesOf(said: readonly SaidBySnapshot[]): readonly NumberedClass[] {
  for (const { photos } of said)
    for (const photo of photos) {
      const head = followedHead(photo)?.[1];
      if (head?.kind === 'classes')
        return head.top.map(({ index, label }) => ({ index, label })).sort((a, b) => a.index - b.index);
    }
  return [];
}

/** Which class of a photo is followed, and who says so. */
export interface FollowedClass extends NumberedClass {
  /** A person, the folder that the photo is in, or the newest snapshot, which may be wrong. */
  readonly by: 'person' | 'folder' | 'network';
}

/** The class of a photo that is followed over a training; undefined before anything is known, and of numbers. */
export function followedClass(
  photo: string,
  place: number,
  said: readonly SaidBySnapshot[],
  chosen: Readonly<Record<string, number>>,
): FollowedClass | undefined {
  const classes = classesOf(said);
  const person = classes.find(({ index }) => index === chosen[photo]);
  if (person) return { ...person, by: 'person' };
  const folder = photo.split('/').at(-2)?.toLowerCase();
  const within = classes.find(({ label }) => label.toLowerCase() === folder);
  if (within) return { ...within, by: 'folder' };
  const newest = said.toSorted((a, b) => b.iteration - a.iteration);
  for (const { photos } of newest) {
    const head = followedHead(photos[place])?.[1];
    if (head?.kind !== 'classes') continue;
    const [{ index, label }] = head.top;
    return { index, label, by: 'network' };
  }
  return undefined;
}

/** The value of a class, or the number that is answered. */
export function followedValue(
  photo: ClassifiedPhoto | FailedItem | undefined,
  followed: NumberedClass | undefined,
): number | undefined {
  const head = followedHead(photo)?.[1];
  if (head?.kind === 'number') return head.value;
  return head?.top.find(({ index }) => index === followed?.index)?.value;
}

/** Answers as rows of a chart: a line for each photo, over the iterations of each run. */
export function answerRows(
  photos: readonly string[],
  said: readonly SaidBySnapshot[],
  followed: readonly (NumberedClass | undefined)[],
): ProgressRow[] {
  const several = new Set(said.map(({ run }) => run)).size > 1;
  const names = shortNames(photos);
  return said
    .toSorted((a, b) => a.iteration - b.iteration)
    .flatMap(({ run, iteration, photos: answers }) =>
      photos.flatMap((_, place) => {
        const value = followedValue(answers[place], followed[place]);
        const head = followedHead(answers[place]);
        if (value === undefined || !head) return [];
        const [name, { kind }] = head;
        const metric =
          kind === 'number'
            ? name
            : head[1].kind === 'classes' && head[1].probabilities
              ? 'probability'
              : 'score';
        const label = followed[place]?.label;
        return [
          {
            ...{ iteration, metric, value },
            series: label === undefined ? names[place] : `${names[place]}: ${label}`,
            ...(several && { run }),
          },
        ];
      }),
    );
}

/** Names without folders, where they tell the photos apart. */
export function shortNames(paths: readonly string[]): readonly string[] {
  const names = paths.map(fileNameOf);
  return paths.map((path, i) => (names.indexOf(names[i]) === names.lastIndexOf(names[i]) ? names[i] : path));
}
