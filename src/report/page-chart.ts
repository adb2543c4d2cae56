import type { TopLevelSpec } from 'vega-lite';
import { chartSvg } from './charts/index.ts';
import { chrome } from './charts/theme.ts';
import type { PageChart } from './page-blocks.ts';

/**
 * A chart as a part of a page, its letters in the page's font. What carries no data has the page's colours and follows
 * it into the dark. On a narrow page it shrinks as far as it can be read; beyond that it scrolls. `id` tells it from
 * others in the page.
 */
export async function pageChart(spec: TopLevelSpec, id: string): Promise<Pick<PageChart, 'svg' | 'width'>> {
  const drawn = await chartSvg(spec, { letters: 'text', id });
  const width = Number(/ width="([^"]*)"/.exec(drawn)![1]);
  const svg = drawn
    .replaceAll(`"${chrome.ink}"`, '"var(--ink)"')
    .replaceAll(`"${chrome.muted}"`, '"var(--muted)"')
    .replaceAll(`"${chrome.line}"`, '"var(--line)"')
    .replace(
      /(<svg [^>]*?) width="([^"]*)" height="[^"]*"/,
      `$1 style="width:${width}px;min-width:${Math.round(0.68 * width)}px"`,
    );
  return { svg, width };
}
