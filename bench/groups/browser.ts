import { hasChromium, launch } from '../../tests/conformance/chromium.ts';
import { distance, resultOf } from '../agreement.ts';
import { type Bench, exportNet, limn } from '../bench.ts';
import type { Timed } from '../browser/page.ts';
import { serve } from '../browser/server.ts';
import { start } from '../contestant.ts';
import { below, type Section } from '../section.ts';
import { median } from '../statistics.ts';

/** Seconds that an explanation may take, by number of threads. */
const wanted: Readonly<Record<number, number>> = { 1: 0.8, 2: 0.5 };

/** Explanations in Chromium without a window, computed in WebAssembly. */
export async function browser(bench: Bench): Promise<Section> {
  if (!hasChromium)
    return { tables: [], targets: [], notes: ['Left out: chromium is not installed.'], raw: {} };
  await exportNet(bench, 'googlenet');
  const node = await start(limn(bench, 'limn in Node', 'lrp-taylor', 'googlenet', 1));
  const expected = await resultOf(node, bench.folder).finally(() => node.close());
  const rows: string[][] = [];
  const raw: Record<string, readonly number[]> = {};
  const targets = [];
  const server = await serve(bench.folder);
  const chromium = await launch();
  try {
    for (const [threads, seconds] of Object.entries(wanted)) {
      bench.say(`Chromium, ${threads} thread(s)`);
      const page = await chromium.newPage();
      await page.goto(`${server.address}/page.html`);
      await page.waitForFunction('globalThis.explain && crossOriginIsolated');
      const { first, ms, relevance }: Timed = await page.evaluate(
        `explain(${threads}, ${Math.max(bench.rounds, 5)})`,
      );
      await page.close();
      const apart = distance(relevance, expected);
      if (!(apart < 1e-4))
        throw new Error(`Chromium and Node do not compute the same: ${apart.toExponential(1)} apart`);
      const taken = ms.map((each) => each / 1000);
      const s = (value: number) => value.toFixed(3);
      rows.push([threads, s(median(taken)), s(Math.min(...taken)), s(first / 1000), apart.toExponential(0)]);
      targets.push(below(`GoogLeNet LRP in Chromium, ${threads} thread(s)`, seconds, median(taken), 's', 2));
      raw[`${threads} thread(s)`] = ms;
    }
    return {
      tables: [{ columns: ['threads', 'median s', 'fastest s', 'first s, with loading', 'from Node'], rows }],
      targets,
      notes: [`Chromium ${chromium.version()}, WebAssembly; one image, forward included.`],
      raw,
    };
  } finally {
    await chromium.close();
    await server.close();
  }
}
