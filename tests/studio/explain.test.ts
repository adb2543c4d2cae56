import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOn } from '../../src/hosts/calls.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { type Image, readNpy } from '../../src/image/index.ts';
import { faces, importFaceApi } from '../../src/verbs/index.ts';
import { difference } from '../conformance/cases.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { serveSite } from './site.ts';
import { savedBy, settled } from './visit.ts';

const wholePhoto = readFileSync(fileURLToPath(new URL('../../demo/astronaut.jpg', import.meta.url)));
/** What the network has to answer first takes its time on a busy machine. */
const patient = { timeout: 30_000 };
const cutPhoto = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));

describe.skipIf(!hasChromium)('what one does in Explain and What if', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limn-explain-'));
  const model = join(folder, 'face-api-age-gender.onnx');
  const problems: string[] = [];
  let server: Awaited<ReturnType<typeof serveSite>>;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    await importFaceApi({ output: folder }, nodeHost);
    server = await serveSite();
    browser = await launch();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    page = await context.newPage();
    page.setDefaultTimeout(90_000);
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(server.address);
    await page.locator('.stage-numbers').waitFor();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
    expect(problems).toEqual([]);
  });

  const ready = () => settled(page);
  const room = (name: string) =>
    page.getByRole('navigation').getByRole('button', { name, exact: true }).click();

  const saved = (button: string) => savedBy(page, button);
  const give = (name: string, buffer: Buffer) =>
    page
      .locator('.strip input[type=file]')
      .setInputFiles({ name, mimeType: name.endsWith('png') ? 'image/png' : 'image/jpeg', buffer });

  it('reads pixels and regions by keys', async () => {
    const { relevance } = await callsOn(nodeHost).explain(model, cutPhoto);
    const side = relevance.shape.at(-1)!;
    const at = (x: number, y: number) =>
      [0, 1, 2].reduce((sum, c) => sum + relevance.data[(c * side + y) * side + x], 0);
    const heat = page.locator('.stage-relevance .heat-stage');
    await heat.focus();
    const reading = () => page.locator('.stage-relevance .reading').textContent();
    // The first key shows where one is: the middle.
    for (const key of ['ArrowLeft', 'ArrowLeft', 'Shift+ArrowUp']) await page.keyboard.press(key);
    const [x, y] = [side / 2 - 1, side / 2 - 10];
    await expect.poll(reading, patient).toMatch(new RegExp(`at pixel ${x}, ${y}$`));
    expect(Number((await reading())!.split(' ')[0])).toBeCloseTo(at(x, y), 6);
    await page.keyboard.press('Enter');
    for (const key of ['Shift+ArrowRight', 'Shift+ArrowDown', 'Enter']) await page.keyboard.press(key);
    let sum = 0;
    for (let dy = 0; dy <= 10; dy++) for (let dx = 0; dx <= 10; dx++) sum += at(x + dx, y + dy);
    await expect.poll(reading, patient).toMatch(/in this region/);
    expect(Number((await reading())!.split(' ')[0])).toBeCloseTo(sum, 4);
    await page.keyboard.press('Escape');
    await expect.poll(reading, patient).toMatch(/at pixel/);
  });

  it('cuts the faces out of a photo, and explains what the command line would of the same file', async () => {
    await give('astronaut.jpg', wholePhoto);
    await page.locator('.thumbnail[aria-label="look at astronaut.jpg"][aria-pressed="true"]').waitFor();
    await page.getByRole('button', { name: 'Cut out the faces' }).click();
    await page.getByText('a face of astronaut.jpg').waitFor();
    await ready();
    const face = join(folder, 'face.png');
    writeFileSync(face, await saved('save it'));
    const { relevance, reading } = await callsOn(nodeHost).explain(model, face);
    const npy = readNpy(await saved('Relevance, .npy'), 'saved.npy');
    expect(difference(npy.data as Float32Array, relevance.data)).toBeLessThan(1e-4);
    const score = page.locator('.measures dd').first();
    expect(Number(await score.textContent())).toBeCloseTo(reading.score, 3);
    // The same face as by the command that the page says, but for what differs between two decoders of JPEG.
    const photo = join(folder, 'astronaut.jpg');
    writeFileSync(photo, wholePhoto);
    const output = join(folder, 'faces');
    const { cut } = await faces({ photos: [photo], for: model, output, sheet: false }, nodeHost);
    expect(cut).toBe(1);
    const decode = async (path: string): Promise<Image> =>
      nodeHost.images.decode(await nodeHost.files.read(path), path);
    const [here, there] = [await decode(face), await decode(join(output, 'astronaut_face1.png'))];
    expect([here.width, here.height]).toEqual([there.width, there.height]);
    const apart = Array.from(here.data, (value, i) => Math.abs(value - there.data[i]));
    expect(apart.reduce((sum, each) => sum + each) / apart.length).toBeLessThan(1);
    await page.getByText('The same on the command line and in a program').click();
    expect(await page.getByLabel('the command').inputValue()).toBe(
      [
        'limn import face-api',
        'limn faces astronaut.jpg --for face-api-age-gender.onnx -o faces',
        'limn explain face-api-age-gender.onnx faces/astronaut_face1.png -o explained',
      ].join('\n'),
    );
    expect(await page.getByLabel('the program').inputValue()).toContain(
      "await faces({ photos: ['astronaut.jpg'], for: 'face-api-age-gender.onnx', output: 'faces' }, nodeHost);",
    );
    // It is a photo like others, also after a reload; and there is a way back.
    await page.reload();
    await page.getByText('a face of astronaut.jpg').waitFor();
    await page.getByRole('button', { name: 'the whole photo' }).click();
    await page.locator('.thumbnail[aria-label="look at astronaut.jpg"][aria-pressed="true"]').waitFor();
    await page.getByRole('button', { name: 'Cut out the faces' }).waitFor();
  });

  it('cuts the face out of what the camera sees', async () => {
    const film = join(folder, 'camera.mjpeg');
    writeFileSync(film, Buffer.concat(Array.from({ length: 30 }, () => wholePhoto)));
    const camera = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];
    const filming = await launch(['--disable-gpu', ...camera, `--use-file-for-fake-video-capture=${film}`]);
    try {
      const shooting = await (await filming.newContext({ permissions: ['camera'] })).newPage();
      shooting.setDefaultTimeout(90_000);
      await shooting.goto(server.address);
      await shooting.locator('.stage-numbers').waitFor();
      await shooting.getByRole('button', { name: 'Camera' }).click();
      await shooting.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
      await shooting.getByRole('button', { name: 'Take the picture' }).click();
      await shooting.getByText(/^a face of camera-\d+\.png/).waitFor();
      // Until then the answer is that of the whole picture.
      await settled(shooting);
      expect(await shooting.locator('.answer').textContent()).toMatch(/gender\s*female/);
    } finally {
      await filming.close();
    }
  });

  it('says of a photo without faces that there is none', async () => {
    // As many of its pixels as fill a small photo, in rows that are none.
    const { data } = await nodeHost.images.decode(wholePhoto, 'astronaut.jpg');
    const flat = { channels: 3 as const, width: 64, height: 64, data: data.slice(0, 64 * 64 * 3) };
    await give('nobody.png', Buffer.from(await nodeHost.images.encodePng(flat)));
    await page.locator('.thumbnail[aria-label="look at nobody.png"][aria-pressed="true"]').waitFor();
    await page.getByRole('button', { name: 'Cut out the faces' }).click();
    await page.getByRole('alert').getByText('nobody.png: no face is found in it').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
  });

  it('puts any of photos and methods into rows, and holds any two methods against each other', async () => {
    await page.locator('.thumbnail[aria-label="look at astronaut-face.png"]').click();
    await page.getByRole('button', { name: 'put astronaut.jpg beside the others' }).click();
    for (const method of ['gradient-x-input', 'gradient']) {
      await page.getByRole('button', { name: /^Compare with another/ }).click();
      await page.getByLabel('Method', { exact: true }).selectOption(method);
      await ready();
    }
    const heads = (part: string) => page.locator(`.grid ${part} th`).allTextContents();
    expect((await heads('thead')).map((text) => text.split('face-api')[0])).toEqual([
      'lrp',
      'gradient-x-input',
      'gradient',
      expect.stringMatching(/^difference/),
    ]);
    expect(await heads('tbody')).toEqual(['astronaut-face.png', 'astronaut.jpg']);
    /** The colours of the difference for the portrait. */
    const colours = (cell: string) =>
      page.locator(cell).evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        return [...(canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height).data];
      });
    const [straight, turned] = [
      '.grid tbody tr:first-of-type td:last-child canvas',
      '.grid tbody tr:last-of-type td:first-of-type canvas',
    ];
    const least = page.getByLabel('less', { exact: true });
    await least.selectOption('1');
    const first = await colours(straight);
    await least.selectOption('2');
    await expect.poll(async () => (await colours(straight)).join() === first.join(), patient).toBe(false);
    const second = await colours(straight);
    // A map less itself is nothing: one colour everywhere.
    await least.selectOption('0');
    await expect
      .poll(async () => new Set((await colours(straight)).filter((_, i) => i % 4 === 0)).size)
      .toBe(1);
    await least.selectOption('2');
    await page.getByText('methods', { exact: true }).click();
    expect(await heads('thead')).toEqual(['astronaut-face.png', 'astronaut.jpg']);
    await expect.poll(async () => (await colours(turned)).join() === second.join(), patient).toBe(true);
    await page.reload();
    await ready();
    expect(await heads('thead')).toEqual(['astronaut-face.png', 'astronaut.jpg']);
    expect(await least.inputValue()).toBe('2');
  });

  it('draws maps on scales of their own, of their method, or of all', async () => {
    await page.locator('.grid .cell').first().click();
    const end = async () =>
      Number((await page.locator('.stage .legend span').last().textContent())!.match(/\+([\d.e-]+)/)![1]);
    const scale = (name: string) =>
      page.locator('.segments label', { hasText: new RegExp(`^${name}$`) }).click();
    await ready();
    const calls = callsOn(nodeHost);
    const [near, far] = [cutPhoto, join(folder, 'astronaut.jpg')];
    const ends = async (method: 'lrp' | 'gradient-x-input' | 'gradient') =>
      Promise.all(
        [near, far].map(async (photo) => {
          const { relevance } = await calls.explain(model, photo, { method });
          const { data, shape } = relevance;
          const pixels = shape[2] * shape[3];
          const absolute = Float64Array.from({ length: pixels }, (_, i) =>
            Math.abs(data[i] + data[pixels + i] + data[2 * pixels + i]),
          ).sort();
          // The percentile as NumPy has it: between two values by their distance.
          const at = 0.995 * (pixels - 1);
          const [low, part] = [Math.floor(at), at % 1];
          return absolute[low] + part * (absolute[Math.min(low + 1, pixels - 1)] - absolute[low]);
        }),
      );
    const [ofLrp, ofProduct, ofGradient] = [
      await ends('lrp'),
      await ends('gradient-x-input'),
      await ends('gradient'),
    ];
    const close = (value: number) =>
      expect.poll(async () => Math.abs((await end()) / value - 1), patient).toBeLessThan(0.01);
    await close(ofLrp[0]);
    await scale('per method');
    await close(Math.max(...ofLrp));
    await scale('shared');
    await close(Math.max(...ofLrp, ...ofProduct, ...ofGradient));
    await scale('own');
    await close(ofLrp[0]);
  });

  it('tells all that a link is about and that is not here', async () => {
    const elsewhere = await context.newPage();
    const known = { 'far.png': 'a'.repeat(64), 'off.onnx': 'b'.repeat(64) };
    const column = new URLSearchParams({ model: 'off.onnx', target: 'predicted', method: 'lrp' });
    const fields = new URLSearchParams({
      photo: 'far.png',
      column: `${column}`,
      sha256: JSON.stringify(known),
    });
    await elsewhere.goto(`${server.address}#explain?${fields}`);
    await elsewhere
      .getByText(
        'The link is about far.png (SHA-256 aaaaaaaaaaaa…), off.onnx (SHA-256 bbbbbbbbbbbb…), which are not here: drop them.',
      )
      .waitFor();
    await elsewhere.close();
  });

  it('follows the slider however fast it moves, and paints by keys', async () => {
    await page.goto(`${server.address}#explain?photo=astronaut-face.png`);
    await page.reload();
    await page.locator('.stage-numbers').waitFor();
    await room('What if');
    const slider = page.getByRole('slider', { name: 'Covered with the mean colour' });
    await slider.waitFor();
    await page.evaluate(`globalThis.said = [];
      new MutationObserver(() => {
        for (const each of document.querySelectorAll('.notice-failed')) said.push(each.textContent);
      }).observe(document.body, { childList: true, subtree: true });`);
    await slider.focus();
    for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight');
    const now = page.locator('.change-outcome .measures dd').nth(1);
    await page.locator('.change-outcome .differs').waitFor();
    await ready();
    // The curve has a point where the slider stands, with the score that is said beside it.
    const points = () => page.locator('.curve-point title').allTextContents();
    const settled = async () => {
      const share = `${(100 * Number(await slider.inputValue())).toFixed(1)} %`;
      return (await points()).includes(`${share} covered: ${await now.textContent()}`);
    };
    await expect.poll(settled, patient).toBe(true);
    expect(await slider.inputValue()).toBe('0.12');
    await ready();
    // A curve that is stopped ends, without a word of failure.
    await page.getByRole('button', { name: 'Draw the curve' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Draw the curve' }).waitFor();
    await expect.poll(settled, patient).toBe(true);
    await ready();
    const removed = await now.textContent();
    await page.locator('.painting').focus();
    for (const key of ['ArrowUp', 'ArrowUp', '+', ' ', 'ArrowRight', ' ']) await page.keyboard.press(key);
    await expect.poll(() => now.textContent(), patient).not.toBe(removed);
    await ready();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => now.textContent(), patient).toBe(removed);
    expect(await page.evaluate('said')).toEqual([]);
  });

  it('shows what was answered to somebody else while a room was drawn', async () => {
    const fresh = await context.newPage();
    // The answer about the network is held back until the next room stands there, and comes before it asks for itself.
    await fresh.addInitScript(`{
      const { postMessage, addEventListener } = Worker.prototype;
      const inspecting = new Set();
      let held = [];
      Worker.prototype.postMessage = function (message, ...more) {
        if (message.name === 'inspect') inspecting.add(message.id);
        return postMessage.call(this, message, ...more);
      };
      Worker.prototype.addEventListener = function (type, hear, ...more) {
        const later = (event) => {
          if (event.data?.kind === 'answer' && inspecting.has(event.data.id) && held) held.push(() => hear(event));
          else hear(event);
        };
        return addEventListener.call(this, type, type === 'message' ? later : hear, ...more);
      };
      globalThis.heldAnswers = () => held?.length;
      new MutationObserver(() => {
        if (!held || !document.querySelector('main.network')) return;
        const all = held;
        held = undefined;
        for (const tell of all) tell();
      }).observe(document, { childList: true, subtree: true });
    }`);
    // The last visit was in another room.
    await fresh.goto(`${server.address}#explain?photo=astronaut-face.png`);
    await fresh.locator('.stage-numbers').waitFor();
    await fresh.waitForFunction(() => (globalThis as unknown as { heldAnswers(): number }).heldAnswers() > 0);
    await fresh.getByRole('navigation').getByRole('button', { name: 'Network', exact: true }).click();
    await fresh.locator('.layer').first().waitFor();
    await fresh.close();
  });

  it('says what a button could not do', async () => {
    await room('Explain');
    await ready();
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: () => Promise.reject(new Error('the clipboard is closed')) },
      });
    });
    await page.getByRole('button', { name: 'Copy a link' }).click();
    await page.getByRole('alert').getByText('the clipboard is closed').waitFor();
  });
});
