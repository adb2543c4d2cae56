import type { KeptSums } from '../common/exactsum.ts';
import { writeNpy } from '../image/index.ts';

/** Exact sums as a NumPy file: their values one behind the other. Which bins they have is for the record beside it to say. */
export function stackedSums(kept: readonly Pick<KeptSums, 'values'>[]): Uint8Array {
  const data = new Float64Array(kept.reduce((length, { values }) => length + values.length, 0));
  let at = 0;
  for (const { values } of kept) {
    data.set(values, at);
    at += values.length;
  }
  return writeNpy({ type: 'float64', shape: [data.length], data });
}
