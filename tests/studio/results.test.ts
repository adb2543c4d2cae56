import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/evaluation/index.ts';
import { readResult, reliability, writeResult } from '../../src/evaluation/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { limitOf, readNpy } from '../../src/image/index.ts';
import { fileFinder } from '../../src/studio/parts/findfile.ts';
import type { AnswerTable } from '../../src/studio/protocol/index.ts';
import { chooseAnswers, spreadOver } from '../../src/studio/results/choose.ts';
import { labelledPlaces } from '../../src/studio/state/labelled.ts';
import { type AnswerFilter, answerOrders } from '../../src/studio/state/results.ts';
import { answerTable } from '../../src/studio/worker/results.ts';
import { evaluate, importFaceApi } from '../../src/verbs/index.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { runCommand, runProgram } from './programs.ts';
import { serveSite } from './site.ts';

const answers = fc
  .integer({ min: 2, max: 4 })
  .chain((classes) =>
    fc.array(
      fc.record({
        truth: fc.nat(classes - 1),
        scores: fc.array(fc.integer({ min: 0, max: 15 }), { minLength: classes, maxLength: classes }),
        groups: fc.dictionary(fc.constantFrom('race', 'age'), fc.constantFrom('a', 'b', 'c')),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  )
  .map((all) =>
    all.map(
      ({ scores, ...rest }, i): Answer => ({
        ...rest,
        image: `${i}.png`,
        scores: scores.map((score) => score / 15),
      }),
    ),
  );

const filter: fc.Arbitrary<AnswerFilter> = fc
  .record(
    {
      truth: fc.nat(3),
      predicted: fc.nat(3),
      outcome: fc.constantFrom('all' as const, 'right' as const, 'wrong' as const),
      groups: fc.dictionary(fc.constantFrom('race', 'age'), fc.constantFrom('a', 'b', 'z'), { maxKeys: 1 }),
    },
    { requiredKeys: ['outcome', 'groups'] },
  )
  .map((given) => given as AnswerFilter);

const predictedOf = ({ scores }: Answer) => scores.indexOf(Math.max(...scores));

describe('answers that are chosen', () => {
  it('are those that a filter leaves, each once, in the order that is asked for', () => {
    fc.assert(
      fc.property(answers, filter, fc.constantFrom(...answerOrders), (all, wanted, order) => {
        const chosen = chooseAnswers(answerTable(all, false), wanted, order);
        const expected = all.flatMap((answer, i) => {
          const { truth, groups } = answer;
          const predicted = predictedOf(answer);
          const holds =
            (wanted.truth ?? truth) === truth &&
            (wanted.predicted ?? predicted) === predicted &&
            (wanted.outcome === 'all' || (wanted.outcome === 'right') === (predicted === truth)) &&
            Object.entries(wanted.groups).every(([name, value]) => groups[name] === value);
          return holds ? [i] : [];
        });
        expect([...chosen].sort((a, b) => a - b)).toEqual(expected);
        const sure = (i: number) => Math.max(...all[i].scores);
        const wrong = (i: number) => predictedOf(all[i]) !== all[i].truth;
        chosen.slice(1).forEach((b, k) => {
          const a = chosen[k];
          if (order === 'as-evaluated') expect(a).toBeLessThan(b);
          if (order === 'most-sure') expect(sure(a)).toBeGreaterThanOrEqual(sure(b));
          if (order === 'least-sure') expect(sure(a)).toBeLessThanOrEqual(sure(b));
          if (order !== 'confidently-wrong') return;
          expect(wrong(b) && !wrong(a)).toBe(false);
          if (wrong(a) && wrong(b)) expect(sure(a)).toBeGreaterThanOrEqual(sure(b));
        });
      }),
    );
  });

  it('of a bin of the reliability diagram are those that it counts', () => {
    fc.assert(
      fc.property(answers, (all) => {
        const table = answerTable(all, false);
        for (const { from, to, images } of reliability(all)) {
          const chosen = chooseAnswers(table, { outcome: 'all', groups: {}, from, to }, 'as-evaluated');
          expect(chosen.length).toBe(images);
        }
      }),
    );
  });

  it('of numbers are told apart by how far off they are', () => {
    const ages = [
      [20, 25],
      [30, 30],
      [40, 31],
    ].map(([truth, said], i): Answer => ({ image: `${i}`, truth, scores: [said], groups: {} }));
    const table: AnswerTable = answerTable(ages, true);
    expect([...table.confidence]).toEqual([5, 0, 9]);
    expect(chooseAnswers(table, { outcome: 'all', groups: {} }, 'confidently-wrong')).toEqual([2, 0, 1]);
  });
});

describe('photos that are averaged', () => {
  it('are all where they are few, else some of each stretch', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 50 }), (n, most) => {
        const some = spreadOver(
          Array.from({ length: n }, (_, i) => i),
          most,
        );
        expect(some.length).toBe(Math.min(n, most));
        // None twice, in order, and no gap wider than it must be.
        some.slice(1).forEach((each, i) => {
          expect(each).toBeGreaterThan(some[i]);
          expect(each - some[i]).toBeLessThanOrEqual(Math.ceil(n / Math.min(n, most)));
        });
      }),
    );
  });
});

