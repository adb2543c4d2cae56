import type { TopLevelSpec } from 'vega-lite';
import { count, duration, short } from '../../common/format.ts';
import { colours, distinct, legendOf } from './bars.ts';
import { chrome, percentAxis, sizes, theme } from './theme.ts';

/** One number that a training log says. */
export interface ProgressRow {
  readonly iteration: number;
  /** Seconds since the start, where the log has times. */
  readonly time?: number;
  /** What is measured: `loss`, `accuracy`; each has a panel of its own. */
  readonly metric: string;
  /** Of what: `training`, `validation`, a model. Told by colour, or by the line's dashes where there are several runs. */
  readonly series: string;
  /** Of which run, told by colour, where there are several. */
  readonly run?: string;
  readonly value: number;
  /** Shown only when asked for. */
  readonly detail?: boolean;
}

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
  const { unit, seconds } = timeUnit(range(shown.map(({ time = 0 }) => time)).most);
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

/** Whether what is measured is a share, to be written in per cent. */
export const isShare = (metric: string, most: number): boolean =>
  /accuracy|top|recall|precision/i.test(metric) && most <= 1;

const isRate = (metric: string): boolean => /\brate$/.test(metric);

function yAxis(metric: string, values: readonly number[], wanted: boolean) {
  const { least, most } = range(values);
  // As wide as any label, so that the panels' titles stand in one line.
  const axis = { tickCount: 4, minExtent: 46 };
  if (!isRate(metric)) {
    if (wanted && least > 0 && !isShare(metric, most)) {
      return {
        type: 'quantitative' as const,
        title: metric,
        scale: { type: 'log' as const, domain: [least, most] },
        axis: { ...axis, format: '~g', values: logTicks(least, most) },
      };
    }
    return {
      type: 'quantitative' as const,
      title: metric,
      scale: { zero: false, nice: true },
      axis: isShare(metric, most) ? { ...percentAxis, ...axis } : axis,
    };
  }
  // A rate falls by factors; what is small then would not be seen.
  const log = least > 0 && most > 5 * least;
  const [low, high] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const step = Math.ceil((high - low) / 4);
  return {
    type: 'quantitative' as const,
    title: metric,
    scale: log ? { type: 'log' as const, domain: [10 ** low, 10 ** high] } : { zero: true, nice: true },
    axis: {
      ...axis,
      format: '~g',
      ...(log
        ? {
            values: Array.from({ length: high - low + 1 }, (_, i) => low + i)
              .filter((e) => (high - e) % step === 0)
              .map((e) => Number(`1e${e}`)),
          }
        : { tickCount: 2 }),
    },
  };
}

/** Marks of a logarithmic axis: 1, 2 and 5 of each power of ten, or the powers alone where these are many. */
function logTicks(least: number, most: number): number[] {
  const [low, high] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const steps = high - low > 3 ? [1] : [1, 2, 5];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i)
    .flatMap((power) => steps.map((step) => Number(`${step}e${power}`)))
    .filter((value) => value >= least && value <= most);
}

/** The unit in which a time is said best. */
function timeUnit(most: number): { unit: string; seconds: number } {
  if (most > 3 * 3600) return { unit: 'hours', seconds: 3600 };
  return most > 180 ? { unit: 'minutes', seconds: 60 } : { unit: 'seconds', seconds: 1 };
}

/** A row and what is drawn of it. */
interface Point {
  readonly row: ProgressRow;
  readonly value: number;
  /** Its own value, where `value` is a mean. */
  readonly raw?: number;
}

/**
 * Lines of rows, each with the running mean over `window` of them, centred, by metric, run and series. Where there are few (tests beside
 * training), and for rates, which do not jump about, a row's value is its own.
 */
function smoothed(rows: readonly ProgressRow[], window: number): Point[][] {
  const lines = new Map<string, ProgressRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.metric, row.run, row.series]);
    if (!lines.has(key)) lines.set(key, []);
    lines.get(key)!.push(row);
  }
  const longest = range([...lines.values()].map(({ length }) => length)).most;
  return [...lines.values()].map((line) => {
    if (window < 2 || line.length < Math.max(2 * window, longest / 4) || isRate(line[0].metric)) {
      return thinned(line.map((row) => ({ row, value: row.value })));
    }
    const half = Math.floor(window / 2);
    return thinned(
      line.map((row, i) => {
        const near = line.slice(Math.max(0, i - half), i + half + 1);
        return { row, raw: row.value, value: near.reduce((sum, each) => sum + each.value, 0) / near.length };
      }),
    );
  });
}

/** More points than pixels draw nothing but ink: of each share of a long line its lowest and its highest are kept. */
function thinned(line: readonly Point[]): Point[] {
  const shares = 600;
  if (line.length <= 4 * shares) return [...line];
  return Array.from({ length: shares }, (_, i) => {
    const share = line.slice(
      Math.floor((i * line.length) / shares),
      Math.floor(((i + 1) * line.length) / shares),
    );
    const own = ({ raw, value }: Point) => raw ?? value;
    const lowest = share.reduce((a, b) => (own(b) < own(a) ? b : a));
    const highest = share.reduce((a, b) => (own(b) > own(a) ? b : a));
    return share.filter((point) => point === lowest || point === highest);
  }).flat();
}

const range = (values: readonly number[]): { least: number; most: number } => ({
  least: values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  most: values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
});
