import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  adjustedRand,
  bySize,
  cellsOf,
  components,
  dbscan,
  eigengap,
  featureShape,
  featuresOf,
  kmeans,
  largestEigenpairs,
  leading,
  nearestNeighbours,
  neighbourAffinity,
  normaliseRows,
  principalComponents,
  type SparseMatrix,
  separability,
  spectralEmbedding,
  umapEmbedding,
  ward,
} from '../../src/clusters/index.ts';
import { float32 } from '../../src/graph/index.ts';
import { nodeRuntime } from '../../src/node.node.ts';
import { noise } from '../nets.ts';
import * as literal from '../reference/clusters.ts';
import { blobs, embeddingOf, rowsOf } from './support.ts';

const seeds = fc.integer({ min: 1, max: 2 ** 31 });
const session = { threads: 1 };

describe('features', () => {
  test('cells hold the mean of the area that they cover, and the whole sum is kept', () => {
    fc.assert(
      fc.property(
        fc.tuple(
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 9 }),
          fc.integer({ min: 1, max: 9 }),
        ),
        fc.integer({ min: 1, max: 9 }),
        seeds,
        (shape, side, seed) => {
          const relevance = noise(shape, seed);
          const [channels, height, width] = shape;
          const [down, across] = cellsOf(height, width, side);
          const found = featuresOf(relevance, { kind: 'all', side }, 'x');
          expect(found.length).toBe(channels * down * across);
          const shared = (cell: number, each: number, pixel: number) =>
            Math.max(0, Math.min((cell + 1) * each, pixel + 1) - Math.max(cell * each, pixel));
          for (let c = 0; c < channels; c++)
            for (let r = 0; r < down; r++)
              for (let k = 0; k < across; k++) {
                let sum = 0;
                for (let y = 0; y < height; y++)
                  for (let x = 0; x < width; x++)
                    sum +=
                      shared(r, height / down, y) *
                      shared(k, width / across, x) *
                      relevance.data[(c * height + y) * width + x];
                const area = (height / down) * (width / across);
                expect(found[(c * down + r) * across + k]).toBeCloseTo(sum / area, 5);
              }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('sums channels to a map, or places to channels', () => {
    const relevance = float32([1, 2, 2, 2], [1, 2, 3, 4, 10, 20, 30, -40]);
    expect([...featuresOf(relevance, { kind: 'map', side: 2 }, 'x')]).toEqual([11, 22, 33, -36]);
    expect([...featuresOf(relevance, { kind: 'map', side: 1 }, 'x')]).toEqual([7.5]);
    expect([...featuresOf(relevance, { kind: 'channels', side: 1 }, 'x')]).toEqual([10, 20]);
    expect(featureShape([2, 8, 4], { kind: 'all', side: 4 })).toEqual([2, 4, 2]);
    const bad = float32([1, 1, 2], [1, Number.NaN]);
    expect(() => featuresOf(bad, { kind: 'map', side: 2 }, 'photo.npy')).toThrow(
      'photo.npy: element 1 is NaN; leave this map out',
    );
  });

  it('gives rows one length, and leaves zeros', () => {
    const rows = (norm: 'l2' | 'l1' | 'max' | 'none', signed: boolean) => [
      ...normaliseRows({ rows: 2, columns: 2, data: Float32Array.of(3, -4, 0, 0) }, { norm, signed }).data,
    ];
    expect(rows('l2', true)).toEqual([...Float32Array.of(0.6, -0.8, 0, 0)]);
    expect(rows('l1', false)).toEqual([...Float32Array.of(3 / 7, 4 / 7, 0, 0)]);
    expect(rows('max', true)).toEqual([0.75, -1, 0, 0]);
    expect(rows('none', false)).toEqual([3, 4, 0, 0]);
  });
});

describe('neighbours', () => {
  it('are those of the literal search, over all blocks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        seeds,
        async (rows, columns, seed) => {
          const features = { rows, columns, data: noise([rows, columns], seed).data };
          const count = Math.min(5, rows - 1);
          const found = await nearestNeighbours(features, count, nodeRuntime, { session });
          expect(rowsOf({ rows, data: found.indices })).toEqual(literal.nearest(rowsOf(features), count));
        },
      ),
      { numRuns: 15 },
    );
    // More queries and rows than one run has.
    const large = { rows: 1100, columns: 2, data: new Float32Array(2200) };
    for (let i = 0; i < large.rows; i++) large.data[i * large.columns] = (i * 7) % 1100;
    const { indices } = await nearestNeighbours(large, 2, nodeRuntime, { session, block: 300 });
    for (const i of [0, 511, 512, 1099]) {
      const value = (i * 7) % 1100;
      const near = [indices[2 * i], indices[2 * i + 1]].map((j) => Math.abs(((j * 7) % 1100) - value));
      expect(near).toEqual(value === 0 || value === 1099 ? [1, 2] : [1, 1]);
    }
  });

  it('takes the first of those that are equally far, copies among them', async () => {
    const data = Float32Array.of(1, 1, 1, 1, 5);
    const { indices, distances } = await nearestNeighbours({ rows: 5, columns: 1, data }, 2, nodeRuntime, {
      session,
    });
    expect([...indices]).toEqual([1, 2, 0, 2, 0, 1, 0, 1, 0, 1]);
    expect([...distances]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 4, 4]);
  });

  it('are refused where there are not so many, and stop when told to', async () => {
    const features = { rows: 3, columns: 1, data: new Float32Array(3) };
    await expect(nearestNeighbours(features, 3, nodeRuntime)).rejects.toThrow('neighbours: 3 of 3 rows');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(nearestNeighbours(features, 1, nodeRuntime, { signal })).rejects.toThrow('enough');
  });
});