describe('a photo of a result', () => {
  const find = (...paths: string[]) =>
    fileFinder(
      paths.map((path) => ({ path, kind: 'photo', bytes: 0, from: 'kept', source: { address: path } })),
    );

  it('is found where its folder is called otherwise, and never taken for another', () => {
    expect(find('here/female/1.png', 'here/male/1.png')('female/1.png', '/there')?.path).toBe(
      'here/female/1.png',
    );
    expect(find('1.png')('female/1.png', '/there')?.path).toBe('1.png');
    expect(find('here/male/1.png')('female/1.png', '/there')).toBeUndefined();
    expect(find('a/photos/1.png', 'b/photos/1.png')('1.png', 'data/b/photos')?.path).toBe('b/photos/1.png');
    expect(find('a/1.png', 'b/1.png')('1.png', 'photos')).toBeUndefined();
    expect(find('a/1.png')('2.png', 'a')).toBeUndefined();
  });

  it('is looked for in the places that may have labels', () => {
    const photos = ['pets/cat/1.jpg', 'pets/dog/2.jpg', 'faces/images/3.jpg'];
    expect(
      labelledPlaces(photos, [
        ...photos,
        'faces/manifest.csv',
        'runs/answers.csv',
        'elsewhere/list.txt',
        'list.txt',
      ]),
    ).toEqual(['faces/manifest.csv', 'pets', 'list.txt']);
    const made = ['out/comparison.json', 'out/groups.csv', 'out/charts/a/1.png', 'out/charts/b/2.png'];
    expect(labelledPlaces([...photos, ...made.slice(2)], [...photos, ...made])).toEqual(['pets']);
  });
});

