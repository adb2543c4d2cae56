import { basename } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../../tests/conformance/chromium.ts';

/* A visit to the page of `limn studio` by a browser of its own: nothing is cached, compiled or kept. */

/** What is waited for, one after the other. */
export const steps = [
  'cold: from navigation to the answer in words',
  'cold: from navigation to the heatmap',
  'another method, its first explanation',
  'another photo, by a method that is there',
  'a third photo',
  'another network by lrp, to its heatmap',
  'another network by lrp, to when everything stands still',
  'longest task of the main thread',
] as const;

/** Milliseconds of the clock, and of all processes of the browser together; NaN where that says nothing. */
export type Measured = Readonly<
  Record<(typeof steps)[number], { readonly ms: number; readonly processor: number }>
>;

const unknown = { ms: Number.NaN, processor: Number.NaN };

/** Until a text of the page is there, measured in the page. */
const until = (page: Page, script: string): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const look = () => (${script}) ? resolve(performance.now()) : requestAnimationFrame(look);
    look();
  })`);

/** The longest task of the page's own thread, and the most that one of them computed: in milliseconds. */
async function longestTask(page: Page, browser: Browser): Promise<Measured[(typeof steps)[number]]> {
  // Chromium has pages of its own, in threads of that name, too.
  const name = 'the page of limn';
  await page.evaluate(`performance.mark('${name}')`);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  const mark = traceEvents.find((each) => each.name === name)!;
  const tasks = traceEvents.filter(
    (each) => each.name === 'ThreadControllerImpl::RunTask' && each.pid === mark.pid && each.tid === mark.tid,
  );
  const most = (kind: 'dur' | 'tdur') => Math.max(...tasks.map((task) => (task[kind] ?? 0) / 1000));
  return { ms: most('dur'), processor: most('tdur') };
}

/** What Chromium writes of a task: microseconds of the clock and of the processor. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
}

/** Opens the page, asks for another method, gives it two photos and, where there is one, a network. */
export async function visit(address: string, model?: string): Promise<Measured> {
  const browser = await launch();
  const session = await browser.newBrowserCDPSession();
  const processor = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return 1000 * processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(120_000);
  await page.addInitScript(`addEventListener('change', ({ target }) => {
    if (target.type === 'file') globalThis.given = performance.now();
  }, true);`);
  const measured = async (begin: () => Promise<unknown>, script: string) => {
    const spent = await processor();
    const start = await page.evaluate<number>('performance.now()');
    await begin();
    const end = await until(page, script);
    // A file's way from the driver to the page is none of the page's.
    const given = await page.evaluate<number>('globalThis.given ?? 0');
    return { ms: end - Math.max(start, given), processor: (await processor()) - spent, end };
  };
  const ready = "!document.querySelector('[aria-busy=true]') && !document.querySelector('.status button')";
  // As if it were chosen: a driver that hands a file over has tasks of its own in the page, longer than the page's.
  const given = async (name: string) => {
    await page.evaluate(`fetch('demo/astronaut-face.png').then(async (response) => {
      globalThis.chosen = new DataTransfer();
      chosen.items.add(new File([await response.blob()], '${name}', { type: 'image/png' }));
    })`);
    return measured(
      () =>
        page.evaluate(`{
          const input = document.querySelector('.strip input[type=file]');
          input.files = chosen.files;
          input.dispatchEvent(new Event('change', { bubbles: true }));
        }`),
      `${ready} && document.querySelector('[aria-label="look at ${name}"][aria-pressed="true"]')`,
    );
  };
  const explainedBy = async (model: string) => {
    await page.getByLabel('Method', { exact: true }).selectOption('lrp');
    await until(page, ready);
    const chosen = `[...document.querySelectorAll('select')].some(({ value }) => value === '${basename(model)}')`;
    const explained =
      "document.querySelector('.stage-numbers') && !document.querySelector('[aria-busy=true]')";
    const heatmap = await measured(
      () => page.locator('.strip input[type=file]').setInputFiles(model),
      `${chosen} && ${explained}`,
    );
    const rest = await measured(async () => undefined, ready);
    const still = { ms: heatmap.ms + rest.end - heatmap.end, processor: heatmap.processor + rest.processor };
    return { heatmap, still };
  };
  const idle = await processor();
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
  await page.goto(address, { waitUntil: 'commit' });
  const answer = await until(page, "document.querySelector('.answer')");
  const answered = await processor();
  const heatmap = await until(page, "document.querySelector('.stage-numbers')");
  const explained = await processor();
  const named = `/^gradient-x-input/.test(document.querySelector('.stage-numbers .hint')?.textContent ?? '')`;
  const [method, photo, third] = [
    await measured(
      () => page.getByLabel('Method', { exact: true }).selectOption('gradient-x-input'),
      `${ready} && ${named}`,
    ),
    await given('again.png'),
    await given('third.png'),
  ];
  const longest = await longestTask(page, browser);
  const network = model === undefined ? undefined : await explainedBy(model);
  await browser.close();
  return {
    'cold: from navigation to the answer in words': { ms: answer, processor: answered - idle },
    'cold: from navigation to the heatmap': { ms: heatmap, processor: explained - idle },
    'another method, its first explanation': method,
    'another photo, by a method that is there': photo,
    'a third photo': third,
    'another network by lrp, to its heatmap': network?.heatmap ?? unknown,
    'another network by lrp, to when everything stands still': network?.still ?? unknown,
    'longest task of the main thread': longest,
  };
}
