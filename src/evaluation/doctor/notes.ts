import { linkOf } from '../../relevance/scores.ts';
import { inOrder } from './normalisation.ts';
import type { PixelStatistics } from './pixels.ts';
import type { Setup } from './setup.ts';
import type { TrialOptions, TrialScores } from './trial.ts';

/** Grey levels by which the mean of data and model may differ without a word. */
const FAR = 50;

/** A mean that is far from that of the photos: of other data, or in another order. */
export function noteOnMean({ how: { mean, channels } }: Setup, pixels: PixelStatistics): string[] {
  if (!mean) return [];
  const own = inOrder(pixels.mean, channels);
  const stated =
    'data' in mean
      ? own.map((_, c) => {
          const plane = mean.data.length / own.length;
          return (
            mean.data.subarray(c * plane, (c + 1) * plane).reduce((sum, value) => sum + value, 0) / plane
          );
        })
      : mean;
  if (own.every((value, c) => Math.abs(value - stated[c]) <= FAR)) return [];
  const text = (values: readonly number[]) => values.map((value) => Math.round(value)).join(', ');
  return [`the model subtracts (${text(stated)}), the mean of these photos is (${text(own)})`];
}

/** Scores that are no probabilities: no mistake, but likelihood and calibration mean nothing. */
export function noteOnScores({ graph }: Setup, { head }: TrialOptions, { scores }: TrialScores): string[] {
  if (head.kind === 'number' || linkOf(graph, head.output)) return [];
  const odd = scores.some(
    (values) =>
      values && (values.some((x) => x < -1e-6) || Math.abs(values.reduce((sum, x) => sum + x, 0) - 1) > 1e-3),
  );
  return odd
    ? [`output '${head.output}' has no softmax: its scores are no probabilities; their order is not affected`]
    : [];
}
