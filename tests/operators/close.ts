import { expect } from 'vitest';
import type { NdArray } from '../reference/array.ts';

/** Equal shapes, and elements within float32's rounding of the largest. */
export function expectClose(actual: NdArray, expected: NdArray, what: string, tolerance = 1e-5): void {
  expect(actual.shape, `the shape of ${what}`).toEqual(expected.shape);
  const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  expected.data.forEach((value, i) => {
    const error = Math.abs(actual.data[i] - value);
    if (!(error <= tolerance * scale)) {
      expect.fail(`${what}: element ${i} of [${expected.shape}] is ${actual.data[i]}, should be ${value}`);
    }
  });
}
