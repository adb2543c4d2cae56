import type { TopLevelSpec } from 'vega-lite';
import { accent, chrome, sizes, theme } from './theme.ts';

export interface ConfusionOptions {
  readonly title?: string;
}

/**
 * A confusion matrix as cells: labels in rows, predictions in columns. A cell's colour and first line are its share of
 * the row, its second line the count; what is right lies on the diagonal.
 */
export function confusionChart(
  counts: readonly (readonly number[])[],
  labels: readonly string[],
  { title }: ConfusionOptions = {},
): TopLevelSpec {
  const cells = counts.flatMap((row, i) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, j) => ({
      truth: i,
      predicted: j,
      count,
      share: all > 0 ? count / all : 0,
      text: count > 0 ? `${Math.round((100 * count) / all)} %` : '',
      hover: `label ${labels[i]}, prediction ${labels[j]}: ${count} of ${all} images${all > 0 ? ` (${((100 * count) / all).toFixed(1)} %)` : ''}`,
    }));
  });
  // The space, which is not drawn, keeps Vega from taking `constructor` for what every object has.
  const names = JSON.stringify(labels.map((label) => `${label} `));
  const axis = { labelExpr: `${names}[datum.value]`, grid: false, labelColor: chrome.ink };
  const long = Math.max(...labels.map((label) => label.length)) > 8;
  const side = labels.length > 12 ? 40 : labels.length > 4 ? 46 : 68;
  const place = (field: string) => ({
    field,
    type: 'ordinal' as const,
    scale: { paddingInner: 0.04, paddingOuter: 0 },
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${title ?? 'Confusion matrix'}: rows are the labels, columns the predictions; each cell is a share of its row.`,
    ...(title && { title }),
    config: theme,
    width: { step: side },
    height: { step: side },
    data: { values: cells },
    encoding: {
      y: { ...place('truth'), axis: { ...axis, title: 'label' } },
      x: {
        ...place('predicted'),
        axis: {
          ...axis,
          title: 'prediction',
          orient: 'top',
          labelAngle: long ? -40 : 0,
          labelAlign: long ? 'left' : 'center',
        },
      },
    },
    layer: [
      {
        mark: { type: 'rect', color: accent, aria: true },
        encoding: {
          description: { field: 'hover', type: 'nominal' },
          // An empty cell is still seen as one.
          fillOpacity: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: [0.05, 1] },
            legend: null,
          },
        },
      },
      cellText('text', { dy: -6, fontSize: sizes.label, fontWeight: 'bold' }),
      cellText('count', { dy: 10, fontSize: 10 }),
    ],
  };
}

function cellText(field: string, mark: { dy: number; fontSize: number; fontWeight?: 'bold' }) {
  return {
    mark: { type: 'text' as const, ...mark },
    encoding: {
      text: { field, type: 'nominal' as const },
      color: {
        condition: [
          { test: 'datum.count === 0', value: chrome.muted },
          { test: 'datum.share > 0.75', value: '#ffffff' },
        ],
        value: chrome.ink,
      },
    },
  };
}
