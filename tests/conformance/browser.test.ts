import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/graph/index.ts';
import { readNpy } from '../../src/image/index.ts';
import type { SessionOptions } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { compute, difference, goldens, type Net, nets } from './cases.ts';
import { hasChromium, launch } from './chromium.ts';
import type { Results } from './page.ts';
import { serve } from './server.ts';

const fixtures = fileURLToPath(new URL('../fixtures/reference/', import.meta.url));
const read = (path: string) => readFile(fixtures + path);

/** Holds what the browser computed against what Node did. */
function compare(there: Results, here: Record<string, Tensor>): void {
  expect(Object.keys(there)).toEqual(Object.keys(here));
  for (const [name, { shape, data }] of Object.entries(here)) {
    expect(there[name].shape, name).toEqual(shape);
    expect(difference(there[name].data, data as Float32Array), name).toBeLessThan(1e-4);
  }
}

describe.skipIf(!hasChromium)('Chromium', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  const known = new Map<Net, Promise<Record<string, Tensor>>>();
  beforeAll(async () => {
    server = await serve();
    browser = await launch();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const inNode = (net: Net): Promise<Record<string, Tensor>> => {
    const results = known.get(net) ?? compute(nodeRuntime, net, { threads: 1 }, read);
    known.set(net, results);
    return results;
  };

  async function open(path: string, where = browser): Promise<Page> {
    const page = await where.newPage();
    page.on('pageerror', (error) => console.warn(`page: ${error.message}`));
    await page.goto(`${server.address}/${path}`);
    await page.waitForFunction('globalThis.run && crossOriginIsolated');
    return page;
  }

  const run = (page: Page, net: Net, options: SessionOptions, names?: string[]): Promise<Results> =>
    page.evaluate(`run(${JSON.stringify(net)}, ${JSON.stringify(options)}, ${JSON.stringify(names)})`);

  it.each([1, 2])('computes what Node does, and what the original does (threads: %i)', async (threads) => {
    const page = await open('bundled.html');
    for (const net of nets) {
      const there = await run(page, net, { threads });
      compare(there, await inNode(net));
      for (const name of goldens) {
        const golden = readNpy(await read(`${net}/relevance/${name}.npy`), name);
        expect(difference(there[name].data, golden.data as Float32Array), name).toBeLessThan(1e-4);
      }
    }
    await page.close();
  });

  it('runs the modules without a bundler', async () => {
    const page = await open('unbundled.html');
    compare(await run(page, 'tiny_vgg', { threads: 2 }), await inNode('tiny_vgg'));
    await page.close();
  });

  it('reports errors as Node does', async () => {
    const page = await open('bundled.html');
    await expect(run(page, 'tiny_vgg', { provider: 'cuda' })).rejects.toThrow(
      "provider 'cuda': is not for the browser; use 'wasm' or 'webgpu'",
    );
    await expect(run(page, 'tiny_vgg', { provider: 'webgpu' })).rejects.toThrow(
      "provider 'webgpu': the browser offers no GPU; use provider 'wasm'",
    );
    await expect(run(page, 'tiny_vgg', { threads: 0 })).rejects.toThrow('threads: expected 1 or more, got 0');
    await run(page, 'tiny_vgg', { threads: 2 }, ['formula11']);
    await expect(run(page, 'tiny_vgg', { threads: 1 })).rejects.toThrow(/^.*threads: expected 2, with which/);
    await page.close();
  });

  it('agrees on WebGPU, computed in software', async () => {
    const args = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];
    const other = await launch(args);
    const page = await open('bundled.html', other);
    const names = ['iccv2017'];
    const here = await compute(nodeRuntime, 'tiny_googlenet', { threads: 1 }, read, names);
    compare(await run(page, 'tiny_googlenet', { provider: 'webgpu' }, names), here);
    await other.close();
  }, 600_000);
});
