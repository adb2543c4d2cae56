import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { progressOf } from '../../../src/report/charts/index.ts';
import { type Note, noteText } from '../../../src/training/notes.ts';
import { eventLine, parseClock, parseEvents, type RunEvent } from '../../../src/training/run/events.ts';
import { openRunLog, type RunLog, type RunLogOptions } from '../../../src/training/run/log.node.ts';
import { smooth, startSmoothing } from '../../../src/training/run/smoothing.ts';
import { general } from '../../../src/training/run/wording.ts';
import { temporaryFolder } from './training.ts';

const folder = temporaryFolder();
let folders = 0;
const fresh = () => join(folder, String(folders++));
const read = (run: string, file: string) => readFileSync(join(run, file), 'utf8');

/** A clock of one second per look. */
const ticking = (): Pick<RunLogOptions, 'now' | 'date'> => {
  let ticks = 0;
  return { now: () => 1000 * ticks++, date: () => new Date(2024, 0, 2, 3, 4, 5, 678) };
};

const loss = (iteration: number) => Math.fround(Math.exp(-iteration / 7) + 0.1);

/** Iterations of a training with display 2 and test_interval 5. */
function iterate(log: RunLog, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    if (i % 5 === 0) {
      const outputs = [
        { name: 'accuracy', index: 0, value: 0.5 },
        { name: 'loss', index: 1, value: loss(i), weight: 1 },
      ];
      log.test({ iteration: i, net: 0, outputs }, 0.5);
    }
    if (i % 2 === 0) {
      const outputs = [{ name: 'loss', index: 0, value: loss(i), weight: 1 }];
      log.train({ iteration: i, rate: 0.01, loss: loss(i), outputs }, { images: 10 * (i - from), waited: 0 });
    }
  }
}

const begin = { net: 'small', policy: 'step', iteration: 0 };

