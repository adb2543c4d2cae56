import { describe, expect, it } from 'vitest';
import {
  adjustedRand,
  dbscan,
  eigengap,
  kmeans,
  leading,
  nearestNeighbours,
  neighbourAffinity,
  principalComponents,
  separability,
  spectralEmbedding,
  ward,
} from '../../src/clusters/index.ts';
import { nodeRuntime } from '../../src/node.node.ts';
import { embeddingOf } from './support.ts';

/* What SciPy 1.17.1 and scikit-learn 1.9.1 make of the same twenty rows, drawn around three places. */

const rows = [
  [-0.65625, -0.1875, 1.65625],
  [0.65625, -1.65625, 0],
  [-0.625, 0.15625, -1.59375],
  [0.25, 0.25, 1.5625],
  [0.3125, 0.5, -1.5],
  [2.25, -1.90625, 1.09375],
  [-0.34375, -0.875, -0.65625],
  [1.65625, 0.6875, -0.0625],
  [5.46875, -0.84375, 0],
  [3.09375, 1.78125, -2.125],
  [3.65625, 1.21875, -1.46875],
  [5, 1.1875, 1],
  [4.96875, 0.03125, -0.8125],
  [2.5, 2.5, 1.5],
  [0.28125, 3.40625, 2.1875],
  [0.40625, 3.75, 2.875],
  [3.0625, 3.5, 2.71875],
  [1.46875, 3.0625, 2.625],
  [1, 4.78125, 1.6875],
  [2.375, 3.65625, 3.15625],
];
const drawn = Int32Array.from(rows, (_, i) => (i < 8 ? 0 : i < 14 ? 1 : 2));
const features = { rows: 20, columns: 3, data: Float32Array.from(rows.flat()) };

/** Holds a column of an embedding against another one, which may point the other way. */
function expectColumn(found: readonly number[], wanted: readonly number[], digits: number) {
  const sign = Math.sign(found.reduce((sum, value, i) => sum + value * wanted[i], 0));
  for (const [i, value] of found.entries()) expect(sign * value).toBeCloseTo(wanted[i], digits);
}

const column = ({ dimensions, data }: { dimensions: number; data: Float64Array }, j: number) =>
  Array.from({ length: 20 }, (_, i) => data[i * dimensions + j]);

describe('numbers of SciPy and scikit-learn', () => {
  const embedded = async () => {
    // kneighbors_graph(rows, 4), W = ½ (A + Aᵀ).
    const near = await nearestNeighbours(features, 4, nodeRuntime, { session: { threads: 1 } });
    return spectralEmbedding(neighbourAffinity(near, 'equal'), 7, { tolerance: 1e-12 });
  };

  it('are those of the eigenvalues and of the gap between them', async () => {
    const { eigenvalues } = await embedded();
    // numpy.linalg.eigh of scipy.sparse.csgraph.laplacian(W, normed=True).
    const wanted = [
      0, 0.03932726492759185, 0.18253256493804446, 0.6347444604940737, 0.6978719513800039, 0.7746936807189249,
      0.9161595132721375,
    ];
    for (const [i, value] of eigenvalues.entries()) expect(value).toBeCloseTo(wanted[i], 9);
    // scipy.optimize.minimize_scalar over the steps of the walk; after the third it is 0.53484, after others 0.15 at most.
    expect(eigengap(eigenvalues).clusters).toBe(2);
    expect(eigengap(eigenvalues).gap).toBeCloseTo(0.5362448025626203, 8);
    expect(eigengap(eigenvalues, 3).clusters).toBe(3);
    expect(eigengap(eigenvalues, 3).gap).toBeCloseTo(0.5348418590632571, 8);
  });

  it('are those of the spectral embedding, up to signs', async () => {
    const spectral = await embedded();
    // sklearn.manifold.spectral_embedding(W, drop_first=False).
    expectColumn(column(spectral, 0), new Array<number>(20).fill(0.1118034), 7);
    expectColumn(
      column(spectral, 1),
      [
        -0.09894629, -0.09886399, -0.09821693, -0.09658814, -0.09448612, -0.09332204, -0.10106843,
        -0.07615287, -0.06637421, -0.07642144, -0.06850305, -0.04395371, -0.06642543, 0.10702948, 0.15641972,
        0.16086288, 0.14327611, 0.15119555, 0.16046791, 0.15006314,
      ],
      7,
    );
    expectColumn(
      column(spectral, 2),
      [
        -0.12478801, -0.11370899, -0.11132519, -0.10983842, -0.07682217, -0.05912339, -0.12505092,
        -0.02857316, 0.20089181, 0.14121056, 0.17597088, 0.21121192, 0.22303187, 0.00882294, -0.02223312,
        -0.02528734, -0.0122465, -0.01824088, -0.02495296, -0.01725936,
      ],
      7,
    );
  });

  it('are those of clusters and of their agreement', async () => {
    const parts = [0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1];
    // KMeans(3) of the embedding, AgglomerativeClustering(3) and DBSCAN(1.75, min_samples=3) of the rows.
    const means = kmeans(leading(await embedded(), 3), 3);
    expect(adjustedRand([...means], parts)).toBe(1);
    expect(adjustedRand([...ward(embeddingOf(features), 3)], parts)).toBe(1);
    const dense = dbscan(embeddingOf(features), { radius: 1.75, least: 3 });
    const wanted = [-1, 0, 0, -1, 0, -1, 0, -1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1, 1];
    expect([...dense].map((label) => label < 0)).toEqual(wanted.map((label) => label < 0));
    expect(adjustedRand([...dense], wanted)).toBe(1);
    // adjusted_rand_score.
    expect(adjustedRand([...drawn], [...means])).toBeCloseTo(0.864162225399714, 12);
    expect(adjustedRand([...means], [...dense])).toBeCloseTo(0.5656039629112155, 12);
    expect(adjustedRand([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(-0.5, 12);
  });

  it.each([
    [0, 0.8727611080584301],
    [1, 0.7560257316134668],
    [2, 0.8171693678290917],
  ])('are those of the linear discriminant of cluster %i', (cluster, wanted) => {
    // The share of variance between along LinearDiscriminantAnalysis(solver='eigen').scalings_.
    expect(separability(embeddingOf(features), drawn, cluster)).toBeCloseTo(wanted, 9);
  });

  it('are those of the principal components, up to signs', () => {
    const view = principalComponents(features, 2);
    expect(view.explained[0]).toBeCloseTo(0.5141850813656367, 9);
    expect(view.explained[1]).toBeCloseTo(0.3527100342896019, 9);
    const wanted = [-0.15633159, -2.50855467, -1.84384273, -0.01186418];
    expectColumn(column(view, 0).slice(0, 4), wanted, 6);
    expectColumn(column(view, 1).slice(0, 4), [-2.73389309, -1.73404402, -2.62521716, -1.75855642], 6);
  });
});
