import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifierOf } from '../../src/classifier/index.ts';
import { fillNormal, nameHash } from '../../src/common/random.ts';
import { signFlipExact } from '../../src/evaluation/statistics/signflip.ts';
import {
  type AnalysisOptions,
  analyse,
  comparisons,
  estimates,
  findings,
  limitsOf,
  measures,
  metrics,
  openProbe,
  parseFaithfulness,
  questionsPerPhoto,
  randomised,
  squares,
  weightedLayers,
} from '../../src/faithfulness/index.ts';
import { nodeRuntime } from '../../src/node.node.ts';
import { noise, tinyInception } from '../nets.ts';
import * as literal from '../reference/faithfulness.ts';
import { linearModel } from './net.ts';

const shape = [2, 6, 8] as const;
const pixels = 48;
const weights = noise([3, 96], 11);
const options: AnalysisOptions = {
  metrics: ['pixel-flipping', 'deletion', 'insertion', 'subsets', 'complexity', 'road'],
  steps: 4,
  until: 1,
  replacement: 'zero',
  samples: 6,
  seed: 1,
};
const counter = { check: () => {}, add: () => {} };

/** Score and map of a linear network's class: what each pixel adds to it, which is what its relevance is. */
function linear(photo: Float32Array, target: number) {
  const row = weights.data.subarray(96 * target, 96 * (target + 1));
  const score = (x: ArrayLike<number>) => row.reduce((sum, weight, i) => sum + weight * x[i], 0);
  const data = new Float32Array(pixels);
  photo.forEach((value, i) => {
    data[i % pixels] += row[i] * value;
  });
  return { score, map: { height: 6, width: 8, data } };
}

const open = (batch: number) =>
  openProbe(classifierOf(linearModel(weights, shape)), nodeRuntime, {
    measured: 'score',
    batch,
    parallel: 1,
    session: { threads: 1 },
  });

describe('an analysis', () => {
  it('asks what the literal curves ask, photos and methods in the same runs', async () => {
    const photos = [21, 22, 23].map((s, index) => ({
      data: noise(shape, s).data,
      channels: 2,
      height: 6,
      width: 8,
      index,
    }));
    const regions = squares(6, 8, 2);
    const analyses = photos.map((photo, i) => {
      const other = { height: 6, width: 8, data: noise([pixels], 40 + i).data };
      const maps = [
        { method: 'own', map: linear(photo.data, i).map },
        { method: 'other', map: other },
      ];
      return {
        photo,
        maps,
        made: analyse({ photo, target: { classes: [i], against: [] }, maps }, regions, options),
      };
    });
    // A batch that no photo's questions fill.
    const probe = await open(7);
    let asked = 0;
    function* questions() {
      for (const { made } of analyses) yield* made.questions;
    }
    await probe.ask(questions(), { check: () => {}, add: (more) => (asked += more) });
    await probe.release();
    expect(asked).toBe(3 * questionsPerPhoto(options, 2));
    analyses.forEach(({ photo, maps, made }, i) => {
      const { score } = linear(photo.data, i);
      const { values, curves } = made.result();
      for (const { method, map } of maps) {
        const order = literal.removalOrder(map.data, 6, 8, 2);
        const curve = (list: readonly number[]) =>
          [0, 3, 6, 9, 12].map((gone) =>
            score(literal.without(photo.data, new Float32Array(96), shape, 2, list.slice(0, gone))),
          );
        const [morf, lerf] = [curve(order), curve([...order].reverse())];
        for (let k = 0; k <= 4; k++) {
          expect(curves['pixel-flipping morf'][method][k]).toBeCloseTo(morf[k], 4);
          expect(curves['pixel-flipping lerf'][method][k]).toBeCloseTo(lerf[k], 4);
          expect(curves['deletion morf'][method][k]).toBeCloseTo(morf[k], 4);
        }
        expect(values['aopc-morf'][method]).toBeCloseTo(literal.aopc(morf), 4);
        expect(values.abpc[method]).toBeCloseTo(literal.aopc(morf) - literal.aopc(lerf), 4);
      }
      // What a linear network's relevance says of subsets is what happens, and nothing orders its regions better.
      expect(values.correlation.own).toBeCloseTo(1, 4);
      expect(values['sensitivity-n'].own).toBeCloseTo(1, 4);
      expect(values.infidelity.own).toBeCloseTo(0, 4);
      expect(values.abpc.own).toBeGreaterThan(values.abpc.other);
      expect(values.infidelity.other).toBeGreaterThan(0.1);
    });
  });

  it('comes to the same in runs of any size, and does not look at the photos of others', async () => {
    const photo = { data: noise(shape, 5).data, channels: 2, height: 6, width: 8, index: 4 };
    const of = async (batch: number) => {
      const maps = [{ method: 'own', map: linear(photo.data, 1).map }];
      const made = analyse(
        { photo, target: { classes: [1], against: [0] }, maps },
        squares(6, 8, 3),
        options,
      );
      const probe = await open(batch);
      await probe.ask(made.questions, counter);
      await probe.release();
      return made.result();
    };
    const [one, many] = [await of(1), await of(64)];
    for (const [name, by] of Object.entries(one.values)) expect(many.values[name].own).toBeCloseTo(by.own, 4);
  });

  it('ends when it is aborted, and says whose answers are no numbers', async () => {
    const photo = { data: noise(shape, 5).data, channels: 2, height: 6, width: 8, index: 0 };
    const maps = [{ method: 'own', map: linear(photo.data, 1).map }];
    const made = (target: number) =>
      analyse({ photo, target: { classes: [target], against: [] }, maps }, squares(6, 8, 3), options)
        .questions;
    const probe = await open(4);
    const stop = () => {
      throw new Error('enough');
    };
    await expect(probe.ask(made(0), { check: stop, add: () => {} })).rejects.toThrow('enough');
    await expect(probe.ask(made(9), counter)).rejects.toThrow("'fc' of a changed photo is NaN");
    await probe.release();
  });
});

