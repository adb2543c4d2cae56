import { placedState } from './view.ts';

/** What the room of trainings shows. */
export interface TrainingView {
  /** Folders of runs; the first there is unless said. */
  readonly runs: readonly string[];
  /** What is drawn; loss, measures and rate where it is empty. */
  readonly what: readonly string[];
  readonly x: 'iteration' | 'time';
  /** Lines of the log whose running mean is drawn; by its length unless said. */
  readonly smooth?: number;
  readonly log: boolean;
  /** Photos that snapshots are asked about. */
  readonly photos: readonly string[];
  /** Their classes, by photo, where a person says them: the indices. */
  readonly classes: Readonly<Record<string, number>>;
  /** The definition of the network; the one that the training was made by unless said. */
  readonly definition?: string;
  /** Mean image and names of classes; what lies beside the definition unless said, none where it is empty. */
  readonly mean?: string;
  readonly labels?: string;
  /** Whether each snapshot is asked, however many there are. */
  readonly everySnapshot: boolean;
  /** The snapshot and the photo whose heatmap is shown. */
  readonly at?: { readonly snapshot: string; readonly photo: string };
}

/** So many photos are pinned at most: each is a column, and a line in a colour of its own. */
export const mostPinned = 8;

const firstTraining: TrainingView = {
  ...{ runs: [], what: [], x: 'iteration', log: false },
  ...{ photos: [], classes: {}, everySnapshot: false },
};

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

const numbers = (value: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(typeof value === 'object' && value !== null ? value : {}).filter(
      (entry): entry is [string, number] => Number.isSafeInteger(entry[1]) && entry[1] >= 0,
    ),
  );

/** In the address, too. */
export const trainingView = placedState<TrainingView>('training', firstTraining, (given) => {
  const { runs, what, x, smooth, log, photos, classes, everySnapshot, at } = given;
  const path = (name: 'definition' | 'mean' | 'labels') => {
    const value = given[name];
    return typeof value === 'string' && { [name]: value };
  };
  const { snapshot, photo } = (at ?? {}) as Readonly<Record<string, unknown>>;
  return {
    runs: strings(runs),
    what: strings(what),
    x: x === 'time' ? 'time' : 'iteration',
    ...(Number.isSafeInteger(smooth) && { smooth: smooth as number }),
    log: log === true,
    photos: strings(photos).slice(0, mostPinned),
    classes: numbers(classes),
    ...path('definition'),
    ...path('mean'),
    ...path('labels'),
    everySnapshot: everySnapshot === true,
    ...(typeof snapshot === 'string' && typeof photo === 'string' && { at: { snapshot, photo } }),
  };
});

export const showTraining = (change: Partial<TrainingView>): void => {
  trainingView.value = { ...trainingView.value, ...change };
};

/** Photos that are pinned besides those that are, as long as there is room. */
export const pinPhotos = (paths: readonly string[]): void =>
  showTraining({ photos: [...new Set([...trainingView.value.photos, ...paths])].slice(0, mostPinned) });

/** Takes a photo from those that are pinned. */
export function unpinPhoto(path: string): void {
  const { photos, at, ...rest } = trainingView.value;
  trainingView.value = {
    ...rest,
    photos: photos.filter((each) => each !== path),
    ...(at && at.photo !== path && { at }),
  };
}
