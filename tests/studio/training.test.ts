import { cpSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOn } from '../../src/hosts/calls.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { type Served, serveStudio } from '../../src/server/serve.node.ts';
import type { StudioFile } from '../../src/studio/state/files.ts';
import { answerRows, followedClass, type SaidBySnapshot } from '../../src/studio/training/said.ts';
import {
  planOf,
  snapshotSources,
  snapshotsOf,
  someOf,
  trainedByRequest,
} from '../../src/studio/training/snapshots.ts';
import { trainedBy } from '../../src/verbs/import/trained.ts';
import { classify, importFromCaffe } from '../../src/verbs/index.ts';
import { limn } from '../cli/limn.ts';
import { sandbox } from '../cli/training.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { runCommand, runProgram } from './programs.ts';
import { site } from './site.ts';
import { settled } from './visit.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const files = (paths: readonly string[]): StudioFile[] =>
  paths.map((path) => ({ path, kind: 'other', bytes: 1, from: 'folder', source: { address: path } }));

describe('snapshots of a run', () => {
  it('are those of its own folder, in the order of their iterations', () => {
    const paths = [
      'a/x_iter_10.caffemodel',
      'a/x_iter_9.caffemodel',
      'a/b/x_iter_1.caffemodel',
      'a/x_iter_10.limnstate',
    ];
    expect(snapshotsOf('a', paths).map(({ iteration }) => iteration)).toEqual([9, 10]);
    expect(
      snapshotsOf('.', ['x_iter_3.caffemodel', 'a/x_iter_4.caffemodel']).map(({ path }) => path),
    ).toEqual(['x_iter_3.caffemodel']);
  });

  it('are few however many there are, the first and the last among them, and stay while others come', () => {
    const all = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ run: 'a', iteration: i, path: `${i}` }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (n) => {
        const some = someOf(all(n));
        expect(some.length).toBeLessThanOrEqual(17);
        expect(some.length).toBeGreaterThanOrEqual(Math.min(n, 8));
        expect([some[0].iteration, some[some.length - 1].iteration]).toEqual([0, n - 1]);
        // Of those before the last, all come from those that were asked one snapshot ago.
        const before = new Set(someOf(all(Math.max(1, n - 1))).map(({ iteration }) => iteration));
        for (const { iteration } of some.slice(0, -1))
          expect(iteration === n - 2 || before.has(iteration)).toBe(true);
      }),
    );
  });

  it('are networks by the nearest definition that they may have been trained by', () => {
    const all = files([
      'nets/deploy.prototxt',
      'nets/solver.prototxt',
      'nets/train_val.prototxt',
      'far/away/nets/train_val.prototxt',
      'nets/mean.binaryproto',
      'other/mean.binaryproto',
      'nets/classes.txt',
      'run/x_iter_5.caffemodel',
      'run/x_iter_5.limnstate',
    ]);
    const [snapshot] = snapshotsOf(
      'run',
      all.map(({ path }) => path),
    );
    const sources = snapshotSources(snapshot.path, all);
    expect(sources.definitions).toEqual([
      'nets/train_val.prototxt',
      'far/away/nets/train_val.prototxt',
      'nets/deploy.prototxt',
    ]);
    expect(trainedByRequest([snapshot], sources, new Set(all.map(({ path }) => path)), undefined)).toEqual({
      definitions: sources.definitions,
      record: 'run/x_iter_5.limnstate',
    });
    const by = { definition: 'nets/train_val.prototxt', mean: '/elsewhere/mean.binaryproto' };
    expect(planOf(snapshot, sources, by, {})).toMatchObject({
      prototxt: 'nets/train_val.prototxt',
      mean: 'nets/mean.binaryproto',
      labels: 'nets/classes.txt',
    });
    const none = planOf(snapshot, sources, by, { mean: '', labels: '' });
    expect([none.mean, none.labels]).toEqual([undefined, undefined]);
    expect(planOf(snapshot, sources, { definition: by.definition }, {}).mean).toBeUndefined();
  });
});

