import { fail } from '../../common/error.ts';

/** Errors: samples, noise or a seed that make no sense. */
export function checkSampling({
  samples,
  noise = 0,
  seed,
}: {
  readonly samples: number;
  readonly noise?: number;
  readonly seed: number;
}): void {
  if (!Number.isInteger(samples) || samples < 1) fail('samples', `expected 1 or more, got ${samples}`);
  if (!(noise >= 0 && noise < Number.POSITIVE_INFINITY)) fail('noise', `expected 0 or more, got ${noise}`);
  if (!Number.isSafeInteger(seed) || seed < 0) fail('seed', `expected a whole number from 0 on, got ${seed}`);
}

/** The largest of an image's numbers less the smallest: what noise is a fraction of. */
export function rangeOf(x: Float32Array): number {
  let [low, high] = [x[0], x[0]];
  for (const value of x) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}
