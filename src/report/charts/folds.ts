import type { TopLevelSpec } from 'vega-lite';
import { short } from '../../common/format.ts';
import { distinct, groupedBy } from '../../common/groups.ts';
import { earlierResults } from '../published.ts';
import { colours, legendOf } from './bars.ts';
import { chrome, percentAxis, sizes, theme } from './theme.ts';

/** How accurate a network of one fold was after so many iterations. */
export interface FoldPoint {
  readonly architecture: string;
  /** Which of the architecture's trainings, as the paper's tables call it: `[m, n]`. */
  readonly training: string;
  readonly fold: string;
  readonly iteration: number;
  /** A fraction. */
  readonly accuracy: number;
}

/** A point of a mean over folds. */
export interface FoldMean extends Omit<FoldPoint, 'fold' | 'accuracy'> {
  readonly folds: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly sd: number;
}

/**
 * Means over folds at each iteration that all folds of a training have: where some ended early, a mean of the others would jump.
 */
export function foldMeans(points: readonly FoldPoint[]): FoldMean[] {
  const trainings = groupedBy(points, ({ architecture, training }) =>
    JSON.stringify([architecture, training]),
  );
  return [...trainings.values()].flatMap((of) => {
    const folds = new Set(of.map(({ fold }) => fold)).size;
    const [{ architecture, training }] = of;
    return [...groupedBy(of, ({ iteration }) => iteration)]
      .filter(([, at]) => new Set(at.map(({ fold }) => fold)).size === folds)
      .sort(([a], [b]) => a - b)
      .map(([iteration, at]) => {
        const mean = at.reduce((sum, { accuracy }) => sum + accuracy, 0) / at.length;
        const variance = at.reduce((sum, { accuracy }) => sum + (accuracy - mean) ** 2, 0) / at.length;
        return { architecture, training, iteration, folds, mean, sd: Math.sqrt(variance) };
      });
  });
}

/**
 * How accuracy grew in training: a panel for each architecture, a line for each of its trainings, the mean over folds with ± the standard deviation
 * pale around it; dashed and named what earlier work had reached on the target.
 */
export function foldChart(points: readonly FoldPoint[], target: string): TopLevelSpec {
  const means = foldMeans(points);
  const trainings = distinct(means.map(({ training }) => training));
  const architectures = distinct(means.map(({ architecture }) => architecture));
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const y = { title: 'accuracy', scale: { zero: false, nice: true }, axis: percentAxis };
  const lines = earlierResults(target);
  const once = [{ aggregate: [{ op: 'count', as: 'points' }], groupby: ['architecture'] }];
  const width = architectures.length > 1 ? 280 : 560;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `Accuracy of ${target} over iterations, means over folds: ${architectures.join(', ')}.`,
    config: theme,
    data: {
      values: means.map((each) => ({
        ...each,
        low: each.mean - each.sd,
        high: each.mean + each.sd,
        hover: `${each.architecture} ${each.training}: ${share(each.mean)} ± ${share(each.sd)} after ${short(each.iteration)} iterations`,
      })),
    },
    facet: { field: 'architecture', type: 'nominal', sort: architectures, title: null },
    columns: 2,
    spacing: 22,
    spec: {
      width,
      height: 190,
      encoding: {
        x: {
          ...{ field: 'iteration', type: 'quantitative', title: 'iterations' },
          axis: { grid: false, tickCount: 5, tickMinStep: 1, format: '~s' },
        },
        color: {
          ...{ field: 'training', type: 'nominal', sort: trainings },
          scale: { domain: trainings, range: colours(trainings.length) },
          legend: legendOf(trainings),
        },
      },
      layer: [
        ...lines.flatMap(({ who, value }) => [
          {
            mark: { type: 'rule' as const, strokeDash: [3, 3], strokeWidth: 1 },
            transform: once,
            encoding: {
              x: { value: 0 },
              x2: { value: width },
              y: { datum: value, ...y },
              color: { value: chrome.muted },
            },
          },
          // Beside the panel: inside, a curve would go through it.
          {
            mark: { type: 'text' as const, align: 'left' as const, dx: 6, fontSize: sizes.note },
            transform: once,
            encoding: {
              x: { value: width },
              y: { datum: value, ...y },
              text: { datum: who },
              color: { value: chrome.muted },
            },
          },
        ]),
        {
          mark: { type: 'area', opacity: 0.14 },
          encoding: { y: { field: 'low', type: 'quantitative', ...y }, y2: { field: 'high' } },
        },
        {
          mark: { type: 'line', strokeWidth: 1.8 },
          encoding: { y: { field: 'mean', type: 'quantitative', ...y } },
        },
        {
          mark: { type: 'circle', size: 26, aria: true },
          encoding: {
            y: { field: 'mean', type: 'quantitative', ...y },
            description: { field: 'hover', type: 'nominal' },
          },
        },
      ],
    },
  } as TopLevelSpec;
}
