import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOn } from '../../src/hosts/calls.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { readNpy } from '../../src/image/index.ts';
import type { ExplainRecord, PhotoRecord } from '../../src/verbs/index.ts';
import { importFaceApi } from '../../src/verbs/index.ts';
import { difference } from '../conformance/cases.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { serveSite } from './site.ts';
import { savedBy, settled } from './visit.ts';

const portrait = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(!hasChromium)('the page of limn studio', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-page-'));
  const model = join(folder, 'face-api-age-gender.onnx');
  const photo = join(folder, 'astronaut-face.png');
  const problems: string[] = [];
  let server: Awaited<ReturnType<typeof serveSite>>;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    copyFileSync(portrait, photo);
    await importFaceApi({ output: folder }, nodeHost);
    server = await serveSite({ under: '/some/where/' });
    browser = await launch();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    page = await open();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(): Promise<Page> {
    const opened = await context.newPage();
    opened.setDefaultTimeout(90_000);
    opened.on('pageerror', (error) => problems.push(error.message));
    opened.on('console', (message) => {
      // A static host has no folder, and says so.
      if (message.type() === 'error' && !/status of 404/.test(message.text())) problems.push(message.text());
    });
    opened.on('request', (request) => {
      const { host, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && host !== new URL(server.address).host) problems.push(request.url());
    });
    await opened.goto(server.address);
    await opened.locator('.stage-numbers').waitFor();
    return opened;
  }

  const saved = (button: string) => savedBy(page, button);

  const ready = () => settled(page);

  it('shows on the first visit answer, photo and heatmap, without a click', async () => {
    expect(await page.locator('.answer').textContent()).toMatch(/gender\s*female\s*81\.\d %.*age\s*37\.\d/);
    const leastColours = () =>
      page.locator('.stage canvas').evaluateAll((all) =>
        Math.min(
          ...all.map((each) => {
            const canvas = each as HTMLCanvasElement;
            const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
            return new Set(data).size;
          }),
        ),
      );
    await expect.poll(leastColours).toBeGreaterThan(20);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });

  it('says what the network answers before it has found out why', async () => {
    const fresh = await browser.newPage();
    await fresh.addInitScript(`addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
      for (const part of ['.answer', '.stage-numbers'])
        if (document.querySelector(part) && !(globalThis.shown ??= []).includes(part)) shown.push(part);
    }).observe(document, { childList: true, subtree: true }))`);
    await fresh.goto(server.address);
    await fresh.locator('.stage-numbers').waitFor();
    expect(await fresh.evaluate('shown')).toEqual(['.answer', '.stage-numbers']);
    await fresh.close();
  });

  it('asks of another photo what it is and why, once, and of what is known nothing', async () => {
    const fresh = await browser.newPage();
    await fresh.addInitScript(`const { postMessage } = Worker.prototype;
      globalThis.asked = [];
      Worker.prototype.postMessage = function (message, ...more) {
        const { model, photos = [] } = message.asked ?? {};
        if (message.kind === 'ask') asked.push([message.name, ...(model ? [model] : []), ...photos].join(' '));
        return postMessage.call(this, message, ...more);
      };`);
    await fresh.goto(server.address);
    await fresh.locator('.stage-numbers').waitFor();
    await settled(fresh);
    await fresh.evaluate('asked.length = 0');
    const file = { name: 'another.png', mimeType: 'image/png', buffer: readFileSync(portrait) };
    await fresh.locator('.strip input[type=file]').setInputFiles(file);
    await fresh.locator('[aria-label="look at another.png"][aria-pressed="true"]').waitFor();
    await settled(fresh);
    expect(await fresh.evaluate('asked')).toEqual([
      'add',
      'classify face-api-age-gender.onnx another.png',
      'explain face-api-age-gender.onnx another.png',
    ]);
    // Of a network that comes, everything; of the one that was shown, nothing more.
    await fresh.evaluate('asked.length = 0');
    await fresh
      .locator('.strip input[type=file]')
      .setInputFiles({ name: 'another.onnx', mimeType: '', buffer: readFileSync(model) });
    // A function: the page's own policy allows no text to be run, which the second look at one would be.
    await fresh.waitForFunction(() => (globalThis as unknown as { asked: string[] }).asked.length >= 4);
    await settled(fresh);
    expect(await fresh.evaluate('asked.sort()')).toEqual([
      'add',
      'classify another.onnx another.png',
      'explain another.onnx another.png',
      'inspect another.onnx',
    ]);
    await fresh.close();
  });

  it('gives the numbers of the command line', async () => {
    const { relevance, reading } = await callsOn(nodeHost).explain(model, photo);
    const record: ExplainRecord = JSON.parse(String(await saved('Numbers and hashes, JSON')));
    const [there] = record.photos as PhotoRecord[];
    expect(there.score).toBeCloseTo(reading.score, 4);
    expect(there.relevance.sum).toBeCloseTo(reading.relevance.sum, 4);
    expect(there.scores.map(({ label }) => label)).toEqual(reading.scores.map(({ label }) => label));
    const npy = readNpy(await saved('Relevance, .npy'), 'saved.npy');
    expect(npy.shape).toEqual(relevance.shape);
    expect(difference(npy.data as Float32Array, relevance.data)).toBeLessThan(1e-4);
  });

  it('explains another class, by another method, and keeps both side by side', async () => {
    await page.getByRole('button', { name: /^male/ }).click();
    await page.getByRole('heading', { name: 'What speaks for male' }).waitFor();
    await page.getByRole('button', { name: /^Compare with another/ }).click();
    await page.getByLabel('Method', { exact: true }).selectOption('gradient-x-input');
    await page.locator('.grid .cell[aria-pressed="true"] canvas').waitFor();
    await ready();
    expect(await page.locator('.grid thead th').allTextContents()).toEqual([
      expect.stringMatching(/^lrp/),
      expect.stringMatching(/^gradient-x-input/),
      expect.stringMatching(/^difference/),
    ]);
    const { reading } = await callsOn(nodeHost).explain(model, photo, {
      method: 'gradient-x-input',
      target: '0',
    });
    const sum = page.locator('.measures div', { hasText: 'the map adds up to' }).locator('dd');
    expect(Number(await sum.textContent())).toBeCloseTo(reading.relevance.sum, 3);
  });

  it('reads the value of a pixel and the share of a region', async () => {
    const canvas = page.locator('.stage-relevance .heat-stage canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = (await canvas.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await expect.poll(() => page.locator('.reading').textContent()).toMatch(/^-?[\d.e-]+ at pixel 5\d, 5\d$/);
    await page.mouse.down();
    // What is dragged beyond the picture ends at its border.
    await page.mouse.move(box.x + box.width + 30, box.y + box.height + 30, { steps: 3 });
    await page.mouse.up();
    await expect
      .poll(() => page.locator('.reading').textContent())
      .toMatch(
        /in this region, -?[\d.]+ % of the sum: [\d.]+ % of all \|relevance\| on 25\.0 % of the picture/,
      );
  });

  it('follows a photo that is painted over, and draws how the score falls', async () => {
    await page.getByLabel('Method', { exact: true }).selectOption('lrp');
    await page.getByRole('button', { name: 'What if' }).click();
    const canvas = page.locator('.change-photo canvas');
    await page.getByRole('slider', { name: 'Covered with the mean colour' }).waitFor();
    const before = Number(await page.locator('.measures dd').first().textContent());
    await canvas.scrollIntoViewIfNeeded();
    const box = (await canvas.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.35);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.35, { steps: 4 });
    await page.mouse.up();
    await page.locator('.differs').waitFor();
    const now = Number(await page.locator('.measures dd').nth(1).textContent());
    const change = Number(await page.locator('.measures dd').nth(2).textContent());
    expect(change).toBeCloseTo(now - before, 3);
    expect(Math.abs(change)).toBeGreaterThan(0.01);
    await page.getByText('The same on the command line and in a program').click();
    expect(await page.getByLabel('the command').inputValue()).toMatch(
      /^limn import face-api\nlimn explain face-api-age-gender\.onnx astronaut-face\.png astronaut-face-changed\.png --target \d -o explained$/,
    );
    const changed = join(folder, 'astronaut-face-changed.png');
    writeFileSync(changed, await saved('Save the changed photo'));
    const target = (await page.getByLabel('the command').inputValue()).match(/--target (\d)/)![1];
    const { reading } = await callsOn(nodeHost).explain(model, changed, { target });
    expect(reading.score).toBeCloseTo(now, 2);
    await page.getByRole('button', { name: 'Pin to the notebook' }).click();
    await page.getByRole('button', { name: 'Pinned' }).waitFor();
    await page.getByRole('button', { name: 'The photo as it was' }).click();
    expect(await page.getByLabel('the program').inputValue()).toContain(
      "await explain('face-api-age-gender.onnx', 'astronaut-face.png', { target: ",
    );
    expect(Number(await page.locator('.measures dd').nth(1).textContent())).toBe(before);
    await page.getByRole('button', { name: 'Draw the curve' }).click();
    await expect.poll(() => page.locator('.curve-point').count(), { timeout: 60_000 }).toBe(12);
    await ready();
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByLabel('Method', { exact: true }).selectOption('gradient-x-input');
  });

  it('takes a photo that is given, and has everything again after a reload', async () => {
    const given = { name: 'a photo.png', mimeType: 'image/png', buffer: readFileSync(portrait) };
    await page.locator('.strip input[type=file]').setInputFiles(given);
    await page.locator('.thumbnail[aria-label="look at a photo.png"][aria-pressed="true"]').waitFor();
    await ready();
    await page.reload();
    await page.locator('.stage-numbers').waitFor();
    expect(await page.locator('.thumbnail[aria-pressed="true"]').getAttribute('aria-label')).toBe(
      'look at a photo.png',
    );
    expect(await page.getByLabel('Method', { exact: true }).inputValue()).toBe('gradient-x-input');
    await page.getByText('The same on the command line').click();
    expect(await page.getByLabel('the command').inputValue()).toBe(
      "limn import face-api\nlimn explain face-api-age-gender.onnx 'a photo.png' --target 0 --method gradient-x-input -o explained",
    );
  });

  it('has what says the same of a network, and keeps it in the notebook', async () => {
    for (const room of ['Network', 'Models']) {
      await page.getByRole('navigation').getByRole('button', { name: room, exact: true }).click();
      if (room === 'Network') {
        // Where relevance went is told of methods that share the score.
        await page.locator('.layer', { hasText: 'conv_in' }).click();
        await page.locator('.sheet').first().waitFor();
        await ready();
      }
      const elsewhere = page.getByRole('region', { name: 'take it with you' });
      await elsewhere.getByText('The same on the command line and in a program').click();
      expect(await elsewhere.getByLabel('the command').inputValue()).toBe(
        'limn import face-api\nlimn inspect face-api-age-gender.onnx',
      );
      expect(await elsewhere.getByLabel('the program').inputValue()).toContain(
        "await inspect({ model: 'face-api-age-gender.onnx' }, nodeHost);",
      );
      await page.getByRole('button', { name: 'Pin to the notebook' }).click();
      await page.getByRole('button', { name: 'Pinned' }).waitFor();
    }
    await page.getByRole('navigation').getByRole('button', { name: 'Notebook' }).click();
    await page.getByText('The network').nth(1).waitFor();
    expect(
      await page
        .locator('.finding', { has: page.getByRole('heading', { name: /^The network/ }) })
        .locator('img')
        .evaluateAll((all) => all.map((each) => each.getAttribute('alt'))),
    ).toEqual(['activations of conv_in', 'relevance of conv_in']);
    expect(await page.locator('main').textContent()).toMatch(
      /[\d,]{5,} parameters, .* multiply-adds a photo/,
    );
    await page.getByRole('navigation').getByRole('button', { name: 'Explain', exact: true }).click();
    await ready();
  });

  it('says what is wrong in the place where it is', async () => {
    const broken = { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no picture') };
    await page.locator('.strip input[type=file]').setInputFiles(broken);
    await page
      .getByText(/broken\.png: not an image/)
      .first()
      .waitFor();
    await page.locator('button.thumbnail[aria-label="look at astronaut-face.png"]').click();
    await page.getByLabel('Target: a class').fill('wolf');
    await page.keyboard.press('Enter');
    await page
      .getByText(/target 'wolf': no label matches/)
      .first()
      .waitFor();
  });

  it('stops a long computation, and goes on after it', async () => {
    await page.getByLabel('Target: a class').fill('');
    await page.keyboard.press('Enter');
    await page.getByLabel('Method', { exact: true }).selectOption('rise');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('cancelled').first().waitFor();
    await page.getByLabel('Method', { exact: true }).selectOption('gradient');
    await page.getByText(/^gradient: from one/).waitFor();
  });

  it('forgets what it kept when it is told to', async () => {
    // What stands there until then is the page before.
    const again = page.waitForEvent('load');
    await page.getByRole('button', { name: /^Forget everything/ }).click();
    await again;
    await page.locator('.stage-numbers').waitFor();
    expect(await page.locator('.thumbnail').count()).toBe(1);
    expect(await page.getByLabel('Method', { exact: true }).inputValue()).toBe('lrp');
  });

  it.each([
    ['wide and light', 1440, 'light'],
    ['wide and dark', 1440, 'dark'],
    ['on a phone', 390, 'light'],
  ] as const)('is for everybody, %s', async (_, width, colorScheme) => {
    await page.setViewportSize({ width, height: 844 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await ready();
    // The page's own policy allows no code but its own: axe comes from outside of it.
    await page.evaluate(axe);
    for (const room of ['Models', 'Network', 'What if', 'Explain']) {
      await page.getByRole('navigation').getByRole('button', { name: room }).click();
      await page.locator('.facts, .depth, .change-curve, .stage-numbers').first().waitFor();
      await ready();
      const { violations }: { violations: { id: string; nodes: { html: string }[] }[] } =
        await page.evaluate('axe.run()');
      expect(
        violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]),
        room,
      ).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), room).toBeLessThanOrEqual(
        width,
      );
    }
  });

  it('prints what is found, and nothing that is pressed', async () => {
    await page.emulateMedia({ media: 'print' });
    for (const part of ['.top nav', 'section.elsewhere', '.explain-side'])
      expect(await page.locator(part).isVisible(), part).toBe(false);
    for (const part of ['.answer', '.stage-relevance', '.stage-numbers'])
      expect(await page.locator(part).isVisible(), part).toBe(true);
    await page.emulateMedia({ media: 'screen' });
  });

  it('asks no other host, breaks no policy and has no error', () => {
    expect(problems).toEqual([]);
  });
});

describe.skipIf(!hasChromium)('the page on a host that sends no headers', () => {
  it('computes in one thread at first, then in several, and without a network', async () => {
    const server = await serveSite({ isolated: false });
    const browser = await launch();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(90_000);
      await page.goto(server.address);
      await page.locator('.stage-numbers').waitFor();
      expect(await page.locator('.answer').textContent()).toMatch(/female/);
      expect(await page.locator('.bottom').textContent()).toMatch(/in 1 thread\./);
      await page.evaluate('navigator.serviceWorker.ready');
      // What was fetched before the service worker was there is fetched through it now.
      await page.reload();
      await page.locator('.stage-numbers').waitFor();
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
      // One core is left to the page.
      const others = Math.max(1, (await page.evaluate(() => navigator.hardwareConcurrency)) - 1);
      expect(await page.locator('.bottom').textContent()).toMatch(new RegExp(`in ${others} threads?\\.`));
      await server.close();
      await page.reload();
      await page.locator('.stage-numbers').waitFor();
      expect(await page.locator('.answer').textContent()).toMatch(/female/);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
