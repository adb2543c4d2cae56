import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { playground } from './playground.ts';
import { perform, steps } from './steps.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves a folder to this machine as any web server would. */
async function serve(folder: string): Promise<{ address: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url!, 'http://localhost').pathname);
    const body = await readFile(join(folder, path)).catch(() => undefined);
    response.writeHead(body ? 200 : 404, {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, close: () => server.close() };
}

describe.skipIf(!hasChromium)('docs/how-to/browser.md', () => {
  it('makes a page that explains a photo', async () => {
    const place = playground();
    const browser = await launch();
    try {
      for (const step of steps('docs/how-to/browser.md')) if (!step.skipped) await perform(step, place);
      const server = await serve(join(place.path, 'site'));
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(`${server.address}/index.html`);
      await page
        .waitForFunction(() => document.querySelector('output')!.textContent !== '', undefined, {
          timeout: 60_000,
        })
        .catch(() => expect(errors).toEqual(['the page said nothing']));
      expect(await page.locator('output').textContent()).toMatch(/^female 0\.81\d$/);
      const width = () => document.querySelector('img')!.naturalWidth;
      await page.waitForFunction(() => document.querySelector('img')!.complete);
      expect(await page.evaluate(width)).toBe(112);
      server.close();
    } finally {
      await browser.close();
      place.remove();
    }
  });
});
