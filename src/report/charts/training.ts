import type { TopLevelSpec } from 'vega-lite';
import { colours, distinct, legendOf } from './bars.ts';
import { theme } from './theme.ts';

/** One number that a training log says. */
export interface ProgressRow {
  readonly iteration: number;
  /** Seconds since the start, where the log has times. */
  readonly time?: number;
  /** What is measured: `loss`, `accuracy`; each has a panel of its own. */
  readonly metric: string;
  /** Of what, told by colour: `training`, `validation`, a model. */
  readonly series: string;
  readonly value: number;
}

export interface ProgressOptions {
  readonly title?: string;
  readonly over?: 'iteration' | 'time';
  /** Rows whose running mean is drawn, with the rows themselves pale behind it; none unless given. */
  readonly smooth?: number;
}

/** Training progress: a panel per metric, one under the other, over the same iterations or minutes. */
export function progressChart(rows: readonly ProgressRow[], options: ProgressOptions = {}): TopLevelSpec {
  const { title, over = 'iteration', smooth = 0 } = options;
  const series = distinct(rows.map((row) => row.series));
  const minutes = over === 'time';
  const values = rows
    .filter(({ time }) => !minutes || time !== undefined)
    .map(({ iteration, time = 0, metric, series: of, value }) => ({
      at: minutes ? time / 60 : iteration,
      metric,
      of,
      value,
    }));
  const metrics = distinct(values.map(({ metric }) => metric));
  const legend = legendOf(series);
  const color = {
    field: 'of',
    type: 'nominal',
    sort: series,
    scale: { domain: series, range: colours(series.length) },
    legend: legend && { ...legend, symbolType: 'stroke', symbolStrokeWidth: 3 },
  } as const;
  const x = {
    field: 'at',
    type: 'quantitative',
    axis: { grid: false, tickCount: 6, format: minutes ? '' : '~s' },
  } as const;
  const line = (field: string, opacity: number, strokeWidth: number) => ({
    mark: { type: 'line' as const, strokeWidth, opacity },
    encoding: { y: { field, type: 'quantitative' as const } },
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${title ?? 'Training progress'}: ${metrics.join(', ')} over ${minutes ? 'minutes' : 'iterations'}.`,
    ...(title && { title }),
    config: theme,
    data: { values },
    resolve: { scale: { x: 'shared', color: 'shared' } },
    spacing: 14,
    vconcat: metrics.map((metric, i) => ({
      width: 460,
      height: 150,
      transform: [
        { filter: { field: 'metric', equal: metric } },
        ...(smooth > 1
          ? [
              {
                window: [{ op: 'mean' as const, field: 'value', as: 'mean' }],
                frame: [-Math.floor(smooth / 2), Math.floor(smooth / 2)] as [number, number],
                groupby: ['of'],
                sort: [{ field: 'at' }],
              },
            ]
          : []),
      ],
      encoding: {
        color,
        x: { ...x, title: i === metrics.length - 1 ? (minutes ? 'minutes' : 'iterations') : null },
        // A share has its whole range; others are seen best in their own.
        y: { title: metric, scale: { zero: false }, axis: { tickCount: 4 } },
      },
      layer: smooth > 1 ? [line('value', 0.3, 1), line('mean', 1, 1.8)] : [line('value', 1, 1.6)],
    })),
  };
}
