import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { modelBytes } from '../conformance/verbs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe.skipIf(!hasChromium)('examples/explain-folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-example-'));
  let server: ChildProcess;
  let address = '';
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(join(folder, 'photos'));
    writeFileSync(join(folder, 'net.onnx'), modelBytes());
    copyFileSync(join(root, 'demo/astronaut-face.png'), join(folder, 'photos/face.png'));
    writeFileSync(join(folder, 'photos/broken.png'), 'no picture');
    writeFileSync(join(folder, 'photos/notes.txt'), 'no picture either');
    server = spawn(process.execPath, [join(root, 'examples/explain-folder/serve.mjs'), '0']);
    const [line] = await once(server.stdout!, 'data');
    address = String(line).trim();
    browser = await launch();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('draws a figure for each photo, and says which photo is broken', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(address);
    await page.setInputFiles('input[name=model]', join(folder, 'net.onnx'));
    await page.setInputFiles('input[name=photos]', join(folder, 'photos'));
    await page.fill('input[name=target]', 'dog');
    await page.click('button');
    await page.waitForFunction(() => document.querySelector('output')?.textContent !== '', undefined, {
      timeout: 60_000,
    });
    expect(errors).toEqual([]);
    expect(await page.textContent('output')).toMatch(/^lrp: composite /);
    const captions = (await page.locator('figcaption').allTextContents()).sort();
    expect(captions).toEqual([expect.stringMatching(/broken\.png: not an image/), 'photos/face.png']);
    const width = await page.evaluate(async () => {
      const picture = document.querySelector('img');
      await picture?.decode();
      return picture?.naturalWidth;
    });
    expect(width).toBeGreaterThan(500);
    await page.close();
  }, 120_000);

  it('says what is wrong with a request, in its place', async () => {
    const page = await browser.newPage();
    await page.goto(address);
    await page.setInputFiles('input[name=model]', join(folder, 'net.onnx'));
    await page.setInputFiles('input[name=photos]', join(folder, 'photos'));
    await page.fill('input[name=target]', 'wolf');
    await page.click('button');
    await page.waitForFunction(() => document.querySelector('output')?.textContent !== '', undefined, {
      timeout: 60_000,
    });
    expect(await page.textContent('output')).toMatch(/^target 'wolf': no label matches/);
    await page.close();
  }, 120_000);
});
