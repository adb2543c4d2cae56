import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { openRunLog } from '../../src/training/run/log.node.ts';
import { malformed } from '../report/markup.ts';
import { temporaryFolder } from '../training/run/training.ts';
import { limn } from './limn.ts';

const dir = temporaryFolder();
const path = (name: string) => join(dir, name);

async function makeRun(name: string, iterations: number): Promise<void> {
  let now = 0;
  const log = await openRunLog(path(name), { now: () => now });
  log.start({ net: name, policy: 'fixed', iteration: 0 });
  for (let i = 0; i < iterations; i++) {
    now += 500;
    if (i % 10 === 0) {
      const outputs = [
        { name: 'accuracy', index: 0, value: i / (i + 10) },
        { name: 'loss', index: 1, value: 1 / (i + 1), weight: 1 },
      ];
      log.test({ iteration: i, net: 0, outputs }, 1);
    }
    log.train({ iteration: i, rate: 0.01, loss: 1 / (i + 1), outputs: [] }, { images: 10 * i, waited: 0 });
  }
  log.close();
}

beforeAll(async () => {
  await makeRun('runs/a', 200);
  await makeRun('runs/b', 40);
});

const plot = (...args: string[]) => limn(['plot', ...args], dir);
const read = (name: string) => readFileSync(path(name), 'utf8');

test('one run as SVG: a panel for each thing that is measured', async () => {
  expect(await plot('runs/a', '-o', 'out/a.svg')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^out\/a\.svg: 440 rows of 1 training, /),
  });
  const svg = read('out/a.svg');
  expect(malformed(svg)).toBeUndefined();
  expect(svg).toContain('aria-label="Training of a: loss, accuracy, learning rate over iterations."');
});

test('several as PNG, against time, what is asked for only; logs of either kind', async () => {
  const { code, stderr } = await plot(
    'runs/a/train.log',
    'runs/b/log.jsonl',
    '--what',
    'accuracy',
    'rate',
    '--x',
    'time',
    '-o',
    'b.png',
  );
  expect([stderr, code]).toEqual(['', 0]);
  const { width, height } = await sharp(path('b.png')).metadata();
  expect(width).toBeGreaterThan(1000);
  expect(height).toBeGreaterThan(500);
});

test('a page that opens offline, with the best of each run', async () => {
  const { code, stderr } = await plot('runs/a', 'runs/b', '--title', 'Two <runs>', '-o', 'both.html');
  expect([stderr, code]).toEqual(['', 0]);
  const html = read('both.html');
  expect(html).toContain('<h1>Two &#60;runs&#62;</h1>');
  // Over iterations and over time, each for a desk and for a phone.
  expect(html.match(/<svg /g)).toHaveLength(4);
  expect(html.match(/<div class="wide"><svg /g)).toHaveLength(2);
  expect(html).not.toMatch(/(?:src|href)="(?!#|data:)/);
  // At iteration 190 of run a, at 30 of run b.
  expect(html).toContain('95.0 %');
  expect(html).toContain('75.0 %');
  expect(html).toContain('at 190');
});

test('what is wrong is said', async () => {
  mkdirSync(path('empty'));
  writeFileSync(path('table.csv'), 'iteration,value\n1,2\n2,1\n');
  for (const [args, code, what] of [
    [['runs/a', '-o', 'a.pdf'], 2, "limn: --output: 'a.pdf' is no .svg, .png or .html"],
    [['runs/a', '--what', 'speed', '-o', 'a.svg'], 2, "limn: --what: there is no 'speed'; choose from loss,"],
    [['empty', '-o', 'a.svg'], 1, 'limn: empty: no log.jsonl in it'],
    [['none', '-o', 'a.svg'], 1, 'limn: none: no such file or folder'],
    [['table.csv', '--x', 'time', '-o', 'a.svg'], 1, 'limn: table.csv: the log has no times'],
    [['runs/a/clock.jsonl', '-o', 'a.svg'], 1, 'limn: runs/a/clock.jsonl:1: no event'],
  ] as const) {
    const outcome = await plot(...args);
    expect(outcome.stderr).toContain(what);
    expect(outcome.code).toBe(code);
  }
});
