import type { TopLevelSpec } from 'vega-lite';
import { distinct } from '../../common/groups.ts';
import { chrome, palette, percentAxis, sizes, theme } from './theme.ts';

/** One bar: a value with its interval, and what it may be held against. */
export interface Bar {
  /** Where it stands: bars of one group lie side by side. */
  readonly group: string;
  /** What it is of, told by colour: a model, an architecture. */
  readonly series: string;
  readonly value: number;
  /** Ends of its interval. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** Another value of the same thing, drawn as a line across the bar: what was published. */
  readonly reference?: number | undefined;
}

export interface BarOptions {
  readonly title?: string;
  /** What the length means: `accuracy`. */
  readonly measure: string;
  /** Shares are written in per cent, other values as they are; `share` unless given. */
  readonly unit?: 'share' | 'number';
  /** What the interval and the reference are, in words for the description. */
  readonly interval?: string;
  /** All series in the order of their colours, where other charts colour them, too; that of the bars unless given. */
  readonly coloured?: readonly string[];
  /** Of the bars' area, in pixels; 400 unless given. */
  readonly width?: number;
  readonly reference?: string;
}

/** A chart of bars that lie, with intervals, in the order in which groups and series come. */
export function barChart(bars: readonly Bar[], options: BarOptions): TopLevelSpec {
  const {
    title,
    measure,
    unit = 'share',
    interval = '95 % interval',
    reference = 'published',
    width = 400,
  } = options;
  const groups = distinct(bars.map(({ group }) => group));
  const series = distinct(bars.map((bar) => bar.series));
  const coloured = options.coloured ?? series;
  const inGroups = groups.length > 1 || groups[0] !== '';
  const thickness = series.length === 1 ? 22 : 17;
  const least = Math.min(0, ...bars.map(({ value, low = value }) => low));
  const most = Math.max(
    ...bars.map(({ value, high = value, reference: other = value }) => Math.max(high, other, value)),
  );
  // Where there are no groups, every series has a line of its own, and its name beside it.
  const y = inGroups ? 'group' : 'series';
  const named = { field: 'series', sort: series } as const;
  const place = {
    y: {
      field: y,
      type: 'nominal',
      sort: inGroups ? groups : series,
      axis: { title: null, labelColor: chrome.ink },
      scale: { paddingInner: inGroups && series.length > 1 ? 0.28 : 0.3, paddingOuter: 0.1 },
    },
    ...(inGroups && series.length > 1 && { yOffset: named }),
  } as const;
  const written = (value: number) =>
    (unit === 'share' ? `${(100 * value).toFixed(1)} %` : value.toFixed(2)).replace('-', '−');
  const hoverText = ({ group, series: of, value, low, high, reference: other }: Bar): string =>
    [
      [group, of].filter(Boolean).join(', '),
      `: ${measure} ${written(value)}`,
      low !== undefined && high !== undefined ? `, ${interval} ${written(low)} to ${written(high)}` : '',
      other === undefined ? '' : `, ${reference} ${written(other)}`,
    ].join('');
  const intervals = bars.some(({ low }) => low !== undefined);
  const references = bars.some((bar) => bar.reference !== undefined);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${title ?? measure}: ${measure}${intervals ? ` with its ${interval}` : ''}${references ? `; the line across a bar is the ${reference} value` : ''}.`,
    ...(title && { title }),
    config: theme,
    width,
    height: {
      step: inGroups && series.length > 1 ? thickness : 30,
      ...(inGroups && series.length > 1 && { for: 'offset' as const }),
    },
    data: {
      values: bars.map((bar) => ({
        ...bar,
        text: written(bar.value),
        hover: hoverText(bar),
        // The text stands beyond whatever reaches furthest, and not across the line at zero.
        end: Math.max(0, bar.value, bar.high ?? bar.value, bar.reference ?? bar.value),
      })),
    },
    encoding: place,
    layer: [
      {
        // Pale, so that the interval is seen on it.
        mark: { type: 'bar', fillOpacity: 0.6, aria: true },
        encoding: {
          description: { field: 'hover', type: 'nominal' },
          x: {
            field: 'value',
            type: 'quantitative',
            title: measure,
            scale: { domain: [least, unit === 'share' ? Math.min(1, most * 1.08) : most * 1.08], nice: true },
            axis: unit === 'share' ? percentAxis : { tickCount: 5 },
          },
          color: {
            field: 'series',
            type: 'nominal',
            sort: series,
            scale: { domain: [...coloured], range: colours(coloured.length) },
            legend: inGroups ? legendOf(series) : null,
          },
        },
      },
      ...(intervals ? [intervalMark, endMark('low'), endMark('high')] : []),
      ...(references ? [referenceMark(thickness)] : []),
      {
        mark: { type: 'text', align: 'left', dx: 7, fontSize: sizes.value, color: chrome.ink },
        encoding: {
          x: { field: 'end', type: 'quantitative' },
          text: { field: 'text', type: 'nominal' },
        },
      },
    ],
  };
}

const intervalMark = {
  mark: { type: 'rule' as const, color: chrome.ink, strokeWidth: 1.6 },
  transform: [{ filter: 'isValid(datum.low)' }],
  encoding: {
    x: { field: 'low', type: 'quantitative' as const },
    x2: { field: 'high' },
  },
};

/** An interval's end, which tells the line from one of the grid. */
const endMark = (field: 'low' | 'high') => ({
  mark: { type: 'tick' as const, color: chrome.ink, thickness: 1.6, size: 6 },
  transform: [{ filter: `isValid(datum.${field})` }],
  encoding: { x: { field, type: 'quantitative' as const } },
});

/** A line across a bar. */
const referenceMark = (thickness: number) => ({
  mark: { type: 'tick' as const, color: chrome.ink, thickness: 2, size: thickness },
  transform: [{ filter: 'isValid(datum.reference)' }],
  encoding: { x: { field: 'reference', type: 'quantitative' as const } },
});

/** As many colours as there are kinds; they come again where there are more kinds than colours. */
export const colours = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => palette[i % palette.length]);

/** A legend as wide as a chart; none for a single kind, which a title names. */
export const legendOf = (series: readonly string[]): { columns: number } | null =>
  series.length > 1 ? { columns: Math.max(...series.map((name) => name.length)) > 14 ? 2 : 4 } : null;