describe('the run log', () => {
  test('says what Caffe says', async () => {
    const run = fresh();
    const printed: string[] = [];
    const log = await openRunLog(run, { ...ticking(), display: 2, print: (line) => printed.push(line) });
    log.start(begin);
    iterate(log, 0, 3);
    log.snapshotting({ model: 'small_iter_3.caffemodel', state: 'small_iter_3.solverstate' });
    log.snapshot(3, 0.1);
    log.train({ iteration: 4, loss: 0.5, outputs: [] }, { images: 0, waited: 0 });
    log.end('done', 4);
    await log.close();
    expect(printed).toEqual([
      'Solving small',
      'Learning Rate Policy: step',
      'Iteration 0, Testing net (#0)',
      '    Test net output #0: accuracy = 0.5',
      '    Test net output #1: loss = 1.1 (* 1 = 1.1 loss)',
      'Iteration 0 (0 iter/s, 2s/2 iters), loss = 1.1',
      '    Train net output #0: loss = 1.1 (* 1 = 1.1 loss)',
      'Iteration 0, lr = 0.01',
      'Iteration 2 (2 iter/s, 1s/2 iters), loss = 0.851477',
      '    Train net output #0: loss = 0.851477 (* 1 = 0.851477 loss)',
      'Iteration 2, lr = 0.01',
      'Snapshotting to binary proto file small_iter_3.caffemodel',
      'Snapshotting solver state to binary proto file small_iter_3.solverstate',
      'Iteration 4, loss = 0.5',
      'Optimization Done.',
    ]);
    const lines = read(run, 'train.log').trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/^.*?\] /, ''))).toEqual(printed);
    for (const line of lines) {
      expect(line).toMatch(/^I0102 03:04:05\.678000 +\d+ \S+:\d+\] /);
    }
  });

  test('can be read by what reads logs of Caffe', async () => {
    const run = fresh();
    const log = await openRunLog(run, { ...ticking(), display: 2 });
    log.start(begin);
    iterate(log, 0, 12);
    await log.close();
    // As the usual log parsers look for things.
    const parsed = { train: [] as number[][], test: [] as number[][], rates: [] as number[] };
    let iteration = -1;
    for (const line of read(run, 'train.log').split('\n')) {
      iteration = Number(/Iteration (\d+)/.exec(line)?.[1] ?? iteration);
      const value = (of: string) =>
        new RegExp(`${of} net output #(\\d+): (\\S+) = ([.\\deE+-]+)`).exec(line)?.slice(3).map(Number);
      if (value('Train')) parsed.train.push([iteration, ...value('Train')!]);
      if (value('Test')) parsed.test.push([iteration, ...value('Test')!]);
      const rate = /lr = ([-+]?[0-9]*\.?[0-9]+([eE]?[-+]?[0-9]+)?)/.exec(line);
      if (rate) parsed.rates.push(Number(rate[1]));
    }
    const shown = (i: number) => Number(loss(i).toPrecision(6));
    expect(parsed.train).toEqual([0, 2, 4, 6, 8, 10].map((i) => [i, shown(i)]));
    expect(parsed.test).toEqual(
      [0, 5, 10].flatMap((i) => [
        [i, 0.5],
        [i, shown(i)],
      ]),
    );
    expect(parsed.rates).toEqual(Array(6).fill(0.01));
    const rows = progressOf(read(run, 'train.log'), 'train.log');
    expect(rows.filter(({ metric }) => metric === 'accuracy').map((row) => row.iteration)).toEqual([
      0, 5, 10,
    ]);
  });

  test('goes on to the last byte after a process was killed', async () => {
    const straight = fresh();
    const whole = await openRunLog(straight);
    whole.start(begin);
    iterate(whole, 0, 20);
    await whole.close();

    const run = fresh();
    const first = await openRunLog(run);
    first.start(begin);
    iterate(first, 0, 7);
    first.snapshotting({ model: 'a', state: 'b' });
    const logs = first.lengths();
    first.snapshot(7, 1);
    iterate(first, 7, 12);
    await first.close();
    // Killed in the middle of a line.
    appendFileSync(join(run, 'log.jsonl'), '{"event":"tra');
    const second = await openRunLog(run, { resume: { folder: run, logs, seconds: 100 } });
    second.start({ ...begin, iteration: 7, resumed: 'a.solverstate' });
    iterate(second, 7, 20);
    await second.close();
    expect(read(run, 'log.jsonl')).toBe(read(straight, 'log.jsonl'));

    const clock = parseClock(read(run, 'clock.jsonl'), 'clock.jsonl');
    expect(clock.filter(({ event }) => event === 'resume')).toHaveLength(1);
    expect(clock.at(-1)!.seconds).toBeGreaterThanOrEqual(100);
    expect(read(run, 'train.log').match(/Iteration 8 /g)).toHaveLength(1);
    expect(read(run, 'train.log')).toContain('Restoring previous solver status from a.solverstate');

    // And in another folder.
    const other = fresh();
    const third = await openRunLog(other, { resume: { folder: run, logs, seconds: 100 } });
    expect(third.notes).toEqual([]);
    third.start({ ...begin, iteration: 7, resumed: 'a.solverstate' });
    iterate(third, 7, 20);
    await third.close();
    expect(read(other, 'log.jsonl')).toBe(read(straight, 'log.jsonl'));
  });

  test('says that what came before is not there', async () => {
    const run = fresh();
    const log = await openRunLog(run, {
      resume: { folder: join(folder, 'none'), logs: { log: 5, clock: 0, train: 0 }, seconds: 1 },
    });
    expect(log.notes).toEqual([
      `${join(run, 'log.jsonl')}: what the run logged before its snapshot is not all there`,
    ]);
    expect(log.lengths()).toEqual({ log: 0, clock: 0, train: 0 });
    await log.close();
  });

  test('does not go over a run that is there unless told so', async () => {
    const run = fresh();
    mkdirSync(run);
    writeFileSync(join(run, 'log.jsonl'), 'x');
    await expect(openRunLog(run)).rejects.toThrow('it holds a training without any snapshot; remove it');
    writeFileSync(join(run, 'small_iter_1.limnstate'), '');
    await expect(openRunLog(run)).rejects.toThrow(
      `it holds a training already; go on with snapshot '${run}'`,
    );
    rmSync(join(run, 'small_iter_1.limnstate'));
    const resume = { folder: fresh(), logs: { log: 0, clock: 0, train: 0 }, seconds: 0 };
    await expect(openRunLog(run, { resume })).rejects.toThrow('it holds a training without');
    (await openRunLog(run, { replace: true })).close();
    expect(readdirSync(run).map((name) => read(run, name))).toEqual(['', '', '']);
    const file = join(run, 'log.jsonl');
    await expect(openRunLog(file)).rejects.toThrow(`${file}: is a file`);
  });

  test('measures images and waiting since the line before', async () => {
    const run = fresh();
    let now = 0;
    const log = await openRunLog(run, { now: () => now });
    log.start(begin);
    for (const [iteration, ms, images, waited] of [
      [0, 2000, 50, 1],
      [10, 6000, 450, 1.1],
    ] as const) {
      now = ms;
      log.train({ iteration, rate: 1, loss: 1, outputs: [] }, { images, waited });
    }
    await log.close();
    expect(parseClock(read(run, 'clock.jsonl'), 'c').slice(1)).toEqual([
      { event: 'train', iteration: 0, seconds: 2, imagesPerSecond: 25, waiting: 0.5 },
      { event: 'train', iteration: 10, seconds: 6, imagesPerSecond: 100, waiting: expect.closeTo(0.025, 10) },
    ]);
  });
});