describe('the largest eigenvalues', () => {
  const operatorOf = (matrix: readonly (readonly number[])[]) => ({
    size: matrix.length,
    apply: (x: Float64Array, out: Float64Array) => out.set(literal.times(matrix, [...x])),
  });

  it("are Jacobi's, with vectors that they belong to, whole or by a space that grows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), seeds, (n, seed) => {
        const { data } = noise([n, n], seed);
        const matrix = rowsOf({ rows: n, data }).map((row, i) =>
          row.map((value, j) => value + data[j * n + i]),
        );
        const count = Math.min(n, 4);
        const { values, vectors } = largestEigenpairs(operatorOf(matrix), count);
        literal
          .eigenvalues(matrix)
          .slice(0, count)
          .forEach((value, i) => {
            expect(values[i]).toBeCloseTo(value, 8);
          });
        vectors.forEach((vector, i) => {
          const image = literal.times(matrix, [...vector]);
          image.forEach((value, j) => {
            expect(value).toBeCloseTo(values[i] * vector[j], 7);
          });
        });
      }),
      { numRuns: 25 },
    );
  });

  it('are found with all their copies in large matrices, and close ones apart', () => {
    // A diagonal, turned by reflections: its eigenvalues are known.
    const size = 300;
    const known = [
      1,
      1,
      1,
      1 - 1e-5,
      0.999,
      0.99,
      ...Array.from({ length: size - 6 }, (_, i) => 0.98 - i / size),
    ];
    const mirror = Float64Array.from(noise([size], 5).data);
    const square = mirror.reduce((sum, value) => sum + value * value, 0);
    const reflect = (x: Float64Array) => {
      const along = (2 * x.reduce((sum, value, i) => sum + value * mirror[i], 0)) / square;
      return x.map((value, i) => value - along * mirror[i]);
    };
    const operator = {
      size,
      apply: (x: Float64Array, out: Float64Array) =>
        out.set(reflect(reflect(x).map((value, i) => value * known[i]))),
    };
    const { values, vectors } = largestEigenpairs(operator, 6);
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(known[i], 9);
    });
    for (const [i, a] of vectors.entries())
      for (const [j, b] of vectors.entries()) {
        const dot = a.reduce((sum, value, k) => sum + value * b[k], 0);
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 8);
      }
  });
});

