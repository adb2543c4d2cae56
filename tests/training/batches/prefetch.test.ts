import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { prefetch } from '../../../src/training/batches/prefetch.ts';

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

it('begins what follows, once each, and makes anything that is asked for', async () => {
  const made: number[] = [];
  const results = prefetch(async (k) => {
    made.push(k);
    await turn();
    return k * 10;
  }, 2);
  expect(await results.get(0)).toBe(0);
  expect(made).toEqual([0, 1, 2]);
  expect(await results.get(1)).toBe(10);
  expect(made).toEqual([0, 1, 2, 3]);
  expect(await results.get(7)).toBe(70);
  expect(made).toEqual([0, 1, 2, 3, 7, 8, 9]);
  expect(await results.get(2)).toBe(20);
  expect(await results.get(2)).toBe(20);
  expect(made).toEqual([0, 1, 2, 3, 7, 8, 9, 2, 3, 4, 2]);
});

it('tells of an error when its result is asked for, and makes it again then next time', async () => {
  let failing = true;
  const results = prefetch(async (k) => {
    if (k === 1 && failing) throw new Error('one is broken');
    return k;
  }, 1);
  expect(await results.get(0)).toBe(0);
  await turn();
  await expect(results.get(1)).rejects.toThrow('one is broken');
  failing = false;
  expect(await results.get(1)).toBe(1);
});

describe('with a clock that is moved by hand', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('counts how long it was waited for', async () => {
    const results = prefetch((k) => new Promise((resolve) => setTimeout(() => resolve(k), 20)), 1);
    const first = results.get(0);
    await vi.advanceTimersByTimeAsync(20);
    await first;
    expect(results.waited).toBe(20);
    // The second was begun with the first, the third with the second.
    await results.get(1);
    expect(results.waited).toBe(20);
    await vi.advanceTimersByTimeAsync(15);
    const third = results.get(2);
    await vi.advanceTimersByTimeAsync(20);
    await third;
    expect(results.waited).toBe(25);
  });
});