describe('events', () => {
  test('come back as they were, to the last bit', () => {
    const value = fc.double({ noDefaultInfinity: false, noNaN: false });
    fc.assert(
      fc.property(value, value, fc.string(), fc.nat(), (rate, number, name, iteration) => {
        fc.pre(!Object.is(rate, -0) && !Object.is(number, -0));
        const outputs = [{ name, index: 0, value: number, weight: 1 }];
        const event: RunEvent = { event: 'train', iteration, rate, loss: number, outputs };
        expect(parseEvents(eventLine(event), 'log')).toEqual([event]);
      }),
    );
    const named: RunEvent = {
      event: 'test',
      iteration: 1,
      net: 0,
      outputs: [{ name: 'NaN', index: 0, value: Number.NaN }],
    };
    expect(parseEvents(eventLine(named), 'log')).toEqual([named]);
  });

  test('errors name the line; one that was not finished is left out', () => {
    const line = eventLine({ event: 'train', iteration: 1, loss: 1, outputs: [] });
    expect(parseEvents(`${line}{"event":`, 'log.jsonl')).toHaveLength(1);
    expect(() => parseEvents(`${line}{"event":\n`, 'log.jsonl')).toThrow('log.jsonl:2: no JSON');
    for (const other of [
      '1',
      'null',
      '{}',
      '[]',
      '{"event":"train","iteration":1}',
      '{"event":"train","iteration":1,"loss":1,"outputs":[null]}',
      '{"event":"start","iteration":1,"seconds":1}',
    ]) {
      expect(() => parseEvents(`${line}${other}\n`, 'log.jsonl')).toThrow('log.jsonl:2: no event');
    }
  });
});