const denseOf = ({ size, starts, columns, values }: SparseMatrix): number[][] =>
  Array.from({ length: size }, (_, i) => {
    const row = new Array<number>(size).fill(0);
    for (let at = starts[i]; at < starts[i + 1]; at++) row[columns[at]] = values[at];
    return row;
  });

describe('the spectral embedding', () => {
  it('solves the literal eigenproblem of the random walk', async () => {
    for (const [counts, seed] of [
      [[12, 9, 9], 3],
      [[90, 80, 70], 4],
    ] as const) {
      const { features } = blobs(counts, 4, 2, seed);
      const near = await nearestNeighbours(features, 6, nodeRuntime, { session });
      const w = literal.affinity(literal.nearest(rowsOf(features), 6));
      const sparse = neighbourAffinity(near, 'equal');
      expect(denseOf(sparse)).toEqual(w);
      const laplacian = literal.randomWalkLaplacian(w);
      const { eigenvalues, data, dimensions } = spectralEmbedding(sparse, 5);
      expect(eigenvalues[0]).toBeCloseTo(0, 8);
      eigenvalues.forEach((value, k) => {
        const vector = w.map((_, i) => data[i * dimensions + k]);
        for (const [i, image] of literal.times(laplacian, vector).entries())
          expect(image).toBeCloseTo(value * vector[i], 6);
      });
      // As many zeros as there are parts.
      const parts = new Set(components(sparse)).size;
      expect(eigenvalues.filter((value) => value < 1e-7).length).toBe(Math.min(5, parts));
    }
  });

  it('finds blobs by the eigengap', async () => {
    for (const counts of [
      [60, 40],
      [50, 30, 20],
      [300, 12],
    ]) {
      const { features, truth } = blobs(counts, 12, 4, 7);
      const near = await nearestNeighbours(features, 8, nodeRuntime, { session });
      const spectral = spectralEmbedding(neighbourAffinity(near), 9);
      const { clusters, single } = eigengap(spectral.eigenvalues);
      expect({ clusters, single }).toEqual({ clusters: counts.length, single: false });
      const view = leading(spectral, clusters);
      for (const labels of [kmeans(view, clusters), ward(view, clusters)])
        expect(adjustedRand([...labels], truth)).toBe(1);
    }
  });

  it('has its gap where a random walk of some length keeps clusters apart best', () => {
    const eigenvalues = fc
      .array(fc.double({ min: 1e-4, max: 0.95, noNaN: true }), { minLength: 3, maxLength: 8 })
      .map((values) => [0, ...values].sort((a, b) => a - b));
    fc.assert(
      fc.property(eigenvalues, (values) => {
        const { clusters, gap, single } = eigengap(values);
        const most = literal.walkGaps(values);
        expect(gap).toBeCloseTo(Math.max(...most.slice(1)), 4);
        expect(most[clusters - 1]).toBeCloseTo(gap, 4);
        expect(single).toBe(values[1] - values[0] >= values[clusters] - values[clusters - 1]);
      }),
      { numRuns: 30 },
    );
    // Two clusters that are far apart, of which one has three groups: the largest step is after four eigenvalues.
    expect(eigengap([0, 0.002, 0.1, 0.12, 0.4, 0.41]).clusters).toBe(2);
    // Parts that nothing joins, and more of them than eigenvalues.
    expect(eigengap([0, 0, 0, 0.3, 0.5])).toMatchObject({ clusters: 3, single: false });
    expect(eigengap([0, 0, 0, 0, 0]).clusters).toBe(4);
    expect(eigengap([0, 0.5, 0.6, 0.61])).toMatchObject({ clusters: 2, single: true });
  });

  it('knows the parts of a graph, the largest first, and finds what is within them', async () => {
    // Far apart, as no neighbour is of another blob.
    const { features } = blobs([60, 130, 90], 3, 400, 5);
    const near = await nearestNeighbours(features, 6, nodeRuntime, { session });
    const affinity = neighbourAffinity(near);
    const parts = components(affinity);
    expect(adjustedRand([...parts], blobs([60, 130, 90], 3, 400, 5).truth)).toBe(1);
    const { eigenvalues, data, dimensions } = spectralEmbedding(affinity, 6);
    expect(eigenvalues.slice(0, 3)).toEqual([0, 0, 0]);
    expect(eigenvalues[3]).toBeGreaterThan(1e-3);
    parts.forEach((part, row) => {
      for (let k = 0; k < 3; k++) {
        const value = data[row * dimensions + k];
        if (k === part) expect(value).toBeGreaterThan(0);
        else expect(value).toBe(0);
      }
    });
    expect(parts.filter((part) => part === 0).length).toBe(130);
    const laplacian = literal.randomWalkLaplacian(denseOf(affinity));
    eigenvalues.forEach((value, k) => {
      const vector = Array.from({ length: 280 }, (_, i) => data[i * dimensions + k]);
      literal.times(laplacian, vector).forEach((image, i) => {
        expect(image).toBeCloseTo(value * vector[i], 5);
      });
    });
  });
});

