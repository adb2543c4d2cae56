import { expect, test } from 'vitest';
import {
  clusterFindings,
  clusterLimits,
  concentrationOf,
  groupExcesses,
  grown,
  type HeatmapPhoto,
  type HiddenAnswer,
  hiddenGroups,
  hidingFindings,
  movedByHalf,
  neighbourAffinity,
  overRepresented,
  parseClusters,
  strongestCells,
} from '../../src/clusters/index.ts';

const photo = (i: number, mark: string, right = true): HeatmapPhoto => ({
  name: `${i}.png`,
  class: 'cat',
  predicted: 'cat',
  truth: right ? 'cat' : 'dog',
  groups: { mark, name: `photo ${i}`, tag: mark === 'yes' ? '1' : '0' },
});

test('groups that a cluster has more of are told once, adjusted for all tests', () => {
  const photos = Array.from({ length: 40 }, (_, i) => photo(i, i < 20 ? 'yes' : 'no', i % 10 !== 0));
  const clusters = photos.map((_, i) => (i === 39 ? undefined : i < 19 ? 1 : 2));
  const all = groupExcesses([{ photos, clusters }]);
  // Names are no groups; the tag says what the mark says, the true class what the answer does.
  expect([...new Set(all.map(({ column }) => column))]).toEqual(['answer', 'mark']);
  expect(all).toHaveLength(8);
  const [marked] = overRepresented(all, { number: 1 });
  expect(marked).toMatchObject({
    column: 'mark',
    value: 'yes',
    inside: 19,
    insideOf: 19,
    outside: 1,
    outsideOf: 21,
  });
  // C(20,19)·C(20,0)/C(40,19), for this table and the one with all marks outside.
  expect(marked.p).toBeCloseTo(40 / 131_282_408_400, 13);
  expect(marked.adjusted).toBeGreaterThanOrEqual(marked.p * 5);
  expect(marked.family).toBe(8);
  const evidence = {
    classes: [
      {
        class: 'cat',
        photos: 40,
        neighbours: 10,
        parts: 1,
        eigenvalues: [0, 0.1, 0.6],
        gap: { clusters: 2, gap: 0.5, single: false },
        unclustered: 1,
      },
    ],
    small: [{ class: 'dog', photos: 3 }],
    clusters: [
      {
        number: 1,
        class: 'cat',
        photos: 19,
        share: 19 / 40,
        mean: [],
        nearest: [],
        farthest: [],
        concentration: { area: 0.03, place: 'bottom right' },
      },
      {
        number: 2,
        class: 'cat',
        photos: 20,
        share: 0.5,
        mean: [],
        nearest: [],
        farthest: [],
        concentration: { area: 0.3, place: 'middle' },
      },
    ],
    groups: all,
  };
  expect(clusterFindings(evidence)).toEqual([
    'cat: 40 photos in 2 clusters, where the eigenvalues have their largest gap (0.50); 1 photo in none.',
    'Cluster 1 (cat, 19 photos) looks at one place: half of its mean relevance for the class lies in 3.0 % of the picture, at the bottom right.',
    "Cluster 1 (cat, 19 photos) has more of mark yes (100.0 % of 19, against 4.8 % of 21; p < 0.001) than the rest of its class (Fisher's exact tests, adjusted for 8).",
    "Cluster 2 (cat, 20 photos) has more of mark no (95.0 % of 20, against 5.0 % of 20; p < 0.001) than the rest of its class (Fisher's exact tests, adjusted for 8).",
    'dog: 3 photos, too few to look for clusters among them.',
  ]);
  expect(clusterLimits(evidence)).toHaveLength(4);
});

test('a region is the strongest cells for the class, with those beside them; elsewhere is half a picture away', () => {
  const map = { width: 4, height: 4, data: new Float32Array(16) };
  map.data.set([-9, 1], 0);
  map.data.set([3, 4], 14);
  expect([...strongestCells(map, 0.5)].flatMap((cell, i) => (cell ? [i] : []))).toEqual([15]);
  expect([...strongestCells(map, 0.6)].flatMap((cell, i) => (cell ? [i] : []))).toEqual([14, 15]);
  const region = grown(strongestCells(map, 0.5), 4, 4);
  expect([...region].flatMap((cell, i) => (cell ? [i] : []))).toEqual([10, 11, 14, 15]);
  expect([...movedByHalf(region, 4, 4)].flatMap((cell, i) => (cell ? [i] : []))).toEqual([0, 1, 4, 5]);
  expect(concentrationOf(map)).toEqual({ area: 1 / 16, place: 'bottom right' });
  expect(concentrationOf({ width: 1, height: 1, data: Float32Array.of(-1) })).toEqual({
    area: 1,
    place: 'nowhere',
  });
});