describe('the smoothed loss', () => {
  /** The mean of the last `window` losses. */
  const mean = (losses: readonly number[], window: number) => {
    const last = losses.slice(-window);
    return last.reduce((sum, x) => sum + x, 0) / last.length;
  };

  test('is the mean of the last losses, wherever it starts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.nat(100),
        fc.array(fc.float({ min: 0, max: 10, noNaN: true }), { maxLength: 40 }),
        (window, start, losses) => {
          let state = startSmoothing(window, start);
          losses.forEach((value, i) => {
            state = smooth(state, start + i, value);
            expect(state.mean).toBeCloseTo(mean(losses.slice(0, i + 1), window), 4);
            expect(Math.fround(state.mean)).toBe(state.mean);
          });
        },
      ),
    );
  });

  test('goes on from JSON as if it had not stopped, rounding and all', () => {
    const losses = Array.from({ length: 30 }, (_, i) => loss(i));
    const run = (from: typeof state, at: number, to: number) =>
      losses.slice(at, to).reduce((before, value, i) => smooth(before, at + i, value), from);
    const state = startSmoothing(7);
    const half = JSON.parse(JSON.stringify(run(state, 0, 13)));
    expect(run(half, 13, 30)).toEqual(run(state, 0, 30));
  });

  test('of one iteration is its loss', () => {
    expect(smooth(smooth(startSmoothing(1), 0, 3), 1, 5)).toMatchObject({ mean: 5, losses: [5] });
  });
});

test('numbers look as C++ prints them', () => {
  for (const [x, text] of [
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-1.5, '-1.5'],
    [0.1, '0.1'],
    [Math.fround(0.1), '0.1'],
    [1 / 3, '0.333333'],
    [2 / 3, '0.666667'],
    [100, '100'],
    [123456, '123456'],
    [999999.4, '999999'],
    [999999.5, '1e+06'],
    [1234567, '1.23457e+06'],
    [1e-4, '0.0001'],
    [1.5e-4, '0.00015'],
    [9.9999999e-5, '0.0001'],
    [9.99999e-5, '9.99999e-05'],
    [1e-5, '1e-05'],
    [1.25e-10, '1.25e-10'],
    [1e100, '1e+100'],
    [5e-324, '4.94066e-324'],
    [87.3365478515625, '87.3365'],
    // In the middle of two: to the even one.
    [100000.5, '100000'],
    [100001.5, '100002'],
    [12345.25, '12345.2'],
    [12345.75, '12345.8'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ] as const) {
    expect(general(x)).toBe(text);
  }
});

describe('notes', () => {
  const early: Note = { kind: 'field-ignored', file: 's.prototxt', field: 'debug_info' };
  const late: Note = { kind: 'loss-ceiling', output: 'loss', value: 87, most: 87.34 };
  const events = (run: string) => parseEvents(read(run, 'log.jsonl'), 'log.jsonl');

  test('are events, and lines of warning', async () => {
    const run = fresh();
    const printed: string[] = [];
    const log = await openRunLog(run, { tensorboard: true, print: (line) => printed.push(line) });
    log.note(0, early, 'definition');
    log.note(3, late);
    await log.close();
    const wanted = [
      { event: 'note', iteration: 0, note: early, text: noteText(early) },
      { event: 'note', iteration: 3, note: late, text: noteText(late) },
    ];
    expect(events(run)).toEqual(wanted);
    expect(printed).toEqual(wanted.map(({ text }) => text));
    const lines = read(run, 'train.log').trimEnd().split('\n');
    expect(lines.every((line) => line.startsWith('W'))).toBe(true);
    expect(read(run, 'events.out.tfevents.limn')).toBe('');
  });

  test('of the definition are said again by a run that goes on, and logged once', async () => {
    const run = fresh();
    const first = await openRunLog(run);
    first.note(0, early, 'definition');
    const logs = first.lengths();
    first.note(3, late);
    await first.close();
    const printed: string[] = [];
    const second = await openRunLog(run, {
      resume: { folder: run, logs, seconds: 1 },
      print: (line) => printed.push(line),
    });
    second.note(2, early, 'definition');
    second.note(3, late);
    await second.close();
    expect(printed).toEqual([noteText(early), noteText(late)]);
    expect(events(run).map((event) => event.event === 'note' && event.note)).toEqual([early, late]);
  });
});
