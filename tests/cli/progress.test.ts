import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
