import type { TopLevelSpec } from 'vega-lite';
import { plural } from '../../common/format.ts';
import { distinct } from '../../common/groups.ts';
import type { FaithfulnessMeasure, FaithfulnessReport } from '../../faithfulness/index.ts';
import { barChart, colours, legendOf } from './bars.ts';
import type { NamedChart } from './named.ts';
import { chrome, percentAxis, theme } from './theme.ts';

/** The charts of an analysis of faithfulness: each metric's curves, each measure's ranking, and randomisation layer by layer. */
export function faithfulnessCharts(report: FaithfulnessReport): NamedChart[] {
  const metrics = distinct(report.curves.map(({ metric }) => metric));
  return [
    ...metrics.map(
      (metric): NamedChart => ({
        name: `curves-${metric}`,
        kind: 'curves',
        caption: `How far the network's answer falls as regions go, means over ${plural(report.data.photos, 'photo')} with 95 % intervals.`,
        spec: curvesChart(report, metric),
      }),
    ),
    ...report.measures.map(
      (measure): NamedChart => ({
        name: `ranking-${measure.name}`,
        kind: 'ranking',
        caption: `${capital(measure.title)} (${measure.paper})${toldBetter(measure)}.`,
        spec: rankingChart(report, measure),
      }),
    ),
    ...(report.randomisation.length > 0
      ? [
          {
            name: 'randomisation',
            kind: 'curves' as const,
            caption:
              'How like their maps of the trained network methods stay while weights are drawn anew, from the scores down.',
            spec: randomisationChart(report),
          },
        ]
      : []),
  ];
}

const toldBetter = ({ better }: FaithfulnessMeasure): string =>
  better === 'neither' ? '' : `; ${better} is better`;

const titles: Readonly<Record<string, string>> = {
  morf: 'most relevant first',
  lerf: 'least relevant first',
};

function curvesChart({ curves, methods, settings }: FaithfulnessReport, metric: string): TopLevelSpec {
  const rows = curves
    .filter((curve) => curve.metric === metric)
    .flatMap(({ order, method, shares, mean, low, high }) =>
      shares.map((share, k) => ({
        order: titles[order],
        method,
        share,
        value: mean[k],
        low: low[k],
        high: high[k],
      })),
    );
  return lines(
    rows,
    methods.map(({ name }) => name),
    {
      description: `${metric}: ${settings.measured} of the explained class while regions are taken away.`,
      x: 'regions taken away',
      y: String(settings.measured),
      facet: 'order',
    },
  );
}

function randomisationChart({ randomisation, methods }: FaithfulnessReport): TopLevelSpec {
  const names = methods.flatMap(({ name, kind }) => (kind === 'method' ? [name] : []));
  const rows = [
    ...names.map((method) => ({ order: 'cascading', method, share: 0, value: 1 })),
    ...randomisation
      .filter(({ kind }) => kind === 'cascading')
      .map(({ method, share, rankCorrelation }) => ({
        order: 'cascading',
        method,
        share,
        value: rankCorrelation,
      })),
  ];
  return lines(rows, names, {
    description:
      'Rank correlation with the map of the trained network while more and more layers are drawn anew.',
    x: 'layers drawn anew, from the scores down',
    y: 'rank correlation',
  });
}

interface LineRow {
  readonly order: string;
  readonly method: string;
  readonly share: number;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

function lines(
  rows: readonly LineRow[],
  names: readonly string[],
  {
    description,
    x,
    y,
    facet,
  }: { readonly description: string; readonly x: string; readonly y: string; readonly facet?: string },
): TopLevelSpec {
  const layer = linesWithBands(rows, names, x, y);
  const base = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    config: theme,
    data: { values: [...rows] },
  };
  if (facet === undefined) return { ...base, width: 380, height: 240, layer };
  return {
    ...base,
    facet: {
      column: {
        field: facet,
        type: 'nominal',
        title: null,
        sort: Object.values(titles),
        header: { labelColor: chrome.ink },
      },
    },
    spec: { width: 300, height: 240, layer },
  };
}

/** A line for each name; behind it, where there are intervals, a band. */
function linesWithBands(rows: readonly LineRow[], names: readonly string[], x: string, y: string) {
  const colour = {
    field: 'method',
    type: 'nominal',
    sort: [...names],
    scale: { domain: [...names], range: colours(names.length) },
    legend: legendOf(names),
  } as const;
  const horizontal = {
    field: 'share',
    type: 'quantitative',
    title: x,
    axis: { ...percentAxis, grid: false },
  } as const;
  return [
    ...(rows.some(({ low }) => low !== undefined)
      ? [
          {
            mark: { type: 'area' as const, opacity: 0.12 },
            encoding: {
              x: horizontal,
              y: { field: 'low', type: 'quantitative' as const, title: y },
              y2: { field: 'high' },
              color: colour,
            },
          },
        ]
      : []),
    {
      mark: { type: 'line' as const, strokeWidth: 2 },
      encoding: {
        x: horizontal,
        y: { field: 'value', type: 'quantitative' as const, title: y },
        color: colour,
      },
    },
  ];
}

function rankingChart(
  { estimates, methods }: FaithfulnessReport,
  { name, title, better }: FaithfulnessMeasure,
): TopLevelSpec {
  const kinds = new Map(methods.map((method) => [method.name, method.kind]));
  const bars = estimates
    .filter(({ measure }) => measure === name)
    .sort((a, b) => (better === 'lower' ? a.mean - b.mean : b.mean - a.mean))
    .map(({ method, mean, low, high }) => ({
      group: '',
      series: kinds.get(method) === 'baseline' ? `${method} (no network)` : method,
      value: mean,
      ...(low !== undefined && { low }),
      ...(high !== undefined && { high }),
    }));
  return barChart(bars, { measure: title, unit: 'number' });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
