import { expect } from 'vitest';
import type { NdArray } from '../reference/array.ts';

/** Equal shapes, and elements within a share of the largest (or of 1, if that is more). */
export function expectClose(actual: NdArray, expected: NdArray, what: string, tolerance = 1e-5): void {
  expect(actual.shape, `the shape of ${what}`).toEqual(expected.shape);
  const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  expected.data.forEach((value, i) => {
    if (!(Math.abs(actual.data[i] - value) <= tolerance * scale))
      expect.fail(`${what}: element ${i} of [${expected.shape}] is ${actual.data[i]}, should be ${value}`);
  });
}
