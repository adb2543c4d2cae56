import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { percent } from '../../src/common/format.ts';
import { randomised, spearman, weightedLayers } from '../../src/faithfulness/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import type { ScalarMap } from '../../src/image/index.ts';
import { shareOf } from '../../src/studio/explain/region.ts';
import {
  extremeSquares,
  fitted,
  leastSide,
  mostSide,
  regionUnder,
  type Square,
  squareByKey,
} from '../../src/studio/teach/square.ts';
import { classify } from '../../src/verbs/classify/index.ts';
import { type ExplainedPhoto, type ExplainRequest, explain } from '../../src/verbs/explain/index.ts';
import type { Host } from '../../src/verbs/host.ts';
import { importFaceApi } from '../../src/verbs/import/index.ts';
import { failItem } from '../../src/verbs/verb.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { runProgram } from './programs.ts';
import { serveSite } from './site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const portrait = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));
const catPhoto = fileURLToPath(new URL('../../demo/cat.jpg', import.meta.url));

/** The page computes what is waited for. */
const waiting = { timeout: 60_000 };

const square = fc
  .record({
    x: fc.double({ min: -1, max: 2, noNaN: true }),
    y: fc.double({ min: -1, max: 2, noNaN: true }),
    side: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(fitted);

const map: fc.Arbitrary<ScalarMap> = fc
  .record({ width: fc.integer({ min: 2, max: 14 }), height: fc.integer({ min: 2, max: 14 }) })
  .chain(({ width, height }) =>
    fc
      .array(fc.integer({ min: -9, max: 9 }), { minLength: width * height, maxLength: width * height })
      .map((values) => ({ width, height, data: Float32Array.from(values) })),
  );

describe('a square on a picture', () => {
  it('stays within it, whatever moves it', () => {
    const keys = fc.constantFrom('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', '+', '-', '=');
    fc.assert(
      fc.property(square, fc.array(keys, { maxLength: 40 }), map, (from, pressed, size) => {
        const { x, y, side } = pressed.reduce((at, key) => squareByKey(at, key)!, from);
        expect(side).toBeGreaterThanOrEqual(leastSide);
        expect(side).toBeLessThanOrEqual(mostSide);
        for (const at of [x, y]) {
          expect(at - side / 2).toBeGreaterThanOrEqual(-1e-3);
          expect(at + side / 2).toBeLessThanOrEqual(1 + 1e-3);
        }
        const { left, top, right, bottom } = regionUnder({ x, y, side }, size);
        expect([left >= 0, top >= 0, right < size.width, bottom < size.height]).not.toContain(false);
        expect(right - left + 1).toBe(Math.max(1, Math.round(side * size.width)));
        expect(bottom - top + 1).toBe(Math.max(1, Math.round(side * size.height)));
      }),
    );
    expect(squareByKey({ x: 0.5, y: 0.5, side: 0.2 }, 'Tab')).toBeUndefined();
  });

  it('has most, or least, of the relevance among all of its size', () => {
    fc.assert(
      fc.property(map, fc.double({ min: leastSide, max: mostSide, noNaN: true }), (given, side) => {
        const columns = Math.max(1, Math.round(side * given.width));
        const rows = Math.max(1, Math.round(side * given.height));
        const shares: number[] = [];
        for (let top = 0; top + rows <= given.height; top++)
          for (let left = 0; left + columns <= given.width; left++) {
            const region = { left, top, right: left + columns - 1, bottom: top + rows - 1 };
            shares.push(shareOf(given, region).ofAbsolute);
          }
        const { most, least } = extremeSquares(given, side);
        expect(shareOf(given, regionUnder(most, given)).ofAbsolute).toBeCloseTo(Math.max(...shares), 9);
        expect(shareOf(given, regionUnder(least, given)).ofAbsolute).toBeCloseTo(Math.min(...shares), 9);
      }),
    );
  });
});

describe.skipIf(!hasChromium)('the tour', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-teach-'));
  const problems: string[] = [];
  let model: string;
  let site: Awaited<ReturnType<typeof serveSite>>;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    ({ output: model } = await importFaceApi({ output: folder }, nodeHost));
    // One thread: on a busy machine two wait for each other, actively. The service worker would make two of it after the reload.
    site = await serveSite({ isolated: false });
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      // A static host has no list of files.
      if (message.type() === 'error' && !/status of 404/.test(message.text())) problems.push(message.text());
    });
    await page.goto(`${site.address}#teach`);
    await page.getByRole('heading', { name: 'A network answers' }).waitFor();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What Node makes of the portrait. */
  async function explained(fields: Partial<ExplainRequest>, host: Host = nodeHost): Promise<ExplainedPhoto> {
    const { photos } = await explain({ model, photos: [portrait], ...fields }, host);
    for await (const each of photos) return 'error' in each ? failItem(each) : each;
    throw new Error('no photo');
  }

  const go = (title: string) =>
    page
      .getByRole('button', { name: `: ${title}` })
      .first()
      .click();
  const idle = () =>
    page.waitForFunction(
      () => !document.querySelector('[aria-busy="true"], main .waiting, .status button, main .spinner'),
    );
  const pin = async () => {
    await page.getByRole('button', { name: 'Pin to the notebook' }).click();
    await page.getByRole('button', { name: 'Pinned' }).waitFor();
  };
  const said = () => page.locator('.teach-words .answer strong').first().textContent();

  it('has a square set by keys and by the pointer, and says how much is in it', async () => {
    await expect.poll(said, waiting).toBe('female');
    await page.getByRole('button', { name: 'Next: guess where it looks' }).click();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Guess where it looks');
    const picker = page.getByRole('application');
    await picker.focus();
    for (const key of ['ArrowUp', 'ArrowUp', '+', 'ArrowLeft']) await page.keyboard.press(key);
    await page.getByText('The square lies 46.0 % from the left and 42.0 % from the top.').waitFor();
    const { x, y, width, height } = (await picker.boundingBox())!;
    await page.mouse.click(x + 0.3 * width, y + 0.4 * height);
    await page.getByText(/lies 30\.\d % from the left and 40\.\d % from the top/).waitFor();
    await page.getByRole('button', { name: 'Next: where it looks' }).click();
    const square = await page.evaluate(
      () => JSON.parse(new URLSearchParams(location.hash.split('?')[1]).get('teach')!).guess,
    );
    const { heat } = await explained({});
    const inside = shareOf(heat.map, regionUnder(square, heat.map));
    await page
      .getByText(`${percent(inside.ofAbsolute)} of the relevance on ${percent(inside.ofArea)} of the picture`)
      .waitFor();
    const { most } = extremeSquares(heat.map, square.side);
    const best = shareOf(heat.map, regionUnder(most, heat.map)).ofAbsolute;
    await page.getByText(`The best square of its size has ${percent(best)}.`).waitFor();
    await pin();
  });

  it('is where it was after a reload, and has the other class beside', async () => {
    await page.reload();
    await page.getByRole('heading', { name: 'Where it looks', exact: true }).waitFor();
    await go('Another question');
    await page.getByRole('img', { name: 'what speaks for male' }).waitFor();
    await page.getByText('The same on the command line').click();
    expect(await page.getByLabel('the command').inputValue()).toContain('--target male');
  });

  it('follows a patch that the network falls for, and one that it does not', async () => {
    await go('Mislead it');
    await page.getByText('Nothing is covered yet.').waitFor();
    await page.getByRole('slider', { name: 'Side of the square' }).fill('30');
    const score = async () => Number(await page.locator('.measures dd').nth(1).textContent());
    const after = async (button: string) => {
      const last = await score();
      await page.getByRole('button', { name: button }).click();
      await expect.poll(score, waiting).not.toBe(last);
      await idle();
      return score();
    };
    const least = await after('Where it has least');
    const most = await after('Where the map has most');
    const before = Number(await page.locator('.measures dd').nth(0).textContent());
    expect(before).toBeCloseTo(0.88, 2);
    expect(before - most).toBeGreaterThan(Math.abs(before - least));
    const now = await page.getByText(/^(Still female|The answer has become male)/).textContent();
    expect(now!.includes('male.') && !now!.includes('female')).toBe((await said()) === 'male');
    await page.getByRole('button', { name: 'Take it away' }).click();
    await page.getByText('Nothing is covered yet.').waitFor();
    await expect.poll(score, waiting).toBe(before);
  });

  it('has methods that disagree', async () => {
    await go('Methods disagree');
    await expect.poll(() => page.locator('.teach-methods figure').count(), waiting).toBe(6);
    const texts = await page.locator('.teach-methods figcaption strong').allTextContents();
    expect(new Set(texts).size).toBeGreaterThan(3);
    await pin();
  });

  it('keeps its steps in the notebook, with their squares and what was said', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Notebook' }).click();
    const finding = (title: string) => page.getByRole('article').filter({ hasText: `Teach: ${title}` });
    const facts = finding('Where it looks').locator('.facts');
    await facts.getByText(/[\d.]+ % of the relevance on [\d.]+ % of the picture: [\d.]+ times/).waitFor();
    const address = await finding('Where it looks')
      .getByRole('link', { name: 'Go there' })
      .getAttribute('href');
    const { guess } = JSON.parse(new URLSearchParams(address!.split('?')[1]).get('teach')!) as {
      guess: Square;
    };
    const least = await finding('Where it looks')
      .locator('img')
      .first()
      .evaluate((image: HTMLImageElement, { x, y, side }) => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext('2d')!;
        context.drawImage(image, 0, 0);
        const left = Math.round((x - side / 2) * canvas.width);
        const { data } = context.getImageData(left - 2, Math.round(y * canvas.height), 5, 1);
        return Array.from({ length: 5 }, (_, i) => Math.min(...data.slice(4 * i, 4 * i + 3)));
      }, guess);
    expect(Math.max(...least)).toBeGreaterThan(200);
    expect(await finding('Methods disagree').locator('img').count()).toBe(6);
    await page.getByRole('navigation').getByRole('button', { name: 'Teach' }).click();
  });

  it('shows a map that does not hear that the network has forgotten', async () => {
    await go('A check that fails');
    await idle();
    await page.getByText('last layers', { exact: true }).click();
    const { model: trained } = await nodeHost.files.readModel(model);
    const layers = weightedLayers(trained.graph).length;
    await expect.poll(() => page.getByText(`2 of ${layers} layers drawn anew`).count(), waiting).toBe(2);
    const cascades = [...randomised(trained, layers, 1)].filter(({ kind }) => kind === 'cascading');
    const { model: forgetful } = cascades[1];
    const host: Host = {
      ...nodeHost,
      files: {
        ...nodeHost.files,
        readModel: async (path) => ({ ...(await nodeHost.files.readModel(path)), model: forgetful }),
      },
    };
    const ranks: number[] = [];
    for (const method of ['lrp', 'guided-backprop'] as const) {
      const request = { method, target: 'female' };
      const [before, after] = [await explained(request), await explained(request, host)];
      ranks.push(spearman(before.heat.map.data, after.heat.map.data));
      const part = page.getByRole('region', { name: method });
      expect(Number(await part.locator('[role=status] strong').textContent())).toBeCloseTo(ranks.at(-1)!, 2);
    }
    expect(ranks[0]).toBeLessThan(0.5);
    expect(ranks[1]).toBeGreaterThan(0.9);
    const first = await page.locator('[role=status] strong').first().textContent();
    await page.getByRole('button', { name: 'Draw other numbers' }).click();
    await expect
      .poll(() => page.locator('[role=status] strong').first().textContent(), waiting)
      .not.toBe(first);
  });

  it('says how its steps are made elsewhere', async () => {
    const work = join(folder, 'work');
    mkdirSync(work);
    copyFileSync(portrait, join(work, 'astronaut-face.png'));
    copyFileSync(model, join(work, 'face-api-age-gender.onnx'));
    const made = async (title: string) => {
      await go(title);
      await page.locator('.teach summary').click();
      return runProgram(await page.getByLabel('the program').inputValue(), work);
    };
    expect(await made('A network answers')).toMatch(/female/);
    const { reading } = await explained({ target: 'male' });
    const [name, score, sum] = (await made('Another question')).trim().split(' ');
    expect(name).toBe('male');
    expect(Number(score)).toBeCloseTo(reading.score, 4);
    expect(Number(sum)).toBeCloseTo(reading.relevance.sum, 4);
    await made('A check that fails');
    expect(readFileSync(join(work, 'checked/faithfulness.json'), 'utf8')).toContain('guided-backprop');
  });

  it('has an answer for what is no face', async () => {
    await go('What labels are');
    await expect.poll(() => page.locator('.teach-methods .answer').count(), waiting).toBe(5);
    const answers = await page.locator('.teach-methods .answer').allTextContents();
    for (const answer of answers) expect(answer).toMatch(/(fe)?male.*age\d/);
    expect(new Set(answers).size).toBe(5);
    const cat = page.getByRole('img', { name: /^what speaks for (fe)?male in the cat$/ });
    await cat.waitFor();
    const figure = page.locator('.teach-methods li', { hasText: 'a cat' });
    expect(await figure.locator('img').evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(300);
    // As the command line answers of the same file.
    const { photos } = await classify({ model, photos: [catPhoto] }, nodeHost);
    const [said] = photos;
    if ('error' in said || said.outputs.gender.kind !== 'classes') throw new Error('no classes');
    const [best] = said.outputs.gender.top;
    expect(await figure.locator('.answer').textContent()).toContain(`${best.label}${percent(best.value)}`);
    await page.getByRole('button', { name: 'Explain another photo' }).click();
    await page.locator('.stage-numbers').waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Teach' }).click();
  });

  it.each([
    ['wide and light', 1280, 'light', [1, 5, 8]],
    ['on a phone in the dark', 390, 'dark', [1, 2, 3, 4, 5, 6, 7, 8]],
  ] as const)('is for everybody, %s', async (_, width, colorScheme, steps) => {
    await page.setViewportSize({ width, height: 844 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axe);
    for (const step of steps) {
      await page.getByRole('button', { name: `step ${step}:` }).click();
      await page.waitForTimeout(50);
      await idle();
      const { violations }: { violations: { id: string; nodes: { html: string }[] }[] } =
        await page.evaluate('axe.run()');
      expect(
        violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]),
        `step ${step}`,
      ).toEqual([]);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth),
        `step ${step}`,
      ).toBeLessThanOrEqual(width);
    }
    expect(problems).toEqual([]);
  });
});
