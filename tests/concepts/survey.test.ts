import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addMoments,
  addPhoto,
  byMean,
  keepBest,
  meanOfChannel,
  noMoments,
  noSurvey,
  parseConcepts,
  parseSurvey,
  type Ranked,
  sharesOf,
  surveyText,
} from '../../src/concepts/index.ts';
import { t95 } from '../../src/evaluation/statistics/student.ts';
import { noise } from '../nets.ts';

describe('the best photos of a channel', () => {
  it('are those that sorting all of them would find, in whichever order they come', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ photo: fc.nat(200), value: fc.integer({ min: -2, max: 9 }) }), {
          selector: ({ photo }) => photo,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer(),
        (items, most, seed) => {
          const sorted = items
            .filter(({ value }) => value > 0)
            .sort((a, b) => b.value - a.value || a.photo - b.photo)
            .slice(0, most);
          const order = noise([items.length], seed).data;
          const best: Ranked[] = [];
          for (const i of [...items.keys()].sort((a, b) => order[a] - order[b]))
            keepBest(best, items[i], most);
          expect(best).toEqual(sorted);
        },
      ),
    );
  });
});

describe('means over photos', () => {
  it('have the interval of Student’s t, which one photo has not', () => {
    const values = [0.1, 0.4, 0.2, 0.9];
    const moments = noMoments(2);
    for (const value of values) addMoments(moments, [value, -value]);
    const mean = values.reduce((a, b) => a + b) / 4;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 3);
    const found = meanOfChannel(moments, 0);
    expect(found.n).toBe(4);
    expect(found.mean).toBeCloseTo(mean, 12);
    // t of 3 degrees of freedom is 3.182.
    expect(found.high).toBeCloseTo(mean + (3.182 * deviation) / 2, 2);
    expect(found.low).toBeCloseTo(mean - (3.182 * deviation) / 2, 2);
    expect(byMean(moments)).toEqual([0, 1]);
    const one = noMoments(1);
    addMoments(one, [3]);
    expect(meanOfChannel(one, 0)).toEqual({ n: 1, mean: 3 });
  });

  it('take quantiles that tables have', () => {
    const table = {
      1: 12.706,
      2: 4.303,
      3: 3.182,
      4: 2.776,
      5: 2.571,
      10: 2.228,
      30: 2.042,
      120: 1.98,
      1e6: 1.96,
    };
    for (const [freedom, t] of Object.entries(table)) expect(t95(Number(freedom)) / t).toBeCloseTo(1, 2.5);
  });
});

describe('a survey', () => {
  const layer = { name: 'conv', shape: ['N', 3, 2, 4], channels: 3, grid: [2, 4] } as const;
  const photos = Array.from({ length: 7 }, (_, photo) => {
    const { shares, sum } = sharesOf(noise([3], 7919 * photo + 12345678).data);
    const activations = noise([3], 104729 * photo + 3).data;
    return {
      reading: { shares, sum, relevancePeaks: [7, 0, 5], activations, activationPeaks: [1, 2, 3] },
      about: { photo, target: { classes: [photo % 2], against: [] }, named: `class ${photo % 2}`, score: 2 },
    };
  });
  const surveyed = (some: typeof photos, survey = noSurvey(layer)) => {
    for (const { reading, about } of some) addPhoto(survey, reading, about, 2);
    return survey;
  };

  it('adds up classes and all, keeps the best and where they are', () => {
    const found = surveyed(photos);
    expect(found.all.shares.n).toBe(7);
    expect([...found.classes].map(([name, { shares }]) => [name, shares.n])).toEqual([
      ['class 0', 4],
      ['class 1', 3],
    ]);
    const [first] = found.references.relevance[0];
    const values = photos.map(({ reading }) => reading.shares[0]);
    expect(first).toMatchObject({
      value: Math.max(...values),
      photo: values.indexOf(Math.max(...values)),
      at: [1, 3],
    });
    expect(sharesOf([1, -3])).toEqual({ shares: Float64Array.of(0.25, -0.75), sum: -2 });
    expect(sharesOf([0, 0]).shares).toEqual(Float64Array.of(0, 0));
  });

  it('goes on from its file to the same numbers, bit by bit', () => {
    const identity = { model: 'a', data: 'b' };
    const half = { identity, next: 4, unread: [], rules: 'ε', layers: [surveyed(photos.slice(0, 4))] };
    const read = parseSurvey(surveyText(half), 'references.json');
    surveyed(photos.slice(4), read.layers[0]);
    const whole = { ...half, layers: [surveyed(photos)] };
    expect(surveyText({ ...read })).toBe(surveyText(whole));
    expect(() => parseSurvey('{}', 'x.json')).toThrow('x.json: it is not a survey of concepts');
    expect(() => parseSurvey('{"format": "limn concept survey 9"}', 'x.json')).toThrow('of another version');
    expect(() => parseConcepts('{"format": "limn concepts 9"}', 'x.json')).toThrow('of another version');
    expect(() => parseConcepts('[', 'x.json')).toThrow('it is no JSON');
  });
});
