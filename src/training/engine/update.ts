import { fail } from '../../common/error.ts';
import { clipFactor, sumOfSquares, type UpdateRule, type UpdateStep, updateRule } from '../solver/index.ts';
import type { ThreadArrays } from './arrays.ts';
import { share } from './layout.ts';
import type { Assignment, UpdateOutcome } from './order.ts';
import { type SharedSum, sharedSum } from './reduction.ts';

/** What one thread updates: the elements [from, to) of what is trained, with the gradients of all threads. */
export interface UpdateShare {
  readonly arrays: ThreadArrays;
  readonly from: number;
  readonly to: number;
  readonly rule: UpdateRule;
  readonly sums: SharedSum;
  readonly clipGradients: number | undefined;
}

export function updateShare(assignment: Assignment, arrays: ThreadArrays): UpdateShare {
  const { part, parts, rule, reduction, clipGradients } = assignment;
  const [from, to] = share(arrays.layout, part, parts);
  return { arrays, from, to, rule: updateRule(rule), sums: sharedSum(reduction, part, parts), clipGradients };
}

/**
 * Moves a thread's share of the weights, while all others do the same, and takes theirs over. The weights stay as they
 * are where `lossIsFinite` is false of any thread or a gradient is not finite. Errors: another thread failed; after any
 * error the others fail, too, instead of waiting for this one.
 */
export function update(own: UpdateShare, steps: readonly UpdateStep[], lossIsFinite: boolean): UpdateOutcome {
  try {
    return updateTogether(own, steps, lossIsFinite);
  } catch (error) {
    own.sums.giveUp();
    throw error;
  }
}

function updateTogether(
  own: UpdateShare,
  steps: readonly UpdateStep[],
  lossIsFinite: boolean,
): UpdateOutcome {
  const { arrays, from, to, sums } = own;
  const { layout, master, weights, total } = arrays;
  const gaveUp = () => fail('training', 'another thread failed');
  if (!sums.addShare(total, from, to)) gaveUp();
  const squares = sumOfSquares(total, from, to);
  const norm = sums.addScalar(lossIsFinite ? squares : Number.NaN) ?? gaveUp();
  // The weights stay as they are then: one can find out where it began.
  if (!Number.isFinite(norm)) return { finite: false, bad: firstBad(own, total) };
  const finite = moveWeights(own, steps, clipFactor(own.clipGradients, norm));
  if (!sums.meet()) gaveUp();
  weights.set(master.subarray(0, layout.trained));
  return finite ? { finite } : { finite, bad: firstBad(own, master) };
}

/** Moves the share of the weights that all threads see; returns whether they are finite. */
function moveWeights(
  { arrays, from, to, rule }: UpdateShare,
  steps: readonly UpdateStep[],
  clip: number,
): boolean {
  const { layout, master, histories, total } = arrays;
  let finite = true;
  layout.parameters.forEach((parameter, i) => {
    const [start, end] = [Math.max(from, parameter.from), Math.min(to, parameter.to)];
    if (start >= end) return;
    const step = steps[i];
    const scaled = clip === 1 ? step : { ...step, scale: clip * step.scale };
    if (!rule.update({ weights: master, gradient: total, histories }, start, end, scaled)) finite = false;
  });
  return finite;
}

/** The first element of the share that is not finite. */
function firstBad({ from, to }: UpdateShare, values: Float32Array): number | undefined {
  for (let i = from; i < to; i++) if (!Number.isFinite(values[i])) return i;
  return undefined;
}
