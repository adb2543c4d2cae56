import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { boardLines, openBoard } from '../../src/cli/print/board.ts';
import type { UnitState } from '../../src/plan/execute.node.ts';
import type { Unit } from '../../src/plan/index.ts';
import { reached } from '../../src/plan/progress.node.ts';
import { folder } from '../cli/limn.ts';
import { training, unit } from './units.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('counts units, and shows how far those are that run', () => {
  const units = ['a', 'b', 'c', 'd'].map((name) => unit(name, 'nothing'));
  const states: UnitState[] = ['done', 'running', 'waiting', 'failed'];
  const all = new Map(units.map((each, i): [Unit, UnitState] => [each, states[i]]));
  const at = (iteration: number, time: number) => ({ iteration, iterations: 2000, loss: 0.51234, at: time });
  const running = new Map([[units[1], { unit: units[1], since: 0, first: at(100, 0), last: at(200, 5000) }]]);
  expect(boardLines(all, running, 4, 100)).toEqual([
    '━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 1 of 4 done · 1 running · 1 waiting · 1 failed',
    '  b · 200 of 2,000 · loss 0.5123 · 90.0 s left',
  ]);
  expect(boardLines(all, running, 4, 20)).toEqual(['━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌…', '  b · 200 of 2,000…']);
});

it('reads how far a unit is from its log, also while that is written', async () => {
  const dir = folder();
  const a = training('a', 90);
  expect(await reached(a, dir)).toBeUndefined();
  mkdirSync(join(dir, 'units/a/run'), { recursive: true });
  const write = (text: string) => writeFileSync(join(dir, a.progress!.file), text);
  write('{"event":"train","iteration":20,"loss":0.5}\n{"event":"note"}\n{"iteration":4');
  expect(await reached(a, dir)).toEqual({ iteration: 20, iterations: 90, loss: 0.5 });
  write(`${'{"iteration":1}\n'.repeat(5000)}{"iteration":40,"loss":"NaN"}\n`);
  expect(await reached(a, dir)).toEqual({ iteration: 40, iterations: 90 });
  write('');
  expect(await reached(a, dir)).toBeUndefined();
});

it('draws its lines anew on a terminal, and takes them away', async () => {
  let screen = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    screen += text;
    return true;
  });
  const terminal = process.stderr.isTTY;
  process.stderr.isTTY = true;
  try {
    const [a, b] = [unit('a', 'nothing'), unit('b', 'nothing')];
    const board = openBoard(folder(), 2);
    board.change({ unit: a, state: 'waiting' });
    board.change({ unit: b, state: 'waiting' });
    board.change({ unit: a, state: 'running' });
    screen = '';
    board.change({ unit: a, state: 'failed', what: 'exit code 1', took: 1200 });
    // The cursor goes up two lines, and all below it goes.
    expect(screen.slice(0, 8)).toBe('\u001b[2F\u001b[0J');
    expect(screen.slice(8)).toMatch(
      /^\d\d:\d\d:\d\d failed {3}a after 1\.2 s: exit code 1\n╌+ 0 of 2 done · 1 waiting · 1 failed\n$/,
    );
    screen = '';
    board.close();
    expect(screen).toBe('\u001b[1F\u001b[0J');
  } finally {
    process.stderr.isTTY = terminal;
  }
});
