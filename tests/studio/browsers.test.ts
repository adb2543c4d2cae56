import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { callsOn } from '../../src/hosts/calls.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { type DrivenPage, firefox, webkit } from './browsers.ts';
import { serveSite, site } from './site.ts';

/* The main path of the page in browsers besides Chromium: open it, have an answer, give a photo, change the method, take the numbers. */

const portrait = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));
const model = `${site}/demo/face-api-age-gender.onnx`;

/** Keeps what the page has the browser save. */
const listening = `(() => {
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    if (blob.type === 'application/json') blob.text().then((text) => { globalThis.saved = text; });
    return make.call(URL, blob);
  };
})()`;

for (const browser of [firefox, webkit]) {
  if (browser.missing)
    console.warn(`${browser.name} is not here (install ${browser.missing}): its test is skipped`);
  it.skipIf(browser.missing)(`goes its main path in ${browser.name}`, { timeout: 300_000 }, async () => {
    const server = await serveSite();
    const page = await browser.start();
    try {
      await page.open(server.address);
      await until(page, "document.querySelector('.stage-numbers')");
      expect(await page.read("document.querySelector('.answer').textContent")).toMatch(
        /gender\s*female\s*81\.\d %.*age\s*37\.\d/,
      );
      await page.choose('.strip input[type=file]', portrait);
      await until(page, ready("document.querySelectorAll('.thumbnail').length === 1"));
      await method(page, 'gradient-x-input');
      await until(
        page,
        ready("/^gradient-x-input/.test(document.querySelector('.stage-numbers .hint').textContent)"),
      );
      await page.read(listening);
      const button = await page.read(
        "[...document.querySelectorAll('button')].findIndex((each) => each.textContent === 'Numbers and hashes, JSON')",
      );
      expect(button).not.toBe(-1);
      await page.read(`document.querySelectorAll('button')[${button}].setAttribute('data-test', 'numbers')`);
      await page.click('[data-test=numbers]');
      await until(page, 'globalThis.saved');
      const [photo] = JSON.parse(String(await page.read('globalThis.saved'))).photos;
      const { reading } = await callsOn(nodeHost).explain(model, portrait, { method: 'gradient-x-input' });
      expect(photo.score).toBeCloseTo(reading.score, 4);
      expect(photo.relevance.sum).toBeCloseTo(reading.relevance.sum, 4);
    } finally {
      await page.close();
      await server.close();
    }
  });
}

const ready = (what: string): string =>
  `!document.querySelector('[aria-busy="true"], .status button') && document.querySelector('.stage-numbers') && ${what}`;

const until = (page: DrivenPage, expression: string): Promise<void> =>
  expect.poll(() => page.read(`Boolean(${expression})`), { timeout: 90_000, interval: 100 }).toBe(true);

/** As by the keyboard: browsers draw a list of choices themselves, where no driver reaches. */
const method = (page: DrivenPage, name: string): Promise<unknown> =>
  page.read(`(() => {
    const list = [...document.querySelectorAll('select')].find((each) => [...each.options].some((one) => one.value === '${name}'));
    list.value = '${name}';
    list.dispatchEvent(new Event('change', { bubbles: true }));
  })()`);
