import type { Runtime } from '../runtime/index.ts';
import { components, neighbourAffinity } from './affinity.ts';
import { ward } from './agglomerative.ts';
import { dbscan } from './dbscan.ts';
import {
  type Eigengap,
  type Embedding,
  eigengap,
  leading,
  principalComponents,
  spectralEmbedding,
} from './embedding.ts';
import type { Features } from './features.ts';
import { kmeans, squaredDistance } from './kmeans.ts';
import type { Labels } from './labels.ts';
import { type NeighbourOptions, nearestNeighbours } from './neighbours.ts';
import type { AffinityWeights, ClusterMethod, ClusterView } from './options.ts';
import { umapEmbedding } from './umap.ts';

/** How rows are parted. */
export interface PartingOptions {
  readonly method: ClusterMethod;
  /** As many as the eigengap says unless given. */
  readonly clusters?: number | undefined;
  /** Most clusters that the eigengap may say. */
  readonly most: number;
  /** Nearest others that a row is joined with; at most half of them. */
  readonly neighbours: number;
  readonly weights: AffinityWeights;
  /** How near rows are neighbours for DBSCAN. */
  readonly radius?: number | undefined;
  readonly views: readonly ClusterView[];
  readonly seed: number;
}

/** Rows, parted. */
export interface Parting {
  readonly neighbours: number;
  /** Parts of the graph that nothing joins. */
  readonly parts: number;
  readonly eigenvalues: readonly number[];
  readonly gap: Eigengap;
  readonly labels: Labels;
  /** What the clusters are found in: as many dimensions as there are to be clusters. */
  readonly spectral: Embedding;
  /** The same with three dimensions at least, to be looked at: of a graph in one part the first is the same for all rows. */
  readonly shown: Embedding;
  readonly pca?: Embedding | undefined;
  readonly umap?: Embedding | undefined;
}

/** Fewer rows than this are not parted: any few look like groups. */
export const LEAST_ROWS = 12;

/**
 * Parts rows by spectral clustering (Lapuschkin et al. 2019): nearest neighbours, the smallest eigenvectors of their graph's
 * normalised Laplacian, as many clusters as the eigengap says. The rows are as they are to be compared. Errors: fewer than
 * {@link LEAST_ROWS}.
 */
export async function part(
  features: Features,
  options: PartingOptions,
  runtime: Runtime,
  watch: Omit<NeighbourOptions, 'block'> = {},
): Promise<Parting> {
  const { rows } = features;
  const { clusters: asked, most, seed, views } = options;
  const { signal } = watch;
  const near = await nearestNeighbours(
    features,
    Math.min(options.neighbours, Math.floor((rows - 1) / 2)),
    runtime,
    watch,
  );
  const affinity = neighbourAffinity(near, options.weights);
  const dimensions = Math.min(rows - 1, Math.max(most, asked ?? 0) + 1);
  const whole = spectralEmbedding(affinity, dimensions, { seed, signal });
  const gap = eigengap(whole.eigenvalues);
  const count = Math.min(rows, asked ?? gap.clusters);
  const spectral = leading(whole, Math.min(count, dimensions));
  return {
    neighbours: near.count,
    parts: components(affinity).reduce((largest, each) => Math.max(largest, each), 0) + 1,
    eigenvalues: whole.eigenvalues,
    gap,
    labels: labelsBy(spectral, count, options),
    spectral,
    shown: leading(whole, Math.min(Math.max(count, 3), dimensions)),
    ...(views.includes('pca') && {
      // A view: components that are nearly as long may come turned within their plane.
      pca: principalComponents(features, 2, { seed, signal, tolerance: 1e-4, copies: 1 }),
    }),
    ...(views.includes('umap') && { umap: await umapEmbedding(near, seed, signal) }),
  };
}

function labelsBy(
  spectral: Embedding,
  count: number,
  { method, radius, neighbours, seed }: PartingOptions,
): Labels {
  if (method === 'ward') return ward(spectral, count);
  if (method === 'dbscan') return dbscan(spectral, { radius, least: Math.min(neighbours, 5) });
  return kmeans(spectral, count, { seed });
}

/** The rows of a cluster, those nearest to its mean first. */
export function byCentrality({ dimensions, data }: Embedding, labels: Labels, cluster: number): number[] {
  const own = Array.from(labels, (_, row) => row).filter((row) => labels[row] === cluster);
  const mean = new Float64Array(dimensions);
  for (const row of own)
    for (let j = 0; j < dimensions; j++) mean[j] += data[row * dimensions + j] / own.length;
  const distances = new Map(
    own.map((row) => [row, squaredDistance(data, row * dimensions, mean, 0, dimensions)]),
  );
  return own.sort((a, b) => distances.get(a)! - distances.get(b)! || a - b);
}

/** The mean of some rows. */
export function meanRowOf({ columns, data }: Features, rows: readonly number[]): Float64Array {
  const mean = new Float64Array(columns);
  for (const row of rows) for (let j = 0; j < columns; j++) mean[j] += data[row * columns + j] / rows.length;
  return mean;
}
