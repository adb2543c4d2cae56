import type { TopLevelSpec } from 'vega-lite';
import { distinct } from '../../common/groups.ts';
import { colours, legendOf } from './bars.ts';
import { chrome, percentAxis, theme } from './theme.ts';

/** The images whose confidence lies in one bin. */
export interface ReliabilityPoint {
  readonly series: string;
  /** The mean confidence, and the share of the images that are right. */
  readonly confidence: number;
  readonly accuracy: number;
  readonly count: number;
  /** Ends of the accuracy's interval. */
  readonly low?: number;
  readonly high?: number;
}

/**
 * A reliability diagram: accuracy over confidence, the area of a point grows with its images. On the diagonal a model
 * is right as often as it says; below it, it is too sure. Bins without images are left out.
 */
export function reliabilityChart(bins: readonly ReliabilityPoint[], title?: string): TopLevelSpec {
  const values = bins.filter(({ count }) => count > 0).map((bin) => ({ ...bin, hover: hoverText(bin) }));
  const series = distinct(values.map((bin) => bin.series));
  const share = { type: 'quantitative' as const, scale: { domain: [0, 1] } };
  const color = {
    field: 'series',
    type: 'nominal',
    sort: series,
    scale: { domain: series, range: colours(series.length) },
    legend: legendOf(series),
  } as const;
  const x = { field: 'confidence', ...share, title: 'confidence', axis: percentAxis };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${title ?? 'Reliability'}: how often predictions are right, over how sure the model is of them. On the dashed diagonal both are equal; below it the model is too sure.`,
    ...(title && { title }),
    config: theme,
    width: 320,
    height: 320,
    layer: [
      {
        data: { values: [{ at: 0 }, { at: 1 }] },
        mark: { type: 'line', color: chrome.muted, strokeDash: [4, 4], strokeWidth: 1.2 },
        encoding: { x: { field: 'at', ...share }, y: { field: 'at', ...share } },
      },
      {
        data: { values },
        encoding: { x, color },
        layer: [
          {
            mark: { type: 'rule', strokeWidth: 1.2, opacity: 0.6 },
            transform: [{ filter: 'isValid(datum.low)' }],
            encoding: { y: { field: 'low', ...share }, y2: { field: 'high' } },
          },
          {
            mark: { type: 'line', strokeWidth: 1.2, opacity: 0.45 },
            encoding: { y: { field: 'accuracy', ...share, title: 'accuracy', axis: percentAxis } },
          },
          {
            mark: { type: 'point', filled: true, opacity: 1, aria: true },
            encoding: {
              description: { field: 'hover', type: 'nominal' },
              y: { field: 'accuracy', ...share },
              size: {
                field: 'count',
                type: 'quantitative',
                scale: { range: [12, 220], zero: true },
                legend: null,
              },
            },
          },
        ],
      },
    ],
  };
}

const hoverText = ({ series, confidence, accuracy, count }: ReliabilityPoint): string =>
  `${series}: ${written(accuracy)} right at a confidence of ${written(confidence)}, ${count} images`;

const written = (share: number): string => `${(100 * share).toFixed(1)} %`;
