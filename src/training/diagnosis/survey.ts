/** Non-finite values in an array: NaN, ∞ and −∞. */
export interface TensorSurvey {
  /** How many there are. */
  readonly count: number;
  /** The place of the first in row-major order; −1 where there is none. */
  readonly first: number;
  /** The first of them: NaN, Infinity or −Infinity. */
  readonly found: number | undefined;
  /** The largest magnitude of the finite ones. */
  readonly reach: number;
}

/** Looks through an array once. */
export function surveyTensor(data: Float32Array): TensorSurvey {
  let [count, first, reach] = [0, -1, 0];
  for (let i = 0; i < data.length; i++) {
    const magnitude = Math.abs(data[i]);
    if (magnitude < Number.POSITIVE_INFINITY) {
      if (magnitude > reach) reach = magnitude;
      continue;
    }
    if (count === 0) first = i;
    count++;
  }
  return { count, first, found: count === 0 ? undefined : data[first], reach };
}

/** The index of the element at a place in row-major order. */
export function indexOf(place: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = place;
  for (const dim of shape.toReversed()) {
    index.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return index;
}
