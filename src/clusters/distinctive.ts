import type { VectorMoments } from '../common/moments.ts';
import { studentTwoSided } from '../evaluation/statistics/student.ts';

/** Differences of fewer pooled deviations than this are passed over (Cohen's large effect is 0.8). */
const LEAST_EFFECT = 1;

/** The chance at most that any pixel differs among pictures drawn from one kind. */
const LEVEL = 0.05;

/** Deviations of a channel below this share of its range are taken for it: ink that is the same in all pictures has none. */
const LEAST_DEVIATION = 1e-3;

/**
 * Where pictures of a cluster differ from others of the same class, place by place: 1 for pixels of which a channel's means are at least
 * one pooled deviation apart (Cohen's d), by more than chance explains (Welch's t, Bonferroni over pixels and channels).
 * Something that stands at one place in all of a cluster's pictures, a tag or a frame, differs there by many deviations;
 * textures and objects that move differ by a fraction. Both moments are of pictures C×H×W, flat; `pixels` is H·W.
 */
export function differingPixels(own: VectorMoments, rest: VectorMoments, pixels: number): Uint8Array {
  const differing = new Uint8Array(pixels);
  const tests = own.mean.length;
  for (let from = 0; from < tests; from += pixels) {
    const least = (LEAST_DEVIATION * rangeOf(own, rest, from, pixels)) ** 2;
    for (let i = 0; i < pixels; i++) {
      const at = from + i;
      const apart = Math.abs(own.mean[at] - rest.mean[at]);
      const [mine, others] = [own, rest].map((each) => Math.max(least, varianceOf(each, at)));
      if (apart === 0 || apart < LEAST_EFFECT * Math.sqrt((mine + others) / 2)) continue;
      if (welch(apart, mine / own.count, others / rest.count, own.count, rest.count) < LEVEL / tests)
        differing[i] = 1;
    }
  }
  return differing;
}

/** Two-sided p-value of two means, their squared standard errors and numbers given (Welch 1947). */
function welch(apart: number, a: number, b: number, n: number, m: number): number {
  const freedom = (a + b) ** 2 / (a ** 2 / (n - 1) + b ** 2 / (m - 1));
  return studentTwoSided(apart / Math.sqrt(a + b), freedom);
}

const varianceOf = ({ squares, count }: VectorMoments, at: number): number => squares[at] / (count - 1);

/** How far a channel's means reach, over both. */
function rangeOf(own: VectorMoments, rest: VectorMoments, from: number, pixels: number): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { mean } of [own, rest])
    for (let at = from; at < from + pixels; at++) {
      low = Math.min(low, mean[at]);
      high = Math.max(high, mean[at]);
    }
  return high - low;
}
