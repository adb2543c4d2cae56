import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pace } from '../../src/cli/pace.ts';
import { Progress, sparkline, TrainingProgress } from '../../src/cli/progress.ts';

describe('a sparkline', () => {
  test.each([
    [[], ''],
    [[1], '▁'],
    [[2, 2, 2], '▁▁▁'],
    [[0, 1, 2, 3, 4, 5, 6, 7], '▁▂▃▄▅▆▇█'],
    [[7, 0], '█▁'],
    [[0, 0, 1, 1, 2, 2, 7, 7], '▁▂▃█'],
    [[Number.NaN, 1, Number.POSITIVE_INFINITY, 2], '▁█'],
  ])('of %j', (values, line) => {
    expect(sparkline(values, values.length === 8 && values[1] === 0 ? 4 : 8)).toBe(line);
  });
});

describe('on a terminal', () => {
  const { isTTY, columns } = process.stderr;
  let written: string[];
  const as = (terminal: boolean, width: number) =>
    Object.assign(process.stderr, { isTTY: terminal, columns: width });
  beforeEach(() => {
    written = [];
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    Object.assign(process.stderr, { isTTY, columns });
  });

  test('a training shows what is left, its loss and speed', () => {
    as(true, 120);
    const progress = new TrainingProgress(1000, 2000, 50);
    for (let i = 1; i <= 10; i++) {
      vi.advanceTimersByTime(1000);
      progress.at(1000 + i, 5 / i);
    }
    expect(written.slice(-2).join('')).toBe(
      '\r\x1b[2K━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌ 1,010 of 2,000 iterations · 16 min 30 s left · loss 0.5000 · 50 images/s · █▄▃▂▂▂▁▁▁▁',
    );
  });

  test('a line is never longer than the terminal is wide', () => {
    for (const width of [60, 80, 100]) {
      as(true, width);
      const progress = new TrainingProgress(0, 100_000, 50);
      vi.advanceTimersByTime(1000);
      progress.at(1, 5);
      expect(written.at(-1)!.length).toBeLessThan(Math.max(width, 80));
    }
  });

  test('nothing where there is none', () => {
    as(false, 120);
    const progress = new TrainingProgress(0, 100, 50);
    progress.at(1, 5);
    progress.clear();
    new Progress('photos').at(1, 100);
    expect(written).toEqual([]);
  });
});

describe('what is left', () => {
  /** Estimates, in seconds, after each of the steps: when so many are done. */
  const estimates = (steps: readonly (readonly [seconds: number, done: number])[], total: number) => {
    const pace = new Pace();
    return steps.map(([seconds, done]) => {
      pace.at(1000 * seconds, done);
      const left = pace.left(1000 * seconds, total);
      return left === undefined ? undefined : left / 1000;
    });
  };

  test('is not told of loading and of the first step, however slow', () => {
    const steps = Array.from({ length: 60 }, (_, i): [number, number] => [i === 0 ? 0 : 40 + i, 10 * i]);
    const told = estimates(steps, 1000);
    expect(told.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    for (const [i, each] of told.entries()) if (each !== undefined) expect(each).toBeCloseTo(100 - i, 6);
    expect(told.at(-1)).toBeCloseTo(41, 6);
  });

  test('settles: steps that come in bursts move it by a fifth at most, once ten seconds were watched', () => {
    // Four at once every four seconds.
    const steps = Array.from({ length: 400 }, (_, i): [number, number] => [
      4 * Math.floor(i / 4) + 0.1 * (i % 4),
      i,
    ]);
    const told = estimates(steps, 1000);
    for (let i = 60; i < 400; i++) expect(Math.abs(told[i]! / (1000 - i) - 1), String(i)).toBeLessThan(0.2);
  });

  test('follows a machine that became slower, within the time that has passed', () => {
    const steps = Array.from({ length: 300 }, (_, i): [number, number] => [
      i < 100 ? i : 100 + 3 * (i - 100),
      i,
    ]);
    expect(estimates(steps, 1000).at(-1)).toBeCloseTo(3 * 701, 0);
  });

  test('goes on from what was done before', () => {
    const steps = Array.from({ length: 10 }, (_, i): [number, number] => [i, 500 + i]);
    expect(estimates(steps, 1000).at(-1)).toBeCloseTo(491, 6);
  });
});
