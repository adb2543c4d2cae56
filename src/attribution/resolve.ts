import { findLabel } from '../classifier/labels.ts';
import { argmax, ranked } from '../classifier/rank.ts';
import { fail } from '../common/error.ts';
import { float32, type Head, type Tensor } from '../graph/index.ts';
import type { ClassName, Target } from './target.ts';

/** The classes of one image's target by index. */
export interface ResolvedTarget {
  readonly classes: readonly number[];
  /** The classes whose scores are subtracted; none unless the target is a contrast. */
  readonly against: readonly number[];
}

/** Stands for the predicted class until the scores are known, as −2 does for the second best, and so on. */
export const predicted = -1;

/**
 * Targets by index, one per image; `predicted` is still open (−1), as are the best classes (−1, −2 …), of which there are no more
 * than classes. One target is for all images.
 * Errors: labels that match none or several, an index beyond the last class, a wrong number of targets.
 */
export function resolveTargets(
  given: Target | readonly Target[],
  images: number,
  head: Head,
  classes: number,
): ResolvedTarget[] {
  const targets: readonly Target[] = isList(given) ? given : Array.from({ length: images }, () => given);
  if (targets.length !== images) fail('targets', `there are ${targets.length} for ${images} images`);
  const known = new Map<ClassName, number>();
  const index = (name: ClassName): number => {
    const found = known.get(name) ?? indexOf(name, head, classes);
    known.set(name, found);
    return found;
  };
  return targets.map((target) => {
    if (typeof target === 'object' && 'top' in target) {
      const best = Array.from({ length: Math.min(target.top, classes) }, (_, rank) => predicted - rank);
      return best.length > 0 ? { classes: best, against: [] } : fail('target', 'it names no class');
    }
    const wanted = typeof target === 'object' ? target : { classes: [target] };
    const resolved = { classes: wanted.classes.map(index), against: (wanted.against ?? []).map(index) };
    if (resolved.classes.length === 0) fail('target', 'it names no class');
    return resolved;
  });
}

const isList = (given: Target | readonly Target[]): given is readonly Target[] => Array.isArray(given);

function indexOf(name: ClassName, head: Head, classes: number): number {
  if (name === 'predicted') return predicted;
  if (typeof name === 'string') {
    const labels =
      head.labels ?? fail(`target '${name}'`, `output '${head.name}' has no labels`, 'give the class index');
    return findLabel(name, labels);
  }
  if (Number.isInteger(name) && name >= 0 && name < classes) return name;
  return fail(
    `target ${name}`,
    `output '${head.name}' has ${classes} classes`,
    `give an index from 0 to ${classes - 1}`,
  );
}

/** Puts the classes with the highest scores (the first of equals) where targets left `predicted` or the best open. */
export function settlePredicted(
  targets: readonly ResolvedTarget[],
  scores: Tensor<'float32'>,
): ResolvedTarget[] {
  const classes = scores.shape[1];
  return targets.map((target, image) => {
    const row = scores.data.subarray(image * classes, (image + 1) * classes);
    const isOpen = [...target.classes, ...target.against].some((index) => index < predicted);
    const best = isOpen ? ranked(row, {}).map(({ index }) => index) : [argmax(row)];
    const settle = (indices: readonly number[]) =>
      indices.map((index) => (index < 0 ? best[predicted - index] : index));
    return { classes: settle(target.classes), against: settle(target.against) };
  });
}

/** Whether a target is one class, which needs no weights. */
export const isSingle = (target: ResolvedTarget): boolean =>
  target.classes.length === 1 && target.against.length === 0;

/**
 * The weight of every class in the explained sum, N×K: 1 for the classes, −1 for those against; 0 for a class on both
 * sides, as where `predicted vs 281` meets an image of class 281.
 */
export function classWeights(targets: readonly ResolvedTarget[], classes: number): Tensor<'float32'> {
  const weights = float32([targets.length, classes], new Float32Array(targets.length * classes));
  targets.forEach((target, image) => {
    for (const index of new Set(target.classes)) weights.data[image * classes + index] += 1;
    for (const index of new Set(target.against)) weights.data[image * classes + index] -= 1;
  });
  return weights;
}

/** A target as people read it: labels where there are any, else indices. */
export function targetName(target: ResolvedTarget, head: Head): string {
  const side = (indices: readonly number[]) =>
    indices.map((index) => head.labels?.[index] ?? `${index}`).join(' + ');
  return target.against.length > 0
    ? `${side(target.classes)} vs ${side(target.against)}`
    : side(target.classes);
}