describe('clusters', () => {
  const embeddings = fc
    .tuple(fc.integer({ min: 2, max: 24 }), fc.integer({ min: 1, max: 3 }), seeds)
    .map(([rows, columns, seed]) => embeddingOf({ rows, columns, data: noise([rows, columns], seed).data }));

  test('of k-means are at rest, and no worse than any one start', () => {
    fc.assert(
      fc.property(embeddings, fc.integer({ min: 1, max: 4 }), (embedding, clusters) => {
        const rows = rowsOf(embedding);
        const labels = kmeans(embedding, clusters);
        const inertia = literal.inertia(rows, labels);
        expect(inertia).toBeLessThanOrEqual(
          literal.inertia(rows, kmeans(embedding, clusters, { starts: 1 })) + 1e-9,
        );
        // No row is nearer to another cluster's mean.
        const means = [...new Set(labels)].map((label) => {
          const own = rows.filter((_, i) => labels[i] === label);
          return {
            label,
            mean: own[0].map((_, j) => own.reduce((sum, row) => sum + row[j], 0) / own.length),
          };
        });
        rows.forEach((row, i) => {
          const own = literal.squared(row, means.find(({ label }) => label === labels[i])!.mean);
          for (const { mean } of means) expect(own).toBeLessThanOrEqual(literal.squared(row, mean) + 1e-9);
        });
      }),
      { numRuns: 40 },
    );
  });

  test("of Ward's criterion are the greedy algorithm's", () => {
    fc.assert(
      fc.property(embeddings, fc.integer({ min: 1, max: 5 }), (embedding, clusters) => {
        const found = [...ward(embedding, clusters)];
        expect(found).toEqual([...bySize(literal.ward(rowsOf(embedding), clusters))]);
      }),
      { numRuns: 40 },
    );
  });

  test('of DBSCAN are what dense rows reach', () => {
    fc.assert(
      fc.property(embeddings, fc.double({ min: 0.1, max: 1, noNaN: true }), (embedding, radius) => {
        const least = 3;
        const labels = dbscan(embedding, { radius, least });
        const { dense, reached, noise: alone } = literal.dbscan(rowsOf(embedding), radius, least);
        expect([...labels].map((label) => label === -1)).toEqual(alone);
        for (let i = 0; i < embedding.rows; i++)
          for (let j = 0; j < embedding.rows; j++)
            if (dense[i] && dense[j]) expect(labels[i] === labels[j]).toBe(reached[i].has(j));
      }),
      { numRuns: 40 },
    );
  });

  it('are found by DBSCAN without a radius, and rows far away left out', () => {
    const { features, truth } = blobs([40, 30], 3, 12, 3);
    const data = Float32Array.of(...features.data, 900, 900, 900);
    const labels = [...dbscan(embeddingOf({ rows: 71, columns: 3, data }), { least: 4 })];
    expect(labels.at(-1)).toBe(-1);
    const [inside, groups] = [labels.slice(0, 70), new Set(labels)];
    expect(groups.size).toBeGreaterThan(2);
    expect(adjustedRand(inside, truth)).toBeGreaterThan(0.8);
  });

  it('are numbered by size', () => {
    expect([...bySize([4, 2, 2, -1, 7])]).toEqual([1, 0, 0, -1, 2]);
  });
});

