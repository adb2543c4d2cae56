import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrainingNet } from '../../src/caffe/training/net.ts';
import { int64 } from '../../src/graph/index.ts';
import type { Batches } from '../../src/training/batch.ts';
import { testNet } from '../../src/training/testing.ts';
import { smallNet } from './net.ts';

/** A net of which the test looks at outputs and labels only. */
const net: TrainingNet = {
  ...smallNet(),
  outputs: [
    { name: 'accuracy', lossWeight: 0 },
    { name: 'loss', lossWeight: 2 },
  ],
};
const range = net.ranges[0];

/** Batches whose only label is their number, or one that no class stands for. */
const batches = (bad: ReadonlySet<number>): Batches => ({
  shapes: new Map(),
  batch: async (k) => ({ [range.label]: int64([1], [bad.has(k) ? range.classes : 0]), k: int64([1], [k]) }),
  nameOf: (layer, k, image) => `${layer}, batch ${k}, image ${image}`,
  close: async () => undefined,
});

const waiting = (turns: number) =>
  Array.from({ length: turns }).reduce<Promise<void>>((before) => before.then(), Promise.resolve());

describe('a test', () => {
  it('sums in the order of the batches, and fails by the first of them whenever others do', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          iterations: fc.integer({ min: 1, max: 12 }),
          from: fc.nat(20),
          atOnce: fc.integer({ min: 1, max: 5 }),
          values: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 40, maxLength: 40 }),
          turns: fc.array(fc.nat(9), { minLength: 40, maxLength: 40 }),
          mislabelled: fc.uniqueArray(fc.nat(40), { maxLength: 3 }),
          failing: fc.uniqueArray(fc.nat(40), { maxLength: 3 }),
        }),
        async ({ iterations, from, atOnce, values, turns, mislabelled, failing }) => {
          let [running, most] = [0, 0];
          const seen: number[] = [];
          const tested = testNet(
            net,
            batches(new Set(mislabelled)),
            { from, iterations, atOnce, each: (k) => seen.push(k) },
            async ({ k }) => {
              const i = Number(k.data[0]);
              most = Math.max(most, ++running);
              await waiting(turns[i]);
              running--;
              if (failing.includes(i)) throw new Error(`batch ${i} fails`);
              return new Map([
                ['accuracy', Float32Array.of(i % 2)],
                ['loss', Float32Array.of(values[i])],
              ]);
            },
          );
          const numbers = Array.from({ length: iterations }, (_, i) => from + i);
          const wrong = numbers.find((i) => mislabelled.includes(i) || failing.includes(i));
          if (wrong === undefined) {
            const { outputs, loss } = await tested;
            // Slow and literal.
            let [right, sum] = [0, 0];
            for (const i of numbers) {
              right += i % 2;
              sum += Math.fround(values[i]);
            }
            expect(outputs.map(({ value }) => value)).toEqual([right / iterations, sum / iterations]);
            expect(loss).toBe((2 * sum) / iterations);
            expect(seen).toEqual(numbers.map((_, i) => i));
          } else {
            // A wrong label is found when its batch is fetched, which may be before an earlier one has been computed.
            const first = mislabelled.filter((i) => numbers.includes(i)).sort((a, b) => a - b)[0];
            const early = first !== undefined && first < wrong + atOnce;
            const expected = [
              failing.includes(wrong) ? `batch ${wrong} fails` : '',
              early ? `data, batch ${first}, image 0: the label ${range.classes}` : '',
            ].filter(Boolean);
            const error = await tested.then(
              () => '',
              (thrown: Error) => thrown.message,
            );
            expect(expected.some((each) => error.startsWith(each))).toBe(true);
          }
          // None is left to itself.
          expect(running).toBe(0);
          expect(most).toBeLessThanOrEqual(atOnce);
        },
      ),
    ));
});
