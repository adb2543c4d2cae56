import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOn } from '../../src/hosts/calls.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { readNpy } from '../../src/image/index.ts';
import type { ExplainRecord, PhotoRecord } from '../../src/verbs/index.ts';
import { difference } from '../conformance/cases.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { softwareGpu } from '../conformance/software.ts';
import { serveSite, site } from './site.ts';
import { savedBy } from './visit.ts';

const photo = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));
const model = `${site}/demo/face-api-age-gender.onnx`;

describe.skipIf(!hasChromium)('the page where it may compute on a GPU', () => {
  let server: Awaited<ReturnType<typeof serveSite>>;
  let browser: Browser;
  beforeAll(async () => {
    server = await serveSite();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** The page with what it fetches, when it has explained the first photo. */
  async function explained(args: readonly string[], query: string) {
    await browser?.close();
    browser = await launch(args);
    const page = await browser.newPage({ acceptDownloads: true });
    page.setDefaultTimeout(300_000);
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(request.url()));
    await page.goto(`${server.address}${query}`);
    await page.locator('.stage-numbers').waitFor();
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .status button'));
    return {
      page,
      corner: page.locator('.device'),
      hasFetched: (part: RegExp) => fetched.some((url) => part.test(url)),
    };
  }

  const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];

  it.skipIf(!softwareGpu)(
    'gives the numbers of the command line through WebGPU, and says so',
    async () => {
      const { page, corner, hasFetched } = await explained(software, '?gpu=1');
      expect(await corner.textContent()).toMatch(/^Computed in this page by WebGPU \(.*swiftshader.*\)\.$/i);
      expect(hasFetched(/asyncify/)).toBe(true);
      const { relevance, reading } = await callsOn(nodeHost).explain(model, photo);
      const record: ExplainRecord = JSON.parse(String(await savedBy(page, 'Numbers and hashes, JSON')));
      const [there] = record.photos as PhotoRecord[];
      expect(there.score).toBeCloseTo(reading.score, 4);
      expect(there.relevance.sum).toBeCloseTo(reading.relevance.sum, 4);
      const npy = readNpy(await savedBy(page, 'Relevance, .npy'), 'saved.npy');
      expect(difference(npy.data as Float32Array, relevance.data)).toBeLessThan(1e-4);

      await page.getByLabel('Compute with').selectOption('wasm');
      await page.locator('.device', { hasText: 'by WebAssembly, in' }).waitFor();
      await page.reload();
      await page.goto(server.address);
      expect(await page.getByLabel('Compute with').inputValue()).toBe('wasm');
    },
    600_000,
  );

  it.skipIf(!softwareGpu)(
    'leaves a GPU alone that is none',
    async () => {
      const { page, corner, hasFetched } = await explained(software, '');
      await page.getByLabel('Method', { exact: true }).selectOption('gradient');
      await page.locator('.stage-numbers .hint', { hasText: /^gradient/ }).waitFor();
      expect(await corner.textContent()).toMatch(/by WebAssembly, in \d+ threads?\.$/);
      expect(hasFetched(/asyncify/)).toBe(false);
    },
    600_000,
  );

  it('computes as WebAssembly where there is no GPU, and says why', async () => {
    const { corner } = await explained(['--disable-gpu'], '?gpu=1');
    expect(await corner.textContent()).toMatch(
      /^This browser offers no GPU: WebAssembly computes instead, in \d+ threads?\.$/,
    );
  }, 300_000);
});