describe('randomisation', () => {
  const model = { graph: tinyInception(), info: { heads: [], provenance: {} } };

  it('begins at the scores and ends at the picture', () => {
    const layers = weightedLayers(model.graph).map(({ name }) => name);
    expect(layers[0]).toBe('fc');
    expect(layers.at(-1)).toBe('conv1');
    const made = [...randomised(model, 3, 1)];
    expect(made.map(({ kind }) => kind)).toEqual(
      Array.from({ length: 6 }, (_, i) => (i % 2 ? 'independent' : 'cascading')),
    );
    const differs = (i: number) =>
      weightedLayers(model.graph)
        .filter(
          ({ constants: [name] }) =>
            made[i].model.graph.constants.get(name) !== model.graph.constants.get(name),
        )
        .map(({ name }) => name);
    expect(differs(4)).toEqual(layers);
    expect(made[4].share).toBe(1);
    expect(differs(5)).toEqual(['conv1']);
    expect(differs(1)).toEqual([made[1].layer]);
  });

  it('goes down the layers by as many steps as are asked for, the lowest among them', () => {
    const layers = weightedLayers(model.graph).map(({ name }) => name);
    const constantsOf = new Map(weightedLayers(model.graph).map(({ name, constants }) => [name, constants]));
    for (const stops of [1, 2, 4, layers.length, 99]) {
      const made = [...randomised(model, stops, 5)];
      const steps = Math.min(stops, layers.length);
      expect(made).toHaveLength(2 * steps);
      for (const [i, { model: changed, kind, layer, share }] of made.entries()) {
        const until = Math.round(((Math.floor(i / 2) + 1) / steps) * layers.length);
        const expected = kind === 'cascading' ? layers.slice(0, until) : [layers[until - 1]];
        expect([kind, layer]).toEqual([i % 2 ? 'independent' : 'cascading', layers[until - 1]]);
        expect(share).toBeCloseTo(expected.length / layers.length, 12);
        const anew = new Set(expected.flatMap((name) => constantsOf.get(name)!));
        for (const [name, tensor] of model.graph.constants)
          expect(changed.graph.constants.get(name) !== tensor, name).toBe(anew.has(name));
      }
    }
  });

  it('draws normal numbers of the mean and spread that each tensor has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const whole = [...randomised(model, 1, seed)][0].model.graph.constants;
        for (const name of weightedLayers(model.graph).flatMap(({ constants }) => constants)) {
          const before = model.graph.constants.get(name)!.data as Float32Array;
          const normal = new Float32Array(before.length);
          fillNormal(normal, seed, nameHash(`weights ${name}`));
          const [mean, deviation] = literal.moments(before);
          for (const [i, value] of (whole.get(name)!.data as Float32Array).entries())
            expect(value).toBeCloseTo(mean + deviation * normal[i], 5);
        }
      }),
      { numRuns: 5 },
    );
  });
});

