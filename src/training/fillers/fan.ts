import { FillerParameter_VarianceNorm as VarianceNorm } from '../../caffe/index.ts';
import { size } from '../../graph/index.ts';

/**
 * The number of connections that a blob's variance is scaled by, counted from its shape as Caffe does: into one output
 * (all axes but the first), out of one input (all axes but the second), or the mean of the two. Groups do not count.
 */
export function fan(shape: readonly number[], norm: VarianceNorm): number {
  const count = size(shape);
  const into = count / (shape[0] ?? 1);
  const out = count / (shape[1] ?? 1);
  if (norm === VarianceNorm.AVERAGE) return (into + out) / 2;
  return norm === VarianceNorm.FAN_OUT ? out : into;
}