describe.skipIf(!hasChromium)('the room of results', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-results-'));
  const sample = join(folder, 'sample');
  const many = join(folder, 'many');
  const lit = join(folder, 'lit');
  const elsewhere = join(folder, 'elsewhere');
  const programs = join(folder, 'programs');
  let server: Awaited<ReturnType<typeof serveSite>>;
  let browser: Browser;
  let page: Page;
  let measured: Awaited<ReturnType<typeof evaluate>>['models'][number];
  const problems: string[] = [];

  beforeAll(async () => {
    const portrait = await nodeHost.images.decode(
      readFileSync(fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url))),
      'portrait',
    );
    // Darker and darker, under a right and a wrong label.
    for (const [label, from] of [
      ['female', 0],
      ['male', 3],
    ] as const) {
      mkdirSync(join(sample, 'photos', label), { recursive: true });
      for (let i = from; i < from + 3; i++) {
        const data = portrait.data.map((value) => value * (1 - i / 8));
        writeFileSync(
          join(sample, 'photos', label, `${i}.png`),
          await nodeHost.images.encodePng({ ...portrait, data }),
        );
      }
    }
    const { output: model } = await importFaceApi({ output: folder }, nodeHost);
    const request = { models: [model], data: join(sample, 'photos'), head: 'gender', threads: 1 } as const;
    [measured] = (await evaluate({ ...request, output: join(sample, 'result') }, nodeHost)).models;
    const rows = ['path,gender,light'];
    mkdirSync(join(lit, 'photos'), { recursive: true });
    for (let i = 0; i < 6; i++) {
      const data = portrait.data.map((value) => value * (1 - i / 12));
      const png = await nodeHost.images.encodePng({ ...portrait, data });
      writeFileSync(join(lit, `photos/${i}.png`), png);
      rows.push(`photos/${i}.png,${i % 2 ? 'male' : 'female'},${i < 3 ? 'bright' : 'dim'}`);
    }
    writeFileSync(join(lit, 'manifest.csv'), `${rows.join('\n')}\n`);
    for (const place of [elsewhere, programs]) cpSync(lit, join(place, 'lit'), { recursive: true });
    cpSync(model, join(programs, basename(model)));
    const ofLit = { models: [model], data: join(lit, 'manifest.csv'), target: 'gender', threads: 1 };
    await evaluate({ ...ofLit, output: join(lit, 'result') }, nodeHost);
    const { info } = await readResult(join(sample, 'result'), nodeHost);
    const lines = Array.from({ length: 10_000 }, (_, i): Answer => {
      const sure = 0.5 + (i % 500) / 1000;
      return { image: `p/${i}.jpg`, truth: i % 2, scores: [sure, 1 - sure], groups: { part: `${i % 5}` } };
    });
    await writeResult(many, { info, answers: lines }, nodeHost);
    server = await serveSite();
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${server.address}#results`);
    await page.getByRole('heading', { name: 'Results' }).waitFor();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const give = (path: string) => page.locator('.evaluate input[type=file]').setInputFiles(path);
  const measure = (term: string) =>
    page.locator('.measures div', { has: page.getByText(term, { exact: true }) }).locator('dd');

  it('show a folder of limn evaluate that is given, the surest mistake first', async () => {
    await give(sample);
    await page.locator('.gallery-cell').first().waitFor();
    expect(await measure('photos').textContent()).toBe('6');
    const { measures, result } = measured;
    if (measures.kind !== 'classes') throw new Error('no classes');
    expect(await measure('accuracy').textContent()).toBe(`${(100 * measures.accuracy).toFixed(1)} %`);
    const wrong = result.answers
      .filter(({ truth, scores }) => truth !== scores.indexOf(Math.max(...scores)))
      .sort((a, b) => Math.max(...b.scores) - Math.max(...a.scores));
    expect(wrong.length).toBeGreaterThan(0);
    const first = page.locator('.gallery-cell').first();
    expect(await first.getAttribute('title')).toContain(wrong[0].image);
    // The photo itself is found in what was given.
    await expect
      .poll(() => first.locator('img').evaluate((img) => (img as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0);
    const cell = page.getByRole('button', { name: /of male taken for female$/ });
    expect(await cell.textContent()).toBe(String(measures.confusion[0][1]));
    await cell.click();
    expect(await page.locator('.gallery-cell').count()).toBe(measures.confusion[0][1]);
  });

  it('say why one photo was taken for something else, and open it in full', async () => {
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Enter');
    await page.locator('.answer-part .heat canvas').waitFor();
    expect(await page.locator('.answer-part').textContent()).toMatch(/female.*but it is male/);
    await page.getByText('Mean heatmap of these photos').click();
    await page.locator('.mean-picture canvas').waitFor();
    await page.getByRole('button', { name: 'Pin to the notebook' }).click();
    await page.getByRole('button', { name: 'Pinned' }).waitFor();
    // Escape closes the photo and leads back to the others; what leads into another room takes the keys along.
    await page.getByRole('button', { name: 'Explain it in full' }).focus();
    await page.keyboard.press('Escape');
    await page.locator('.answer-part').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('gallery');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Explain it in full' }).press('Enter');
    await page.getByRole('heading', { name: 'What speaks for female' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    // The address has what was chosen.
    await page.reload();
    await page.getByRole('button', { name: 'Results' }).click();
    await page.locator('.confusion-cell[aria-pressed="true"]').waitFor();
    await page.locator('.answer-part').waitFor();
  });

  it('are held apart by groups and how sure they are, with the mean heatmap of each group', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Results' }).click();
    await give(lit);
    await page.getByLabel('Result', { exact: true }).selectOption('lit/result');
    await page.getByRole('heading', { name: '6 photos' }).waitFor();
    const { answers } = await readResult(join(lit, 'result'), nodeHost);
    const sureness = answers.map(({ scores }) => Math.max(...scores)).sort((a, b) => a - b);
    const between = (sureness[2] + sureness[3]) / 2;
    await page.getByLabel('Sure, in %, more than').fill(String(100 * between));
    await page.keyboard.press('Tab');
    await page.getByRole('heading', { name: '3 of 6 photos' }).waitFor();
    await page.getByLabel('Sure, in %, at most').fill(String(100 * between));
    await page.keyboard.press('Tab');
    await page.getByText('No photo is like that.').waitFor();
    await page.getByRole('button', { name: 'Show all' }).first().click();

    await page.getByLabel('By', { exact: true }).selectOption('light');
    await page.getByRole('button', { name: 'Mean heatmap of each group' }).click();
    await page.getByRole('button', { name: 'mean heatmap of light dim' }).click();
    await page.getByRole('heading', { name: '3 of 6 photos' }).waitFor();
    expect(await page.locator('.group-bar[aria-pressed="true"]').count()).toBeGreaterThan(0);
    const said = (await page.locator('.mean-picture figcaption').textContent())!;
    expect(said).toMatch(/^mean of 3 heatmaps for what is predicted; colours end at/);

    // The commands that stand there make the same, as they stand.
    const views = ['that makes this result', 'that measures groups', 'that averages heatmaps'];
    for (const view of views)
      await runCommand(await page.getByLabel(`the command ${view}`).inputValue(), elsewhere);
    for (const view of views)
      await runProgram(await page.getByLabel(`the program ${view}`).inputValue(), programs);
    for (const file of ['lit/result/answers.csv', 'mean.npy'])
      expect(readFileSync(join(programs, file)).equals(readFileSync(join(elsewhere, file))), file).toBe(true);
    const { shape, data } = readNpy(readFileSync(join(elsewhere, 'mean.npy')), 'mean.npy');
    const [height, width] = shape.slice(-2);
    const summed = Float32Array.from({ length: height * width }, (_, i) => {
      let sum = 0;
      for (let at = i; at < data.length; at += height * width) sum += Number(data[at]);
      return sum;
    });
    const limit = limitOf({ width, height, data: summed }, { percentile: 99.5 });
    expect(Number(/±(.+)$/.exec(said)![1]) / limit).toBeCloseTo(1, 3);
    const again = await readResult(join(elsewhere, 'lit/result'), nodeHost);
    expect(again.answers).toEqual(answers);

    // Of other photos there is another mean.
    await page.locator('.group-bar', { hasText: 'bright' }).click();
    await expect.poll(() => page.locator('.mean-picture').count()).toBe(0);
  });

  it('are kept in the notebook with their charts, the photos, why, and the mean', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Notebook' }).click();
    const pictures = page.locator('.finding img');
    await pictures.first().waitFor();
    const told = await pictures.evaluateAll((all) => all.map((each) => each.getAttribute('alt')));
    expect(told).toEqual([
      'confusion matrix',
      'reliability',
      expect.stringMatching(/^the first \d of these photos$/),
      expect.stringMatching(/^what the network sees of sample\/photos\/male\/\d\.png$/),
      expect.stringMatching(/^what speaks for female in /),
      expect.stringMatching(/^mean of \d heatmaps$/),
    ]);
    // Each shows something: neither empty nor of one colour.
    const colours = await pictures.evaluateAll((all) =>
      all.map((each) => {
        const picture = each as HTMLImageElement;
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
        const context = canvas.getContext('2d')!;
        context.drawImage(picture, 0, 0);
        return new Set(context.getImageData(0, 0, canvas.width, canvas.height).data).size;
      }),
    );
    expect(Math.min(...colours)).toBeGreaterThan(20);
    await page.getByRole('navigation').getByRole('button', { name: 'Results' }).click();
  });

  it('measure labelled photos here as the command line does, and keep the result', async () => {
    // Labelled photos that are given are those that are meant, whatever else there is.
    await give(join(sample, 'photos'));
    await expect.poll(() => page.getByLabel('Labelled photos').inputValue()).toBe('photos');
    await page.getByLabel('Labelled photos').selectOption('sample/photos');
    await page.getByLabel('Output').selectOption('gender');
    await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
    await expect
      .poll(() => page.getByLabel('Result', { exact: true }).inputValue(), { timeout: 60_000 })
      .toBe('evaluated/face-api-age-gender-photos');
    await page.locator('.gallery-cell').first().waitFor();
    const { measures } = measured;
    if (measures.kind !== 'classes') throw new Error('no classes');
    expect(Number(await measure('negative log-likelihood').textContent())).toBeCloseTo(measures.nll!, 3);
    await page.reload();
    await page.locator('.gallery-cell').first().waitFor();
    expect(await page.getByLabel('Result', { exact: true }).inputValue()).toBe(
      'evaluated/face-api-age-gender-photos',
    );
    await page.getByText('Compare with other evaluations').click();
    await page.getByRole('checkbox', { name: 'sample/result' }).check();
    await page.locator('.report-table').first().waitFor();
  });

  it('hold ten thousand photos, of which only those in sight are there', async () => {
    await page.locator('.evaluate summary').click();
    await give(many);
    await page.getByLabel('Result', { exact: true }).selectOption('many');
    await page.getByRole('heading', { name: '10,000 photos' }).waitFor();
    expect(await page.locator('.gallery-cell').count()).toBeLessThan(150);
    await page.getByLabel('Order').selectOption('as-evaluated');
    await page.getByRole('listbox').focus();
    await page.keyboard.press('End');
    await page.locator('.gallery-cell', { hasText: '9999.jpg' }).waitFor();
    expect(await page.locator('.gallery-cell').count()).toBeLessThan(150);
    await page.getByLabel('By', { exact: true }).selectOption('part');
    expect(await page.locator('.group-bar').first().textContent()).toContain('2,000 photos, 95 %');
    await page.locator('.group-bar', { hasText: /^3/ }).click();
    await page.getByRole('heading', { name: '2,000 of 10,000 photos' }).waitFor();
    expect(problems).toEqual([]);
  });
});
