import type { TopLevelSpec } from 'vega-lite';
import type { ClusteredClass } from '../../clusters/index.ts';
import { colours, legendOf } from './bars.ts';
import type { NamedChart } from './named.ts';
import { chrome, theme } from './theme.ts';

/** Where the photos of a class lie in a view of two dimensions. */
export interface ClusterScatter {
  readonly class: string;
  /** `spectral`, `pca` or `umap`. */
  readonly view: string;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly cluster: number | undefined;
    /** Whether what is predicted is the true class, where that is known. */
    readonly right?: boolean | undefined;
  }[];
}

/** Points of a view beyond which only as many are drawn, evenly spread. */
const MOST_POINTS = 2000;

const viewTitles: Readonly<Record<string, string>> = {
  spectral: 'the second and third eigenvector',
  pca: 'the first two principal components',
  umap: 'UMAP',
};

/** The charts of a class's clusters: its views, coloured by cluster, and its eigenvalues. */
export function clusterCharts(
  { class: name, photos, eigenvalues, gap }: ClusteredClass,
  views: readonly ClusterScatter[],
): NamedChart[] {
  return [
    ...views.map(({ view, points }): NamedChart => {
      const every = Math.ceil(points.length / MOST_POINTS);
      const drawn = points.filter((_, i) => i % every === 0);
      const some = every > 1 ? ` One of ${every} is drawn.` : '';
      const wrong = drawn.some(({ right }) => right === false) ? ' Crosses are answered wrongly.' : '';
      return {
        name: `${view}-${name}`,
        kind: 'clusters',
        caption: `${photos} photos of ${name} by ${viewTitles[view]} of their heatmaps.${wrong}${some}`,
        spec: scatter(drawn, `${name}: heatmaps by ${viewTitles[view]}`),
      };
    }),
    {
      name: `eigenvalues-${name}`,
      kind: 'clusters',
      caption: `The smallest eigenvalues of the normalised Laplacian of ${name}: the largest gap is after the ${ordinal(gap.clusters)}${gap.single ? ', but for the one after the first' : ''}.`,
      spec: eigenvalueChart(eigenvalues, gap.clusters),
    },
  ];
}

const ordinal = (n: number): string =>
  `${n}${n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;

function scatter(points: ClusterScatter['points'], description: string): TopLevelSpec {
  const names = [...new Set(points.map(({ cluster }) => cluster))]
    .sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY))
    .map(clusterName);
  const rows = points.map(({ x, y, cluster, right }) => ({
    x,
    y,
    cluster: clusterName(cluster),
    answer: right === false ? 'wrong' : 'right',
  }));
  const bare = { title: null, axis: { labels: false, grid: false }, scale: { zero: false } } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    config: theme,
    width: 330,
    height: 270,
    data: { values: rows },
    mark: { type: 'point', filled: true, opacity: 0.85 },
    encoding: {
      x: { field: 'x', type: 'quantitative', ...bare },
      y: { field: 'y', type: 'quantitative', ...bare },
      color: {
        field: 'cluster',
        type: 'nominal',
        sort: names,
        scale: { domain: names, range: colours(names.length) },
        legend: legendOf(names),
      },
      shape: {
        field: 'answer',
        type: 'nominal',
        scale: { domain: ['right', 'wrong'], range: ['circle', 'cross'] },
        legend: null,
      },
      // A cross of a dot's area is taken for a dot.
      size: { condition: { test: "datum.answer === 'wrong'", value: 90 }, value: 32 },
    },
  };
}

const clusterName = (cluster: number | undefined): string =>
  cluster === undefined ? 'none' : `cluster ${cluster}`;

function eigenvalueChart(eigenvalues: readonly number[], clusters: number): TopLevelSpec {
  const rows = eigenvalues.map((value, i) => ({
    place: i + 1,
    value,
    side: i < clusters ? 'before the gap' : 'after it',
  }));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'Eigenvalues of the normalised Laplacian, the smallest first.',
    config: theme,
    width: 260,
    height: 270,
    data: { values: rows },
    mark: { type: 'point', filled: true, size: 60, opacity: 1 },
    encoding: {
      x: {
        field: 'place',
        type: 'ordinal',
        title: 'eigenvalue',
        axis: { labelAngle: 0, labelColor: chrome.muted },
      },
      y: { field: 'value', type: 'quantitative', title: null },
      color: {
        field: 'side',
        type: 'nominal',
        sort: ['before the gap', 'after it'],
        scale: { domain: ['before the gap', 'after it'], range: colours(2) },
        legend: legendOf(['before the gap', 'after it']),
      },
    },
  };
}
