import sharp from 'sharp';
import type { TopLevelSpec } from 'vega-lite';
import { type Write, writeFileAtomic } from '../../common/atomic.node.ts';
import { PIXELS_PER_UNIT } from '../../image/figure-spec.ts';
import { chartSvg } from './render.ts';
import { chrome } from './theme.ts';

/** A chart as PNG, two pixels per unit, on white paper; looks the same with any fonts and with none. */
export async function chartPng(spec: TopLevelSpec): Promise<Uint8Array> {
  const svg = await chartSvg(spec, { background: chrome.paper });
  return sharp(Buffer.from(svg), { density: 72 * PIXELS_PER_UNIT })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** The files of a chart. */
export const chartFiles = (path: string): string[] =>
  ['vl.json', 'svg', 'png'].map((end) => `${path}.${end}`);

/** Writes a chart as `<path>.svg`, `<path>.png` and its specification as `<path>.vl.json`; returns these paths. */
export async function writeChart(
  path: string,
  spec: TopLevelSpec,
  write: Write = writeFileAtomic,
): Promise<string[]> {
  const files = {
    [`${path}.vl.json`]: `${JSON.stringify(spec, null, 2)}\n`,
    [`${path}.svg`]: `${await chartSvg(spec, { background: chrome.paper })}\n`,
    [`${path}.png`]: await chartPng(spec),
  };
  for (const [file, data] of Object.entries(files)) await write(file, data);
  return Object.keys(files);
}
