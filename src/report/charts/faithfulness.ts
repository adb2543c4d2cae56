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
        caption: `How far the network's answer falls as regions go, means over ${plural(report.data.photos, 'photo')} with 95 % intervals; maps that know nothing of the network are dashed.`,
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

/** What goes, and what stands there then, by metric. */
const gone: Readonly<Record<string, string>> = {
  deletion: 'regions set to zero',
  // Insertion is this curve the other way round.
  insertion: 'regions blurred; put in from the right',
  road: 'regions filled in from around',
};

/** What charts call a method or baseline, each in the order of its colour. */
const labels = (methods: FaithfulnessReport['methods']): ReadonlyMap<string, string> =>
  new Map(methods.map(({ name, kind }) => [name, kind === 'baseline' ? `${name} (no network)` : name]));

function curvesChart({ curves, methods, settings }: FaithfulnessReport, metric: string): TopLevelSpec {
  const called = labels(methods);
  const known = new Set(methods.flatMap(({ name, kind }) => (kind === 'method' ? [name] : [])));
  const rows = curves
    .filter((curve) => curve.metric === metric)
    .flatMap(({ order, method, shares, mean, low, high }) =>
      shares.map((share, k) => ({
        order: titles[order],
        method: called.get(method) ?? method,
        share,
        value: mean[k],
        // Bands of all would hide each other.
        ...(known.has(method) ? { low: low[k], high: high[k] } : { isDashed: true }),
      })),
    );
  return lines(rows, [...called.values()], {
    description: `${metric}: ${settings.measured} of the explained class while regions are taken away; maps that know nothing of the network are dashed.`,
    x: gone[metric] ?? `regions taken away (${settings.replacement})`,
    y: String(settings.measured),
    facet: 'order',
  });
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
  readonly isDashed?: boolean;
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
            transform: [{ filter: 'isValid(datum.low)' }],
            encoding: {
              x: horizontal,
              y: { field: 'low', type: 'quantitative' as const, title: y },
              y2: { field: 'high' },
              color: colour,
            },
          },
        ]
      : []),
    ...[false, true].map((isDashed) => ({
      mark: {
        type: 'line' as const,
        ...(isDashed ? { strokeWidth: 1.5, strokeDash: [5, 4] } : { strokeWidth: 2 }),
      },
      transform: [{ filter: `${isDashed ? '' : '!'}datum.isDashed` }],
      encoding: {
        x: horizontal,
        y: { field: 'value', type: 'quantitative' as const, title: y },
        color: colour,
      },
    })),
  ];
}

function rankingChart(
  { estimates, methods }: FaithfulnessReport,
  { name, title, better }: FaithfulnessMeasure,
): TopLevelSpec {
  const called = labels(methods);
  const bars = estimates
    .filter(({ measure }) => measure === name)
    .sort((a, b) => (better === 'lower' ? a.mean - b.mean : b.mean - a.mean))
    .map(({ method, mean, low, high }) => ({
      group: '',
      series: called.get(method) ?? method,
      value: mean,
      ...(low !== undefined && { low }),
      ...(high !== undefined && { high }),
    }));
  return barChart(bars, { measure: title, unit: 'number', coloured: [...called.values()] });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
