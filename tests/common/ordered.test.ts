import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ordered } from '../../src/common/ordered.ts';

it('keeps the order, and never runs ahead of the consumer', async () => {
  const property = fc.asyncProperty(
    fc.scheduler(),
    fc.integer({ min: 1, max: 4 }),
    fc.nat(12),
    async (scheduler, ahead, count) => {
      let taken = 0;
      let fetched = 0;
      function* source() {
        for (; taken < count; ) {
          expect(taken - fetched).toBeLessThan(ahead);
          yield taken++;
        }
      }
      const got: number[] = [];
      const consume = (async () => {
        for await (const value of ordered(
          source(),
          (i) => scheduler.schedule(Promise.resolve(i * i)),
          ahead,
        )) {
          fetched++;
          got.push(value);
        }
      })();
      await scheduler.waitFor(consume);
      expect(got).toEqual(Array.from({ length: count }, (_, i) => i * i));
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

it('ends with the first error, once the tasks under way have ended', async () => {
  let running = 0;
  const task = async (i: number) => {
    running++;
    await new Promise((resolve) => setTimeout(resolve, 5 * i));
    running--;
    if (i === 1) throw new Error('the second');
    return i;
  };
  const got: number[] = [];
  const consume = async () => {
    for await (const value of ordered([0, 1, 2, 3, 4], task, 3)) got.push(value);
  };
  await expect(consume()).rejects.toThrow('the second');
  expect(got).toEqual([0]);
  expect(running).toBe(0);

  async function* broken() {
    yield 0;
    throw new Error('the source');
  }
  await expect(ordered(broken(), task, 3).next()).rejects.toThrow('the source');
});
