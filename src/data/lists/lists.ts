import { fail } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import {
  type AdienceAlignment,
  type AdienceTarget,
  ageLabel,
  genderLabel,
  type LabelVariant,
} from './adience.ts';
import type { AdienceFace, Fold } from './folds.ts';
import type { ListedImage } from './imagelist.ts';
import { shuffled } from './shuffle.ts';

/** How lists are made of folds. */
export interface ListOptions {
  readonly alignment: AdienceAlignment;
  readonly labels: LabelVariant;
  /**
   * `as-published`: the first tenth of the shuffled images, and the image after it lost; `by-person`: whole albums,
   * a tenth of the images in all, and none lost.
   */
  readonly validation: 'by-person' | 'as-published';
  readonly seed: number;
  /** The most lines of each list; all unless given. */
  readonly most?: number | undefined;
}

/** An image file of a face. */
export interface FaceFile {
  readonly path: string;
  readonly face: AdienceFace;
}

/** The files of one split, in the lists' order, before any is dropped for its label. */
export interface Split {
  /** The fold that is tested. */
  readonly fold: number;
  readonly test: readonly FaceFile[];
  readonly train: readonly FaceFile[];
  readonly val: readonly FaceFile[];
  /** The first tenth of `train`: to watch the training error by. */
  readonly trainSubset: readonly FaceFile[];
  /** What the published split leaves out by an off-by-one. */
  readonly lost: readonly FaceFile[];
}

/** The image file of a face, relative to the folder of its preprocessing; two where both are used. */
export function filesOf(face: AdienceFace, alignment: AdienceAlignment): FaceFile[] {
  const kinds = {
    aligned: ['landmark_aligned_face'],
    unaligned: ['coarse_tilt_aligned_face'],
    mixed: ['landmark_aligned_face', 'coarse_tilt_aligned_face'],
  } as const;
  return kinds[alignment].map((kind) => ({
    path: `${face.user}/${kind}.${face.face}.${face.original}`,
    face,
  }));
}

/**
 * The split that tests on one fold and trains on the others. All files are shuffled by `seed` first, before any is
 * dropped for its label, so that the lists for age and gender hold the same images. Errors: too few folds or files.
 */
export function splitFolds(folds: readonly Fold[], test: number, options: ListOptions): Split {
  const tested = folds.find(({ index }) => index === test) ?? fail('folds', `there is no fold ${test}`);
  const rest = folds.filter(({ index }) => index !== test);
  const files = (some: readonly Fold[]) =>
    some.flatMap(({ faces }) => faces.flatMap((face) => filesOf(face, options.alignment)));
  const pool = shuffled(files(rest), options.seed, 2 * test);
  const tenth = Math.floor(pool.length / 10);
  if (tenth === 0) fail('folds', `${pool.length} images to train on`, 'give all folds of the benchmark');
  const { train, val, lost } =
    options.validation === 'as-published'
      ? { val: pool.slice(0, tenth), lost: [pool[tenth]], train: pool.slice(tenth + 1) }
      : byPerson(pool, tenth, options.seed, 2 * test + 1);
  return {
    fold: test,
    test: shuffled(files([tested]), options.seed, 2 * test),
    train,
    val,
    // The published script takes the slice from tenth + 1 to 2 · tenth, one less than are in `val`.
    trainSubset: train.slice(0, options.validation === 'as-published' ? tenth - 1 : tenth),
    lost,
  };
}

/** Takes people in random order, each that still fits, until about `wanted` files are for validation. */
function byPerson(
  pool: readonly FaceFile[],
  wanted: number,
  seed: number,
  stream: number,
): Pick<Split, 'train' | 'val' | 'lost'> {
  const sizes = new Map<string, number>();
  for (const { face } of pool) sizes.set(face.user, (sizes.get(face.user) ?? 0) + 1);
  const chosen = new Set<string>();
  let room = wanted;
  // Sorted first, so that the choice depends on who is there and not on the order of the shuffled files.
  for (const user of shuffled([...sizes.keys()].sort(), seed, stream)) {
    const size = sizes.get(user)!;
    if (size > room) continue;
    chosen.add(user);
    room -= size;
  }
  if (chosen.size === 0) {
    fail(
      'folds',
      'everyone has more than a tenth of the images',
      words`use ${field('validation', 'as-published')}`,
    );
  }
  return {
    train: pool.filter(({ face }) => !chosen.has(face.user)),
    val: pool.filter(({ face }) => chosen.has(face.user)),
    lost: [],
  };
}

/** The class of a face for a target; undefined where it has none. */
export function labelOf(face: AdienceFace, target: AdienceTarget, labels: LabelVariant): number | undefined {
  return target === 'age' ? ageLabel(face.age, labels) : genderLabel(face.gender);
}

/** The list of files that have a class for the target. */
export function listOf(
  files: readonly FaceFile[],
  target: AdienceTarget,
  labels: LabelVariant,
): ListedImage[] {
  return files.flatMap(({ path, face }) => {
    const label = labelOf(face, target, labels);
    return label === undefined ? [] : [{ path, label }];
  });
}
