import { argmax } from '../classifier/rank.ts';

import type { Answer } from './result.ts';

/** Images whose confidence, the probability of the predicted class, is above `from` and at most `to`. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly images: number;
  /** Means over its images; absent where it is empty. */
  readonly confidence?: number;
  readonly accuracy?: number;
}

/** A smaller probability counts as this one, float32's smallest normal number: its logarithm must be finite. */
export const LEAST_PROBABILITY = 2 ** -126;

/** Mean negative natural logarithm of the true class' probability. */
export function negativeLogLikelihood(answers: readonly Answer[]): number {
  let sum = 0;
  for (const { truth, scores } of answers) sum -= Math.log(Math.max(scores[truth], LEAST_PROBABILITY));
  return sum / answers.length;
}

/** Images sorted by confidence into `count` bins of equal width over 0–1; 0 itself is in the first. */
export function reliability(answers: readonly Answer[], count = 15): ReliabilityBin[] {
  const edges = Array.from({ length: count + 1 }, (_, i) => i / count);
  const bins = edges.slice(1).map(() => ({ images: 0, confidence: 0, hits: 0 }));
  for (const { truth, scores } of answers) {
    const best = argmax(scores);
    const confidence = scores[best];
    // Multiplied, a confidence next to an edge may be rounded across it.
    let at = Math.min(Math.max(Math.ceil(confidence * count) - 1, 0), count - 1);
    if (at > 0 && confidence <= edges[at]) at--;
    else if (at < count - 1 && confidence > edges[at + 1]) at++;
    const bin = bins[at];
    bin.images++;
    bin.confidence += confidence;
    if (best === truth) bin.hits++;
  }
  return bins.map(({ images, confidence, hits }, i) => ({
    from: edges[i],
    to: edges[i + 1],
    images,
    ...(images > 0 && { confidence: confidence / images, accuracy: hits / images }),
  }));
}

/**
 * Expected calibration error: the mean over images of |accuracy − confidence| of their bin (Guo et al. 2017, On
 * Calibration of Modern Neural Networks, equation 3).
 */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const all = bins.reduce((sum, { images }) => sum + images, 0);
  return bins.reduce(
    (sum, { images, confidence, accuracy }) =>
      images === 0 ? sum : sum + (images / all) * Math.abs(accuracy! - confidence!),
    0,
  );
}
