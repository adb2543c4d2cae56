import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { hasChromium, launch } from '../../tests/conformance/chromium.ts';
import { serveSite, site } from '../../tests/studio/site.ts';

/* How long the page of `limn studio` takes to answer, and how large it is. */

const rounds = 7;

if (!hasChromium) process.exit(0);

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const told = (values: readonly number[]) =>
  `${Math.round(median(values))} ms (${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))})`;

/** Until a text of the page is there, measured in the page. */
const until = (page: Page, script: string): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const look = () => (${script}) ? resolve(performance.now()) : requestAnimationFrame(look);
    look();
  })`);

const server = await serveSite();
const times: Record<string, number[]> = {
  'cold: from navigation to the answer in words': [],
  'cold: from navigation to the heatmap': [],
  'another method, its first explanation': [],
  'another photo, by a method that is there': [],
  'longest task of the main thread': [],
};
const [answer, heatmap, method, photo, blocked] = Object.values(times);
for (let round = 0; round < rounds; round++) {
  // A browser of its own each time: nothing is cached, compiled or kept.
  const browser = await launch();
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(120_000);
  await page.addInitScript(`globalThis.longest = 0; new PerformanceObserver((list) => {
    for (const each of list.getEntries()) longest = Math.max(longest, each.duration);
  }).observe({ type: 'longtask', buffered: true });`);
  await page.goto(server.address, { waitUntil: 'commit' });
  answer.push(await until(page, "document.querySelector('.answer')"));
  heatmap.push(await until(page, "document.querySelector('.stage-numbers')"));
  const ready = "!document.querySelector('[aria-busy=true]') && !document.querySelector('.status button')";
  let start = await page.evaluate<number>('performance.now()');
  await page.getByLabel('Method').selectOption('gradient-x-input');
  const named = `/^gradient-x-input/.test(document.querySelector('.stage-numbers .hint')?.textContent ?? '')`;
  method.push((await until(page, `${ready} && ${named}`)) - start);
  const buffer = readFileSync('demo/astronaut-face.png');
  start = await page.evaluate<number>('performance.now()');
  await page
    .locator('.strip input[type=file]')
    .setInputFiles({ name: 'again.png', mimeType: 'image/png', buffer });
  photo.push(
    (await until(
      page,
      `${ready} && document.querySelector('[aria-label="look at again.png"][aria-pressed="true"]')`,
    )) - start,
  );
  blocked.push(await page.evaluate<number>('longest'));
  await browser.close();
}
await server.close();

console.log(`| | median of ${rounds} (least–most) |\n| --- | ---: |`);
for (const [name, values] of Object.entries(times)) console.log(`| ${name} | ${told(values)} |`);

console.log('\n| file | kB | kB, gzip |\n| --- | ---: | ---: |');
for (const path of readdirSync(site, { recursive: true, encoding: 'utf8' }).sort()) {
  if (!/\.(js|css|wasm|onnx|html)$/.test(path)) continue;
  const bytes = readFileSync(join(site, path));
  const kB = (size: number) => (size / 1000).toFixed(1);
  console.log(
    `| ${path.replace(/-[\w-]{8}\./, '-….')} | ${kB(bytes.length)} | ${kB(gzipSync(bytes).length)} |`,
  );
}
