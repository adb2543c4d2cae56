import type { TopLevelSpec } from 'vega-lite';
import { chartSvg, type NamedChart } from './charts/index.ts';
import { chrome } from './charts/theme.ts';
import type { PageBlock, PageChart } from './page-blocks.ts';

/** What a chart may be wide on a phone, in pixels, and what its marks need of that at least. */
const PHONE = 345;
const LEAST = 150;

/**
 * A chart as a part of a page, its letters in the page's font. What carries no data has the page's colours and follows
 * it into the dark. It is there twice where it is wide: for a phone it is drawn narrower, with letters as large. `id` tells
 * it from others in the page.
 */
export async function pageChart(spec: TopLevelSpec, id: string): Promise<Pick<PageChart, 'svg' | 'width'>> {
  const wide = await elementOf(spec, id);
  const marks = marksWidth(spec);
  if (marks === undefined || wide.width <= PHONE) return wide;
  const beside = wide.width - marks;
  // What is unseen and only says its value to who points at it is nothing for fingers.
  const pointed = /<path [^>]*opacity="0"[^>]*><title>[^<]*<\/title><\/path>/g;
  const narrow = await elementOf(withMarksWidth(spec, Math.max(LEAST, PHONE - beside)), `${id}n-`);
  return {
    width: wide.width,
    svg: `<div class="wide">${wide.svg}</div><div class="narrow">${narrow.svg.replace(pointed, '')}</div>`,
  };
}

/** Charts side by side; none make no block. Their names tell them from others in the page. */
export async function chartBlocks(charts: readonly NamedChart[]): Promise<PageBlock[]> {
  if (charts.length === 0) return [];
  const drawn = charts.map(async ({ name, caption, spec }) => ({
    caption,
    ...(await pageChart(spec, `${name}-`)),
  }));
  return [{ kind: 'charts', charts: await Promise.all(drawn) }];
}

/** Width of the area of marks, where the specification says it. */
function marksWidth(spec: TopLevelSpec): number | undefined {
  const width =
    'vconcat' in spec ? (spec.vconcat[0] as { width?: unknown }).width : (spec as { width?: unknown }).width;
  return typeof width === 'number' ? width : undefined;
}

const withMarksWidth = (spec: TopLevelSpec, width: number): TopLevelSpec =>
  'vconcat' in spec
    ? { ...spec, vconcat: spec.vconcat.map((each) => ({ ...each, width })) }
    : ({ ...spec, width } as TopLevelSpec);

async function elementOf(spec: TopLevelSpec, id: string): Promise<Pick<PageChart, 'svg' | 'width'>> {
  const drawn = await themedSvg(spec, id);
  const width = Number(/ width="([^"]*)"/.exec(drawn)![1]);
  const svg = drawn.replace(
    /(<svg [^>]*?) width="([^"]*)" height="[^"]*"/,
    `$1 style="width:${width}px;min-width:${Math.round(0.68 * width)}px"`,
  );
  return { svg, width };
}

/** A chart as an SVG element whose letters are the page's, and whose parts without data have the page's colours. */
export async function themedSvg(spec: TopLevelSpec, id: string): Promise<string> {
  const drawn = await chartSvg(spec, { letters: 'text', id });
  return drawn
    .replaceAll(`"${chrome.ink}"`, '"var(--ink)"')
    .replaceAll(`"${chrome.muted}"`, '"var(--muted)"')
    .replaceAll(`"${chrome.line}"`, '"var(--line)"');
}