describe('ranking', () => {
  const [abpc] = measures;
  const ranking = { resamples: 200, seed: 1 };

  it('holds methods against each other on the photos that both have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 30 }), fc.integer({ min: 1, max: 999 }), (n, s) => {
        const base = Array.from(noise([n], s).data);
        const columns = new Map([
          ['good', base.map((value) => value + 1)],
          ['bad', base.map((value, i) => (i === 0 ? undefined : value))],
          ['random', base.map((value) => value)],
        ]);
        const found = comparisons(abpc, columns, (name) => name === 'random', ranking);
        expect(found.map(({ first, second, n: count }) => [first, second, count])).toEqual([
          ['good', 'bad', n - 1],
          ['good', 'random', n],
          ['bad', 'random', n - 1],
        ]);
        expect(found[0].difference).toBeCloseTo(1, 6);
        expect(found[0].low).toBeCloseTo(1, 6);
        expect(found[0].adjusted).toBeLessThan(0.05);
        expect(found[2].p).toBe(1);
        for (const each of estimates(abpc, columns, ranking)) {
          expect(each.low).toBeLessThanOrEqual(each.mean);
          expect(each.high).toBeGreaterThanOrEqual(each.mean);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('tests differences as all choices of their signs would, and adjusts within a measure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 8 }), fc.integer({ min: 1, max: 1e6 }), (n, s) => {
        const columns = new Map(
          ['a', 'b', 'random', 'sobel'].map((name, i) => [name, Array.from(noise([n], s + 7 * i).data)]),
        );
        const found = comparisons(abpc, columns, (name) => name === 'random' || name === 'sobel', ranking);
        // Every pair but that of the two baselines.
        expect(found).toHaveLength(5);
        for (const { first, second, p, difference, family } of found) {
          const differences = columns.get(first)!.map((value, i) => value - columns.get(second)![i]);
          const observed = differences.reduce((sum, value) => sum + value, 0);
          let asFar = 0;
          for (let signs = 0; signs < 2 ** n; signs++) {
            const sum = differences.reduce(
              (total, value, i) => total + ((signs >> i) & 1 ? value : -value),
              0,
            );
            if (Math.abs(sum) >= Math.abs(observed) - 1e-12) asFar++;
          }
          const exact = asFar / 2 ** n;
          expect(Math.abs(p - exact)).toBeLessThan(5 * Math.sqrt((exact * (1 - exact)) / 9999) + 1e-3);
          expect(difference).toBeCloseTo(observed / n, 9);
          expect(family).toBe(5);
        }
        // Holm 1979: the i-th least p-value times how many are left, and no smaller than the one before.
        const sorted = [...found].sort((a, b) => a.p - b.p);
        let least = 0;
        for (const [i, each] of sorted.entries()) {
          least = Math.max(least, Math.min(1, each.p * (sorted.length - i)));
          expect(each.adjusted).toBeCloseTo(least, 12);
        }
      }),
      { numRuns: 5 },
    );
  });

  it('says of photos that are too few for any p-value below 0.05', () => {
    for (let photos = 1; photos <= 40; photos++) {
      const said = limitsOf({ measures: [], photos }).join(' ');
      const least = signFlipExact(Array(photos).fill(1));
      expect(/show no difference|One photo/.test(said), `${photos}`).toBe(least >= 0.05);
      expect(/tell large differences/.test(said), `${photos}`).toBe(least < 0.05 && photos < 30);
    }
    expect(limitsOf({ measures: [], photos: 3 }).at(-1)).toMatch(
      /^3 photos show no difference.* p = 0\.25\.$/,
    );
  });

  it('says what is shown and what is not', () => {
    const base = Array.from(noise([40], 3).data);
    const columns = new Map([
      ['good', base.map((value) => value + 1)],
      ['bad', base],
      ['random', base.map((value, i) => value + (i % 2 ? 1e-3 : -1e-3))],
    ]);
    const said = findings({
      methods: [
        { name: 'good', kind: 'method' },
        { name: 'bad', kind: 'method' },
        { name: 'random', kind: 'baseline' },
      ],
      measures: [abpc],
      estimates: [
        ...estimates(abpc, columns, ranking),
        { measure: 'randomisation', method: 'good', n: 9, mean: 0.01, low: -0.1, high: 0.12 },
        { measure: 'randomisation', method: 'bad', n: 9, mean: 0.9 },
        { measure: 'randomisation', method: 'worse', n: 9, mean: 0.91 },
        { measure: 'random-logit', method: 'good', n: 1, mean: -0.8 },
        // Neither is shown to be alike or to change.
        { measure: 'smooth-randomisation', method: 'good', n: 9, mean: 0.17, low: 0.1, high: 0.24 },
        { measure: 'smooth-randomisation', method: 'bad', n: 9, mean: 0.6, low: 0.4, high: 0.8 },
        { measure: 'random-logit', method: 'bad', n: 1, mean: 0.3 },
        { measure: 'random-logit', method: 'none', n: 0, mean: Number.NaN },
      ],
      comparisons: comparisons(abpc, columns, (name) => name === 'random', ranking),
    });
    expect(said[0]).toMatch(
      /^By area between curves, good .* has the best mean over 40 photos: better than bad/,
    );
    expect(said[1]).toMatch(/bad is not shown to be better than random .*which knows nothing/);
    // Whoever reads one sentence alone knows for how many tests its p-values were corrected.
    for (const sentence of said.slice(0, 2))
      expect(sentence).toMatch(
        /; by sign-flip tests of photos' differences, adjusted for 3 comparisons by this measure\.$/,
      );
    expect(said.slice(2)).toEqual([
      'With all weights drawn anew, maps of bad (0.90) and worse (0.91), by rank correlation over 9 photos, stay alike: they show the photo and the architecture more than what the network has learned.',
      'With all weights drawn anew, maps of good (0.010, −0.10 to 0.12), by rank correlation over 9 photos with 95 % intervals, change: they depend on what the network has learned.',
      'With all weights drawn anew and noise in maps averaged away, maps of good (0.17, 0.10 to 0.24) and bad (0.60, 0.40 to 0.80), by rank correlation over 9 photos with 95 % intervals, stay somewhat alike: part of what they show may be there whatever the network has learned.',
      'For another class, drawn at random, maps of bad (0.30), by rank correlation over 1 photo, stay somewhat alike: part of what they show may be there whichever class is asked about.',
      'For another class, drawn at random, maps of good (−0.80), by rank correlation over 1 photo, change: they depend on the class.',
    ]);
  });

  it('every metric has its measures, and only its own file is read', () => {
    for (const metric of metrics) expect(measures.some((each) => each.metric === metric)).toBe(true);
    expect(() => parseFaithfulness('{', 'a')).toThrow('a: it is no JSON');
    expect(() => parseFaithfulness('{"format":"limn grid 1"}', 'a')).toThrow('not a report on faithfulness');
    expect(() => parseFaithfulness('{"format":"limn faithfulness 9"}', 'a')).toThrow('another version');
  });
});