describe('the class of a photo that is followed', () => {
  const said = (iteration: number, values: readonly number[]): SaidBySnapshot => ({
    ...{ run: 'a', iteration, path: `${iteration}` },
    photos: [
      {
        item: 'cat/1.png',
        outputs: {
          class: {
            kind: 'classes',
            probabilities: true,
            top: values
              .map((value, index) => ({ index, label: ['cat', 'dog', 'owl'][index], value }))
              .toSorted((x, y) => y.value - x.value),
          },
        },
      },
    ],
  });
  const all = [said(20, [0.1, 0.2, 0.7]), said(10, [0.5, 0.3, 0.2])];

  it('is what a person says, else the folder, else what the newest snapshot answers', () => {
    expect(followedClass('cat/1.png', 0, all, { 'cat/1.png': 1 })).toEqual({
      index: 1,
      label: 'dog',
      by: 'person',
    });
    expect(followedClass('cat/1.png', 0, all, {})).toEqual({ index: 0, label: 'cat', by: 'folder' });
    expect(followedClass('x/1.png', 0, all, {})).toMatchObject({ label: 'owl', by: 'network' });
    expect(followedClass('x/1.png', 0, [], {})).toBeUndefined();
  });

  it('is a line over the iterations', () => {
    expect(answerRows(['cat/1.png'], all, [{ index: 1, label: 'dog' }])).toEqual([
      { iteration: 10, metric: 'probability', series: '1.png: dog', value: 0.3 },
      { iteration: 20, metric: 'probability', series: '1.png: dog', value: 0.2 },
    ]);
  });
});

