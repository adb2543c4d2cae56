import { chartSvg, type NamedChart, PAPER } from '../report/charts/index.ts';
import type { Host } from './host.ts';

/** Pixels of a chart's picture per unit. */
const DENSITY = 2;

/** Writes each chart as `NAME.vl.json`, `NAME.svg` and `NAME.png`, on white paper; returns the paths. */
export async function writeCharts(
  folder: string,
  charts: readonly NamedChart[],
  { files, images }: Host,
): Promise<readonly string[]> {
  const path = (name: string, ending: string) => files.join(folder, `${name}.${ending}`);
  const endings = ['vl.json', 'svg', 'png'];
  const all = charts.flatMap(({ name }) => endings.map((ending) => path(name, ending)));
  await files.claim(all);
  for (const { name, spec } of charts) {
    const svg = await chartSvg(spec, { background: PAPER });
    await files.write(path(name, 'vl.json'), `${JSON.stringify(spec, null, 2)}\n`);
    await files.write(path(name, 'svg'), `${svg}\n`);
    await files.write(path(name, 'png'), await images.encodePng(await images.drawSvg(svg, DENSITY)));
  }
  return all;
}
