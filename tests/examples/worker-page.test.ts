import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { modelBytes } from '../conformance/verbs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

describe.skipIf(!hasChromium)('examples/worker-page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-worker-page-'));
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    writeFileSync(join(folder, 'net.onnx'), modelBytes());
    copyFileSync(join(root, 'demo/astronaut-face.png'), join(folder, 'face.png'));
    await build({
      root: join(root, 'examples/worker-page'),
      base: './',
      logLevel: 'error',
      worker: { format: 'es' },
      build: { outDir: join(folder, 'page'), minify: false },
      // In a project of its own limn is installed.
      resolve: {
        alias: { 'limn/web': join(root, 'dist/web.js'), limn: join(root, 'dist/index.js') },
      },
    });
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://host');
      const file = join(folder, 'page', pathname === '/' ? 'index.html' : pathname);
      if (!existsSync(file)) return response.writeHead(404).end();
      response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
      return response.end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launch();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('explains a photo in a worker, and says what is wrong with another', async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.setInputFiles('[name=model]', join(folder, 'net.onnx'));
    await page.setInputFiles('[name=photo]', join(folder, 'face.png'));
    await page.waitForFunction(
      () => /: -?[\d.]+$/.test(document.querySelector('output')?.textContent ?? ''),
      undefined,
      {
        timeout: 120_000,
      },
    );
    const width = await page.evaluate(async () => {
      const picture = document.querySelector('img');
      await picture?.decode();
      return picture?.naturalWidth ?? 0;
    });
    expect(width).toBeGreaterThan(10);
    await page.setInputFiles('[name=photo]', join(folder, 'net.onnx'));
    await page.waitForFunction(
      () => /not an image/.test(document.querySelector('output')?.textContent ?? ''),
      undefined,
      {
        timeout: 60_000,
      },
    );
  }, 240_000);
});
