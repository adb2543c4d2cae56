import type { ResolvedTarget } from '../attribution/index.ts';
import type { Question } from './probe.ts';
import type { Regions } from './regions.ts';
import type { Fill, NetworkPhoto } from './replacement.ts';

/** How a perturbation curve is taken. */
export interface CurveOptions {
  /** Steps after the photo as it is: a curve has one value more. */
  readonly steps: number;
  /** The share of the regions that is gone at the last step; 1: all. */
  readonly until: number;
}

/** One order in which a photo's regions go, and what was measured on the way. */
export interface Removal {
  /** The rank of every region. */
  readonly ranks: Int32Array;
  /** The value at each step, from the photo as it is on. */
  readonly values: Float64Array;
}

/** How many of `count` regions are gone at a step. */
export const goneAt = (step: number, count: number, { steps, until }: CurveOptions): number =>
  Math.round((step * until * count) / steps);

/**
 * The questions of perturbation curves (pixel flipping: Bach et al. 2015; region perturbation: Samek et al. 2017,
 * "Evaluating the Visualization of What a Deep Neural Network Has Learned"): at each step those regions whose rank is below
 * {@link goneAt} are replaced. The photo as it is, and without any region, is asked about once for all orders.
 */
export function* curveQuestions(
  photo: NetworkPhoto,
  target: ResolvedTarget,
  regions: Regions,
  removals: readonly Removal[],
  filling: () => Fill,
  options: CurveOptions,
): Generator<Question, void> {
  const last = options.until === 1 ? options.steps : -1;
  const shared = (step: number, fill: Question['fill']): Question => ({
    target,
    fill,
    answer: (value) => {
      for (const { values } of removals) values[step] = value;
    },
  });
  yield shared(0, (out) => out.set(photo.data));
  const removed = new Uint8Array(photo.height * photo.width);
  for (const { ranks, values } of removals) {
    const fill = filling();
    for (let step = 1; step <= options.steps; step++) {
      if (step === last) continue;
      const gone = goneAt(step, regions.count, options);
      yield {
        target,
        fill(out) {
          for (let p = 0; p < removed.length; p++) removed[p] = ranks[regions.of[p]] < gone ? 1 : 0;
          fill(removed, out);
        },
        answer: (value) => {
          values[step] = value;
        },
      };
    }
  }
  if (last >= 0) yield shared(last, (out) => filling()(removed.fill(1), out));
}

/**
 * AOPC (Samek et al. 2017, equation 12), for one photo: the mean over all steps, the photo as it is among them, of how far
 * the value has fallen. For `morf` more is better, for `lerf` less.
 */
export const aopc = (values: ArrayLike<number>): number => values[0] - mean(values);

/**
 * The area between the curves (ABPC; the degradation of Schulz et al. 2020, "Restricting the Flow", without their scale):
 * the mean distance of the curve that begins with what is least relevant above that which begins with what is most.
 */
export const areaBetween = (lerf: ArrayLike<number>, morf: ArrayLike<number>): number =>
  mean(lerf) - mean(morf);

/** The area under a curve over the share of regions (trapezoids), as a mean value: Petsiuk et al. 2018, "RISE". */
export function areaUnder(values: ArrayLike<number>): number {
  const steps = values.length - 1;
  let sum = (values[0] + values[steps]) / 2;
  for (let k = 1; k < steps; k++) sum += values[k];
  return sum / steps;
}

/**
 * Monotonicity (Arya et al. 2019, "One Explanation Does Not Fit All"), as a share: regions come back to the empty photo, the
 * least relevant first; the share of the steps at which the value does not fall. That is the curve `morf` read backwards.
 */
export function monotonicity(morf: ArrayLike<number>): number {
  let steps = 0;
  for (let k = 1; k < morf.length; k++) if (morf[k] <= morf[k - 1]) steps++;
  return steps / (morf.length - 1);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
