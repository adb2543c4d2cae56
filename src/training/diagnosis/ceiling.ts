import { type NetParameter, LossParameter_NormalizationMode as Normalization } from '../../caffe/index.ts';
import { mostSoftmaxLoss } from '../../operators/loss/softmax.ts';
import type { Note } from '../notes.ts';

/** Iterations more than others in which a loss must be near its ceiling before it is told. */
const patience = 10;

/** A quarter of the labels at the ceiling: no network that learns, nor one that merely starts badly, is there for long. */
const near = mostSoftmaxLoss / 4;

/** The outputs of a network that are means of softmax losses over labels. */
export const softmaxOutputs = ({ layer }: NetParameter): string[] =>
  layer
    .filter(
      ({ type, lossParam }) => type === 'SoftmaxWithLoss' && lossParam?.normalization !== Normalization.NONE,
    )
    .flatMap(({ top }) => top.slice(0, 1));

/**
 * Watches for softmax losses that stay near −log FLT_MIN = 87.34, the most that a label can cost: a step that was too
 * large has made true classes impossible, and gradients no longer lead out. `before` is how many more of the iterations
 * so far were near it than not, from 0 on, and stays at its limit once it was told; snapshots keep it, so that a run that
 * goes on says the same.
 */
export function watchCeiling(
  before: number,
  losses: ReadonlyMap<string, ArrayLike<number>>,
  outputs: readonly string[],
): { readonly count: number; readonly note?: Note } {
  if (before >= patience) return { count: before };
  const worst = outputs
    .map((output) => ({ output, value: losses.get(output)?.[0] ?? 0 }))
    .reduce((a, b) => (b.value > a.value ? b : a), { output: '', value: 0 });
  const count = Math.max(0, before + (worst.value >= near ? 1 : -1));
  return count < patience
    ? { count }
    : { count, note: { kind: 'loss-ceiling', ...worst, most: mostSoftmaxLoss } };
}