test('what hiding changes is held against the same region elsewhere', () => {
  const answers = Array.from({ length: 30 }, (_, i): HiddenAnswer => {
    const marked = i < 15;
    return {
      photo: photo(i, marked ? 'yes' : 'no', !marked),
      cluster: marked ? 1 : 2,
      hidden: { predicted: marked ? 'dog' : 'cat', fall: marked ? 0.6 : 0 },
      elsewhere: { predicted: i === 20 ? 'dog' : 'cat', fall: 0.01 },
    };
  });
  const groups = hiddenGroups(answers, { resamples: 200, seed: 1 });
  // Chosen by their answer, photos would change it: by that there are no groups.
  expect(groups.map(({ column, value }) => `${column} ${value}`.trim())).toEqual([
    'all photos',
    'cluster 1',
    'cluster 2',
    'true class dog',
    'true class cat',
  ]);
  const [all, first, second] = groups;
  expect(all.changed).toMatchObject({ first: 1 / 30, second: 0.5, value: 14 / 30, family: 5 });
  expect(all.changed.p).toBeCloseTo((2 * (1 + 16)) / 2 ** 16, 12);
  expect(first.accuracy).toMatchObject({ first: 0, second: 1, value: 1 });
  expect(first.accuracy!.adjusted).toBeGreaterThanOrEqual(first.accuracy!.p);
  expect(first.fall.hidden).toEqual({
    mean: expect.closeTo(0.6, 12),
    low: expect.closeTo(0.6, 12),
    high: expect.closeTo(0.6, 12),
  });
  expect(second.changed).toMatchObject({ first: 1 / 15, second: 0, p: 1 });
  const [whole, cluster, ...rest] = hidingFindings(groups);
  expect(whole).toContain(
    'Of all 30 photos, 50.0 % are answered otherwise with the region hidden, 3.3 % with',
  );
  expect(cluster).toContain('Of cluster 1 (15 photos), 100.0 % are answered otherwise');
  expect(cluster).toContain('Accuracy rises from 0.0 % to 100.0 %');
  expect(rest).toHaveLength(1);
  const few = hiddenGroups(answers.slice(0, 4), { resamples: 200, seed: 1 });
  expect(hidingFindings(few)).toEqual([
    'Fewer than 5 photos say nothing of chance: what is said of each is in the table.',
  ]);
});

test('far neighbours of a dense group count less, by the distances of both', () => {
  // Rows 0–2 lie close to each other, row 3 far from them.
  const near = {
    rows: 4,
    count: 2,
    indices: Int32Array.of(1, 2, 0, 2, 1, 0, 2, 1),
    distances: Float64Array.of(1, 2, 1, 1, 1, 2, 8, 9),
  };
  const { starts, columns, values } = neighbourAffinity(near);
  const at = (i: number, j: number) => {
    const found = columns.subarray(starts[i], starts[i + 1]).indexOf(j);
    return found < 0 ? 0 : values[starts[i] + found];
  };
  expect(at(0, 1)).toBeCloseTo(Math.exp(-1 / (2 * 1)), 12);
  expect(at(3, 2)).toBeCloseTo(0.5 * Math.exp(-64 / (9 * 2)), 12);
  expect(at(2, 3)).toBe(at(3, 2));
  const equal = neighbourAffinity(near, 'equal');
  expect([...equal.values.subarray(equal.starts[3])]).toEqual([0.5, 0.5]);
});

test('the report has one reader, which knows its own', () => {
  const read = (text: string) => () => parseClusters(text, 'clusters.json');
  expect(read('{')).toThrow('clusters.json: it is no JSON');
  expect(read('[]')).toThrow('it is not a report on clusters');
  expect(read('{"format":"limn clusters 7"}')).toThrow("of another version, 'limn clusters 7'");
});