test('the adjusted Rand index counts pairs', () => {
  const labels = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
    minLength: 2,
    maxLength: 30,
  });
  fc.assert(
    fc.property(labels, (pairs) => {
      const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
      const wanted = literal.adjustedRand(a, b);
      if (Number.isFinite(wanted)) expect(adjustedRand(a, b)).toBeCloseTo(wanted, 12);
      else expect(adjustedRand(a, b)).toBe(1);
    }),
  );
});

test('separability is that of the best direction', () => {
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 20 }), seeds, (rows, seed) => {
      const labels = Int32Array.from({ length: rows }, (_, i) => (i < 3 ? 1 : 0));
      const inside = [...labels].map((label) => label === 1);
      const found = (columns: number) => {
        const features = { rows, columns, data: noise([rows, columns], seed).data };
        const value = (direction: readonly number[]) =>
          literal.discriminant(rowsOf(features), inside, direction);
        return { value, most: separability(embeddingOf(features), labels, 1) };
      };
      expect(found(1).most).toBeCloseTo(found(1).value([1]), 9);
      const plane = found(2);
      const angles = Array.from({ length: 720 }, (_, i) => (i * Math.PI) / 720);
      const all = angles.map((angle) => plane.value([Math.cos(angle), Math.sin(angle)]));
      expect(Math.max(...all)).toBeLessThanOrEqual(plane.most + 1e-9);
      expect(Math.max(...all)).toBeGreaterThan(plane.most - 1e-3);
      const space = found(4);
      for (let i = 0; i < 50; i++)
        expect(space.value([...noise([4], seed + i).data])).toBeLessThanOrEqual(space.most + 1e-9);
    }),
    { numRuns: 8 },
  );
  expect(
    separability({ rows: 2, dimensions: 1, data: Float64Array.of(1, 2) }, Int32Array.of(0, 0), 0),
  ).toBeNaN();
});

describe('views', () => {
  it('along principal components keep what varies most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 12 }),
        fc.integer({ min: 2, max: 6 }),
        seeds,
        (rows, columns, seed) => {
          const features = { rows, columns, data: noise([rows, columns], seed).data };
          const { data, dimensions, explained } = principalComponents(features, 2);
          const centred = rowsOf(features).map((row, _, all) =>
            row.map((value, j) => value - all.reduce((sum, other) => sum + other[j], 0) / rows),
          );
          const covariance = centred[0].map((_, a) =>
            centred[0].map((__, b) => centred.reduce((sum, row) => sum + (row[a] * row[b]) / rows, 0)),
          );
          const values = literal.eigenvalues(covariance);
          const total = values.reduce((sum, value) => sum + value, 0);
          for (let k = 0; k < dimensions; k++) {
            let variance = 0;
            for (let i = 0; i < rows; i++) variance += data[i * dimensions + k] ** 2 / rows;
            expect(variance).toBeCloseTo(values[k], 6);
            expect(explained[k]).toBeCloseTo(values[k] / total, 6);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('by UMAP keep groups together, always the same', async () => {
    const { features, truth } = blobs([15, 15], 10, 6, 2);
    const near = await nearestNeighbours(features, 8, nodeRuntime, { session });
    const view = await umapEmbedding(near, 3);
    expect((await umapEmbedding(near, 3)).data).toEqual(view.data);
    expect(adjustedRand([...kmeans(view, 2)], truth)).toBe(1);
    await expect(umapEmbedding(near, 3, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