describe.skipIf(!hasChromium)('photos that are pinned to a training', { timeout: 180_000 }, () => {
  const problems: string[] = [];
  let folder: string;
  let server: Served;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = await sandbox();
    const { code, stderr } = await limn(
      ['train', '--solver', 'solver.prototxt', '--threads', '1', '-o', 'run'],
      folder,
    );
    expect(code, stderr).toBe(0);
    server = await serveStudio({ folder, page: resolve(site), port: 0 });
    browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(server.address);
    await page.getByRole('navigation').getByRole('button', { name: 'Training', exact: true }).click();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** What a snapshot says of a photo on the command line's host. */
  async function answerOf(iteration: number, photo: string) {
    const model = join(folder, 'net.onnx');
    const caffemodel = join(folder, `run/tiny_iter_${iteration}.caffemodel`);
    await importFromCaffe(
      { prototxt: join(folder, 'train_val.prototxt'), caffemodel, output: model },
      nodeHost,
    );
    const { photos } = await classify({ model, photos: [join(folder, photo)] }, nodeHost);
    const { reading } = await callsOn(nodeHost).explain(model, join(folder, photo), { target: '1' });
    const [said] = photos;
    if ('error' in said) throw new Error(said.error);
    const [head] = Object.values(said.outputs);
    return { top: head.kind === 'classes' ? head.top : [], reading };
  }

  /** What takes as long as a machine that does other things needs. */
  const eventually = <Value>(value: () => Promise<Value>) => expect.poll(value, { timeout: 60_000 });

  const cells = () => page.locator('.pinned-answer');
  const valueAt = async (place: number): Promise<number> =>
    Number(/: ([\d.e-]+)$/.exec((await cells().nth(place).getAttribute('title'))!)![1]);

  it('are answered by each snapshot as on the command line', async () => {
    await page.getByRole('button', { name: 'pin 0.png', exact: true }).click();
    await page.getByRole('button', { name: 'pin 1.png', exact: true }).click();
    await eventually(() => cells().count()).toBe(10);
    await page.getByLabel('the class of 0.png').selectOption('1');
    await page.getByLabel('the class of 1.png').selectOption('1');
    for (const [row, iteration] of [4, 8, 12, 16, 20].entries())
      for (const [column, photo] of ['0.png', '1.png'].entries()) {
        const { top } = await answerOf(iteration, photo);
        expect(await valueAt(2 * row + column)).toBeCloseTo(top.find(({ index }) => index === 1)!.value, 4);
        const isWrong = (await cells()
          .nth(2 * row + column)
          .getAttribute('class'))!.includes('pinned-wrong');
        expect(isWrong).toBe(top[0].index !== 1);
      }
    await page.locator('.pinned .chart svg').waitFor();
    expect(await page.locator('.picker summary').nth(1).textContent()).toBe(
      'Networks of train_val.prototxt, by which they were trained',
    );
  });

  it('say why, for each snapshot', async () => {
    await cells().nth(1).click();
    const scores = page.locator('.pinned-heat .measures dd');
    const first = await answerOf(4, '1.png');
    await expect
      .poll(async () => Number(await scores.first().textContent()))
      .toBeCloseTo(first.reading.score, 3);
    expect(Number(await scores.nth(1).textContent())).toBeCloseTo(first.reading.relevance.sum, 3);
    await page.getByRole('slider', { name: 'Snapshot' }).focus();
    await page.keyboard.press('End');
    const last = await answerOf(20, '1.png');
    await expect
      .poll(async () => Number(await scores.first().textContent()))
      .toBeCloseTo(last.reading.score, 3);
    await page.locator('.pinned').getByText('The same on the command line').click();
    expect(await page.locator('.pinned').getByLabel('the command').inputValue()).toBe(
      'limn import caffe train_val.prototxt run/tiny_iter_20.caffemodel -o tiny_iter_20.onnx\n' +
        'limn explain tiny_iter_20.onnx 1.png --target 1 --head class -o explained',
    );
    const program = await page
      .locator('.pinned')
      .getByLabel('the program that explains by a snapshot')
      .inputValue();
    const [target, score, sum] = (await runProgram(program, folder)).trim().split(' ');
    expect(target).toBe(last.reading.target.name);
    expect(Number(score)).toBeCloseTo(last.reading.score, 4);
    expect(Number(sum)).toBeCloseTo(last.reading.relevance.sum, 4);
    await page.locator('.training-main > details summary').first().click();
    for (const run of [
      async () => runCommand(await page.getByLabel('the command that draws the curves').inputValue(), folder),
      async () => runProgram(await page.getByLabel('the program that draws the curves').inputValue(), folder),
    ]) {
      await run();
      expect(readFileSync(join(folder, 'training.svg'), 'utf8')).toMatch(/^<svg/);
      rmSync(join(folder, 'training.svg'));
    }
  });

  it('are kept in the notebook, with the chart and the heatmap', async () => {
    await page.locator('.pinned').getByRole('button', { name: 'Pin to the notebook' }).click();
    await page.getByRole('button', { name: 'Pinned' }).waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Notebook' }).click();
    await page.getByText('Photos during the training of run').first().waitFor();
    expect(await page.locator('.finding img').count()).toBe(3);
    await page.getByRole('navigation').getByRole('button', { name: 'Training' }).click();
    await eventually(() => cells().count()).toBe(10);
  });

  it('follow the training, and are there again after a reload', async () => {
    const words = ['--set', 'max_iter=24', '--threads', '1', '--snapshot', 'run', '-o', 'run'];
    const { code, stderr } = await limn(['train', '--solver', 'solver.prototxt', ...words], folder);
    expect(code, stderr).toBe(0);
    await eventually(() => cells().count()).toBe(12);
    const { top } = await answerOf(24, '1.png');
    expect(await valueAt(11)).toBeCloseTo(top.find(({ index }) => index === 1)!.value, 4);
    await page.reload();
    await eventually(() => cells().count()).toBe(12);
    expect(await page.getByLabel('the class of 1.png').inputValue()).toBe('1');
    await page.locator('.pinned-heat .measures dd').first().waitFor();
  });

  it('are compared over runs', async () => {
    cpSync(join(folder, 'run'), join(folder, 'again'), { recursive: true });
    await page.getByRole('checkbox', { name: 'again' }).check();
    await eventually(() => cells().count()).toBe(24);
    expect(await valueAt(13)).toBe(await valueAt(1));
  });

  it('know which definition a run was made by', async () => {
    const other = join(folder, 'a_train_val.prototxt');
    cpSync(join(folder, 'solver.prototxt'), other);
    const record = join(folder, 'run/tiny_iter_8.limnstate');
    const own = join(folder, 'train_val.prototxt');
    expect(await trainedBy({ record, definitions: [other, own] }, nodeHost)).toEqual({
      definition: own,
      isKnown: true,
    });
    expect(await trainedBy({ definitions: [own] }, nodeHost)).toEqual({ definition: own, isKnown: false });
    await expect(trainedBy({ definitions: [join(folder, 'train.txt')] }, nodeHost)).rejects.toThrow(
      'train.txt',
    );
  });

  it.each([
    ['wide and light', 1440, 'light'],
    ['wide and dark', 1440, 'dark'],
    ['on a phone', 390, 'light'],
  ] as const)('are for everybody, %s', async (_, width, colorScheme) => {
    await page.setViewportSize({ width, height: 844 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator('.picker summary').first().click();
    await settled(page);
    await page.evaluate(axe);
    const { violations }: { violations: { id: string; nodes: { html: string }[] }[] } =
      await page.evaluate('axe.run()');
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });

  it('break no policy and have no error', () => {
    expect(problems).toEqual([]);
  });
});
