import type { TopLevelSpec } from 'vega-lite';
import { count, duration, short } from '../../common/format.ts';
import { distinct } from '../../common/groups.ts';
import { colours, legendOf } from './bars.ts';
import { extremesOf, isRate, isShare, yAxis } from './metricaxis.ts';
import type { ProgressRow } from './progressrow.ts';
import { smoothed } from './smoothing.ts';
import { chrome, sizes, theme } from './theme.ts';

export interface ProgressOptions {
  readonly title?: string;
  readonly over?: 'iteration' | 'time';
  /** Rows whose running mean is drawn, with the rows themselves pale behind it; none unless given. */
  readonly smooth?: number;
  /** Whether what is above 0 and no share has a logarithmic axis; not unless given. */
  readonly log?: boolean;
  /** Of a panel, in pixels; 460 unless given. */
  readonly width?: number;
}

/** Training progress: a panel per metric, one under the other, over the same iterations or time. */
export function progressChart(rows: readonly ProgressRow[], options: ProgressOptions = {}): TopLevelSpec {
  const { title, over = 'iteration', smooth = 0, log = false, width = 460 } = options;
  const timed = over === 'time';
  const shown = timed ? rows.filter(({ time }) => time !== undefined) : rows;
  const { unit, seconds } = timeUnit(extremesOf(shown.map(({ time = 0 }) => time)).most);
  const at = ({ iteration, time = 0 }: ProgressRow) => (timed ? time / seconds : iteration);
  // The same colours and dashes, whichever of them a log tells of first.
  const series = distinct(shown.map((row) => row.series)).toSorted(
    (a, b) => Number(b === 'training') - Number(a === 'training'),
  );
  const runs = distinct(shown.map(({ run = '' }) => run));
  const several = runs.length > 1 || runs[0] !== '';
  const kinds = several ? runs : series;
  const metrics = distinct(shown.map(({ metric }) => metric));
  const channels = {
    color: colourOf(kinds),
    ...(several && { strokeDash: dashesOf(series) }),
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${title ?? 'Training progress'}: ${metrics.join(', ')} over ${timed ? unit : 'iterations'}.`,
    ...(title && {
      title: {
        text: title,
        ...(smooth > 1 && {
          subtitle: `running means over ${smooth} lines of the log, the lines themselves pale`,
        }),
      },
    }),
    config: progressTheme,
    data: {
      values: smoothed(shown, smooth).flatMap((line) =>
        line.map(({ row, value, raw }, i) => ({
          at: at(row),
          metric: row.metric,
          of: several ? (row.run ?? '') : row.series,
          ...(several && { series: row.series }),
          value,
          ...(raw !== undefined && { raw }),
          ...(isPointedAt(i, line.length) && { hover: hoverText(row, value) }),
        })),
      ),
    },
    resolve: { scale: { x: 'shared', color: 'shared', ...(several && { strokeDash: 'shared' }) } },
    spacing: 14,
    vconcat: metrics.map((metric, i) => {
      const values = shown.filter((row) => row.metric === metric).map(({ value }) => value);
      // A line needs two points: what was measured once is seen as one.
      const points = values.length <= 3 * kinds.length;
      return {
        width,
        height: isRate(metric) ? 80 : 150,
        transform: [{ filter: { field: 'metric', equal: metric } }],
        encoding: { ...channels, x: xAxis(timed ? unit : undefined, i === metrics.length - 1) },
        layer: linesOf(metric, values, { smooth: smooth > 1, points, log }),
      };
    }),
  };
}

const progressTheme = {
  ...theme,
  title: {
    ...theme.title,
    subtitleColor: chrome.muted,
    subtitleFontSize: sizes.label,
    subtitlePadding: 6,
  },
  // Two legends stand side by side: of runs, and of training and validation. Vega-Lite's types leave this out.
  legend: { ...theme.legend, ...({ layout: { top: { margin: 26 } } } as object) },
};

const stroke = { symbolType: 'stroke', symbolStrokeWidth: 3, symbolSize: 300 } as const;

function colourOf(kinds: readonly string[]) {
  const legend = legendOf(kinds);
  return {
    field: 'of',
    type: 'nominal' as const,
    sort: [...kinds],
    scale: { domain: [...kinds], range: colours(kinds.length) },
    legend: legend && { ...legend, ...stroke },
  };
}

function dashesOf(series: readonly string[]) {
  return {
    field: 'series',
    type: 'nominal' as const,
    sort: [...series],
    scale: { domain: [...series], range: series.map((_, i) => dashes[i % dashes.length]) },
    legend:
      series.length > 1
        ? { columns: 4, ...stroke, symbolStrokeWidth: 2, symbolStrokeColor: chrome.muted }
        : null,
  };
}

/** Over time in a unit, else over iterations; only the last panel's is labelled. */
const xAxis = (unit: string | undefined, last: boolean) => ({
  field: 'at',
  type: 'quantitative' as const,
  title: last ? (unit ?? 'iterations') : null,
  axis: {
    grid: false,
    tickCount: 5,
    labels: last,
    ...(unit === undefined && { tickMinStep: 1, labelExpr: thousands }),
  },
});

/** A metric's lines; where they are smoothed, the rows themselves pale behind them. */
function linesOf(
  metric: string,
  values: readonly number[],
  { smooth, points, log }: { readonly smooth: boolean; readonly points: boolean; readonly log: boolean },
) {
  const y = yAxis(metric, values, log);
  const line = (field: 'raw' | 'value', opacity: number, strokeWidth: number) => ({
    mark: {
      type: 'line' as const,
      strokeWidth,
      opacity,
      point: points ? { size: 30 } : false,
      ...(isRate(metric) && { interpolate: 'step-after' as const }),
    },
    // Dashes tell nothing where a line jumps up and down.
    encoding: { y: { field, ...y }, ...(field === 'raw' && { strokeDash: { value: [1, 0] } }) },
  });
  // Unseen, but they say their values to who points at them.
  const spoken = {
    mark: { type: 'square' as const, size: 90, opacity: 0, aria: true },
    transform: [{ filter: 'isValid(datum.hover)' }],
    encoding: {
      y: { field: 'value', ...y },
      description: { field: 'hover', type: 'nominal' as const },
      strokeDash: { value: [1, 0] },
    },
  };
  const drawn = smooth ? [line('raw', 0.28, 1), line('value', 1, 1.8)] : [line('value', 1, 1.6)];
  return [...drawn, spoken];
}

/** Points of a line that say their values: so many that one is near wherever one points, the last one too. */
const isPointedAt = (i: number, points: number): boolean =>
  i % Math.ceil(points / 48) === 0 || i === points - 1;

const hoverText = ({ run, series, metric, iteration, time }: ProgressRow, value: number): string => {
  const of = run ? `${run}, ${series}` : series;
  const written = isShare(metric, value) ? `${(100 * value).toFixed(1)} %` : short(value);
  const when = time === undefined ? '' : ` (${duration(1000 * time)})`;
  return `${of}: ${metric} ${written} at iteration ${count(iteration)}${when}`;
};

const dashes = [[], [5, 3], [2, 2], [8, 3, 2, 3]].map((dash) => (dash.length > 0 ? dash : [1, 0]));

/** 4,000, but 40k. */
const thousands = "datum.value >= 10000 ? format(datum.value / 1000, ',~f') + 'k' : format(datum.value, ',')";

/** The unit in which a time is said best. */
function timeUnit(most: number): { unit: string; seconds: number } {
  if (most > 3 * 3600) return { unit: 'hours', seconds: 3600 };
  return most > 180 ? { unit: 'minutes', seconds: 60 } : { unit: 'seconds', seconds: 1 };
}
