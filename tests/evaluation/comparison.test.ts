import { describe, expect, it } from 'vitest';
import { compareResults } from '../../src/evaluation/comparison/index.ts';
import { cohensH, newcombe, pairedDifference } from '../../src/evaluation/statistics/effect.ts';
import { fisher } from '../../src/evaluation/statistics/fisher.ts';
import { mcnemar } from '../../src/evaluation/statistics/mcnemar.ts';
import { signFlipExact } from '../../src/evaluation/statistics/signflip.ts';
import { wilson } from '../../src/evaluation/statistics/wilson.ts';
import { type Given, result, times, uniform } from './results.ts';

const right: Given = { said: 0 };
const wrong: Given = { said: 2 };
const near: Given = { said: 1 };

/** The only target of a comparison. */
const only = (...args: Parameters<typeof compareResults>) => {
  const { targets } = compareResults(...args);
  expect(targets).toHaveLength(1);
  return targets[0];
};

describe('models on images of nobody known', () => {
  const a = result([...times(60, right), ...times(25, right), ...times(5, wrong), ...times(10, near)], {
    name: 'a',
    ordered: true,
  });
  const b = result([...times(60, right), ...times(25, wrong), ...times(5, right), ...times(10, wrong)], {
    name: 'b',
    ordered: true,
  });
  const c = result([...times(61, right), ...times(39, wrong)], { name: 'c', ordered: true });
  const { outcomes, entries, pairs, images, persons } = only([a, b, c]);

  it('have their measures with Wilson intervals', () => {
    expect(outcomes.map(({ name }) => name)).toEqual(['accuracy', 'oneOff']);
    expect([images, persons]).toEqual([100, undefined]);
    expect(entries.map(({ values }) => [values.accuracy!.value, values.oneOff!.value])).toEqual([
      [0.85, 0.95],
      [0.65, 0.65],
      [0.61, 0.61],
    ]);
    expect(entries[0].values.accuracy).toEqual({
      value: 0.85,
      n: 100,
      ...wilson(85, 100),
      method: 'wilson',
    });
  });

  it('are tested in pairs, with p-values adjusted for all pairs of a measure', () => {
    expect(pairs.map(({ first, second, outcome }) => [first, second, outcome])).toEqual([
      [0, 1, 'accuracy'],
      [0, 2, 'accuracy'],
      [1, 2, 'accuracy'],
      [0, 1, 'oneOff'],
      [0, 2, 'oneOff'],
      [1, 2, 'oneOff'],
    ]);
    const [ab, ac, bc] = pairs as [(typeof pairs)[0], (typeof pairs)[0], (typeof pairs)[0]];
    expect(ab.counts).toEqual({ both: 60, onlyFirst: 25, onlySecond: 5, neither: 10 });
    expect(ab.mcnemar!.p).toBe(mcnemar(25, 5));
    expect(ac.mcnemar!.p).toBe(mcnemar(24, 0));
    expect(bc.mcnemar!.p).toBe(mcnemar(5, 1));
    expect(ac.mcnemar!.adjusted).toBe(3 * mcnemar(24, 0));
    expect(ab.mcnemar!.adjusted).toBe(2 * mcnemar(25, 5));
    expect(bc.test).toEqual({ p: mcnemar(5, 1), adjusted: mcnemar(5, 1), family: 3, name: 'mcnemar' });
    expect(ab.difference).toMatchObject({ n: 100, ...pairedDifference(25, 5, 100), method: 'bonett-price' });
    expect(ab.difference.value).toBeCloseTo(0.2, 12);
    expect(ab.cohensH).toBe(cohensH(0.85, 0.65));
    expect(ab.odds!.value).toBe(5);
    expect(ab.signFlip).toBeUndefined();
  });

  it('are held against a baseline only, if there is one', () => {
    const { pairs: few, baseline } = only([a, b, c], { baseline: 'b' });
    expect(baseline).toBe(1);
    expect(few.filter(({ outcome }) => outcome === 'accuracy').map((p) => [p.first, p.second])).toEqual([
      [0, 1],
      [2, 1],
    ]);
    expect(few[0].test.family).toBe(2);
    expect(() => compareResults([a, b], { baseline: 'x' })).toThrow(
      "baseline 'x': none of the results has this name; choose from 'a', 'b'",
    );
  });

  it('go by targets and kinds of heads, whatever their order', () => {
    const gender = result(times(5, right), { name: 'g', target: 'gender', classes: 2 });
    const number = result([{ said: 33, truth: 30 }], { name: 'n', kind: 'number' });
    const { targets } = compareResults([gender, a, number, b]);
    expect(targets.map(({ target, entries: each }) => [target, each.length])).toEqual([
      ['gender', 1],
      ['age (4 classes)', 2],
      ['age (number)', 1],
    ]);
    expect(targets[2].entries[0].values.mae).toEqual({ value: 3, n: 1 });
  });

  it('become valid JSON', () => {
    const none = result(times(40, right), { name: 'all' });
    const all = result(times(40, wrong), { name: 'none' });
    const comparison = compareResults([none, all], { groupBy: [] });
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison);
  });
});

describe('models on several images of each person', () => {
  // A person's images go the same way.
  const random = uniform(3);
  const people = Array.from({ length: 60 }, (_, p) => ({ person: `p${p}`, n: 1 + Math.floor(random() * 9) }));
  const answers = (accuracy: number) =>
    people.flatMap(({ person, n }) => {
      const luck = random() < accuracy;
      return Array.from({ length: n }, () => ({ person, said: luck !== random() < 0.1 ? 0 : 2 }));
    });
  const first = answers(0.8);
  const second = answers(0.6);
  const target = only([result(first, { name: 'a' }), result(second, { name: 'b' })]);

  it('have intervals by the bootstrap over persons, wider than those over images', () => {
    const { value, low, high, n, persons, method } = target.entries[0].values.accuracy!;
    expect([n, persons, method]).toEqual([first.length, 60, 'bootstrap-persons']);
    // Literally, with other random numbers.
    const draw = uniform(99);
    const means = Array.from({ length: 4000 }, () => {
      let [sum, count] = [0, 0];
      for (let i = 0; i < people.length; i++) {
        const { person } = people[Math.floor(draw() * people.length)];
        for (const each of first.filter((other) => other.person === person)) {
          sum += each.said === 0 ? 1 : 0;
          count++;
        }
      }
      return sum / count;
    }).sort((x, y) => x - y);
    expect(Math.abs(low! - means[100])).toBeLessThan(0.015);
    expect(Math.abs(high! - means[3900])).toBeLessThan(0.015);
    const naive = wilson(value * n, n);
    expect(high! - low!).toBeGreaterThan(1.3 * (naive.high - naive.low));
  });

  it('are tested by flipping the signs of whole persons', () => {
    const sums = people.map(({ person }) => {
      const of = (given: typeof first) => given.filter((g) => g.person === person && g.said === 0).length;
      return of(first) - of(second);
    });
    const [pair] = target.pairs;
    expect(pair.signFlip!.p).toBeCloseTo(signFlipExact(sums), 12);
    expect(pair.test.name).toBe('sign-flip');
    expect(pair.test.p).toBeGreaterThan(pair.mcnemar!.p);
    expect(pair.difference).toMatchObject({ method: 'bootstrap-persons', persons: 60, n: first.length });
    expect(pair.difference.low).toBeLessThan(pair.difference.value);
    expect(pair.difference.high).toBeGreaterThan(pair.difference.value);
  });

  it('with few persons on one side, count persons instead of resampling them', () => {
    const sure = people.flatMap(({ person, n }) => times(n, { person, said: person === 'p0' ? 2 : 0 }));
    const all = people.flatMap(({ person, n }) => times(n, { person, said: 0 }));
    const { entries, pairs } = only([result(sure, { name: 'a' }), result(all, { name: 'b' })]);
    const interval = wilson(60, 60);
    expect(entries[1].values.accuracy).toMatchObject({ ...interval, method: 'wilson-persons' });
    expect(pairs[0].difference.method).toBe('bonett-price-persons');
    expect(pairs[0].difference.high).toBeGreaterThan(0);
  });

  it('who show up just once each are as good as unknown', () => {
    const single = Array.from({ length: 50 }, (_, i) => ({ person: `p${i}`, said: i % 3 ? 0 : 2 }));
    const { entries, persons } = only([result(single)]);
    expect(persons).toBeUndefined();
    expect(entries[0].values.accuracy!.method).toBe('wilson');
  });

  it('hold the truth about as often as they say: intervals of 95 %, tests of 5 %', () => {
    const next = uniform(17);
    let [held, rejected] = [0, 0];
    const rounds = 200;
    for (let round = 0; round < rounds; round++) {
      const crowd = Array.from({ length: 50 }, (_, p) => ({
        person: `p${p}`,
        ability: next(),
        n: 1 + (p % 6),
      }));
      const make = () =>
        crowd.flatMap(({ person, ability, n }) => {
          const mood = 0.5 * ability + 0.5 * next();
          return Array.from({ length: n }, () => ({ person, said: next() < mood ? 0 : 2 }));
        });
      const { entries, pairs } = only([result(make(), { name: 'a' }), result(make(), { name: 'b' })], {
        resamples: 400,
        seed: round,
      });
      const { low, high } = entries[0].values.accuracy!;
      if (low! <= 0.5 && 0.5 <= high!) held++;
      if (pairs[0].test.p <= 0.05) rejected++;
    }
    // Within three standard errors.
    expect(held / rounds).toBeGreaterThan(0.95 - 0.046);
    expect(rejected / rounds).toBeLessThan(0.05 + 0.046);
  });
});

describe('regressions', () => {
  it('have mean absolute errors with bootstrapped intervals, and sign-flip tests', () => {
    const random = uniform(5);
    const truths = Array.from({ length: 80 }, () => Math.floor(random() * 80));
    const make = (error: number, name: string) =>
      result(
        truths.map((truth) => ({ truth, said: truth + error * (random() - 0.5) })),
        { name, kind: 'number' },
      );
    const { outcomes, entries, pairs } = only([make(4, 'a'), make(20, 'b')]);
    expect(outcomes).toMatchObject([{ name: 'mae', kind: 'number', better: 'lower' }]);
    const { value, low, high, method } = entries[1].values.mae!;
    expect(method).toBe('bootstrap');
    // Uniform errors up to 10: mean 5, standard deviation 10/√12, and of the mean of 80 a √80-th of that.
    expect(Math.abs(value - 5)).toBeLessThan(1);
    expect(Math.abs(high! - low! - (2 * 1.96 * 10) / Math.sqrt(12 * 80))).toBeLessThan(0.25);
    expect(pairs[0].test).toMatchObject({ name: 'sign-flip', p: 1 / 10_000 });
    expect(pairs[0].counts).toBeUndefined();
  });
});

describe('groups', () => {
  const given = [
    ...times(90, { said: 0, groups: { gender: 'male', race: 'x' } }),
    ...times(10, { said: 2, groups: { gender: 'male', race: 'x' } }),
    ...times(40, { said: 0, groups: { gender: 'female', race: 'x' } }),
    ...times(20, { said: 2, groups: { gender: 'female', race: 'x' } }),
    ...times(9, { said: 0, groups: { gender: 'female', race: 'y' } }),
    ...times(11, { said: 2, groups: { gender: 'female' } }),
  ];

  it('come with the worst gap first, their intervals, and tests against all others', () => {
    const { groupings } = only([result(given)], { groupBy: [['gender'], ['gender', 'race']] });
    expect(groupings).toHaveLength(2);
    const [gender, crossed] = groupings;
    expect(gender.overall.value).toBeCloseTo(139 / 180, 12);
    expect(gender.groups.map(({ values }) => values)).toEqual([['female'], ['male']]);
    const [female] = gender.groups;
    expect(female.estimate).toEqual({ value: 49 / 80, n: 80, ...wilson(49, 80), method: 'wilson' });
    expect(female.gap.value).toBeCloseTo(49 / 80 - 139 / 180, 12);
    const { low, high } = newcombe(49, 80, 90, 100);
    expect(female.gap.low).toBeCloseTo((100 / 180) * low, 12);
    expect(female.gap.high).toBeCloseTo((100 / 180) * high, 12);
    expect(female.test).toEqual({
      p: fisher(49, 80, 90, 100),
      adjusted: 2 * fisher(49, 80, 90, 100),
      family: 2,
    });
    expect(crossed.groups.map(({ values, estimate, small }) => [...values, estimate.n, small])).toEqual([
      ['female', 'x', 60, false],
      ['male', 'x', 100, false],
      // Too small to rank.
      ['female', 'unknown', 11, true],
      ['female', 'y', 9, true],
    ]);
    // Better than the other women and worse than the men of x: nothing of its own. Of the others nothing is beside a group.
    const own = crossed.groups.map((group) => group.own?.p);
    expect(own).toEqual([1, undefined, undefined, undefined]);
    expect(crossed.groups[0].own?.family).toBe(1);
  });

  it('hold a crossed group against the rest of each group that it is the crossing of', () => {
    const by = (gender: string, race: string, rights: number, wrongs: number) => [
      ...times(rights, { said: 0, groups: { gender, race } }),
      ...times(wrongs, { said: 2, groups: { gender, race } }),
    ];
    const four = [
      ...by('f', 'x', 20, 30),
      ...by('f', 'y', 40, 10),
      ...by('m', 'x', 35, 15),
      ...by('m', 'y', 38, 12),
    ];
    const { groupings } = only([result(four)], { groupBy: [['gender', 'race']] });
    const [worst] = groupings[0].groups;
    expect(worst.values).toEqual(['f', 'x']);
    const p = Math.max(fisher(20, 50, 40, 50), fisher(20, 50, 35, 50));
    expect(worst.own!.p).toBeCloseTo(p, 12);
    expect(worst.own).toMatchObject({ adjusted: 4 * worst.own!.p, family: 4 });
  });

  it('adjust p-values for the groups of all models', () => {
    const { groupings } = only([result(given, { name: 'a' }), result(given, { name: 'b' })], {
      groupBy: [['gender']],
    });
    expect(groupings.map(({ entry }) => entry)).toEqual([0, 1]);
    expect(groupings[0].groups[0].test!.family).toBe(4);
  });

  it('are taken by persons: many images of few persons prove little', () => {
    const crowd = (persons: number, each: number, share: number, group: string) =>
      Array.from({ length: persons }, (_, p) =>
        times(each, { said: p < share * persons ? 0 : 2, person: `${group}${p}`, groups: { group } }),
      ).flat();
    const { groupings } = only([result([...crowd(20, 20, 0.5, 'x'), ...crowd(300, 1, 0.7, 'y')])], {
      groupBy: [['group']],
    });
    const [x] = groupings[0].groups;
    expect(x.estimate).toMatchObject({ n: 400, persons: 20, value: 0.5 });
    expect(x.test!.p).toBeGreaterThan(0.05);
    expect(fisher(200, 400, 210, 300)).toBeLessThan(1e-6);
    expect(x.gap.high).toBeGreaterThan(0);
  });

  it('take many numbers by tens, and say which columns there are', () => {
    const ages = Array.from({ length: 60 }, (_, i) => ({
      said: 0,
      groups: { age: String(i), constructor: 'a' },
    }));
    const { groupings } = only([result(ages)], { groupBy: [['age']] });
    expect(groupings[0].groups.map(({ values }) => values[0])).toEqual(
      expect.arrayContaining(['0–9', '50–59']),
    );
    expect(groupings[0].groups).toHaveLength(6);
    expect(() => compareResults([result(ages)], { groupBy: [['race']] })).toThrow(
      "groupBy 'race': no image has this column; choose from age, constructor",
    );
    expect(() => compareResults([result(times(3, right))], { groupBy: [['race']] })).toThrow(
      'choose from age',
    );
  });

  it('may be the true labels, whatever the data calls them; targets without a column say so', () => {
    const labelled = result(
      [...times(40, { truth: 1, said: 1, groups: { race: 'x' } }), ...times(40, { truth: 0, said: 1 })],
      { target: 'gender', settings: { column: 'sex' } },
    );
    const years = result([{ said: 33, truth: 30 }], { target: 'years', kind: 'number' });
    const { targets } = compareResults([labelled, years], { groupBy: [['gender'], ['sex', 'race']] });
    expect(targets[0].groupings.map(({ groups }) => groups.map(({ values }) => values))).toEqual([
      [['class 0'], ['class 1']],
      [
        ['class 0', 'unknown'],
        ['class 1', 'x'],
      ],
    ]);
    expect(targets[1].notes).toEqual([
      'years: the data does not say gender, so that there is no table by it.',
      'years: the data does not say sex × race, so that there is no table by it.',
    ]);
  });

  it('of regressions have the largest error first', () => {
    const random = uniform(8);
    const numbers = Array.from({ length: 120 }, (_, i) => ({
      truth: 30,
      said: 30 + (i % 2 ? 20 : 5) * random(),
      groups: { half: i % 2 ? 'b' : 'a' },
    }));
    const { groupings } = only([result(numbers, { kind: 'number' })], { groupBy: [['half']] });
    const [b, a] = groupings[0].groups;
    expect([b.values, a.values]).toEqual([['b'], ['a']]);
    expect(b.gap.low).toBeGreaterThan(0);
    expect(b.test!.adjusted).toBeLessThan(1e-4);
  });
});

describe('folds', () => {
  const fold = (k: number, rights: number, n: number, about = {}) =>
    result(
      Array.from({ length: n }, (_, i) => ({ image: `${k}/${i}.jpg`, said: i < rights ? 0 : 2 })),
      {
        name: `googlenet_fold${k}`,
        place: { architecture: 'GoogleNet', fold: String(k) },
        data: String(k),
        ...about,
      },
    );

  it('evaluated one by one become one entry: mean ± population sd, and pooled', () => {
    const { entries, pairs } = only([fold(1, 5, 10), fold(0, 9, 10), fold(2, 10, 40)]);
    expect(pairs).toEqual([]);
    const [entry] = entries;
    expect(entry.name).toBe('googlenet');
    expect(entry.place).toEqual({ architecture: 'GoogleNet' });
    expect(entry.results).toHaveLength(3);
    expect(entry.values.accuracy).toMatchObject({ value: 24 / 60, n: 60 });
    expect(entry.folds!.each.map((each) => [each.fold, each.n, each.values.accuracy])).toEqual([
      ['0', 10, 0.9],
      ['1', 10, 0.5],
      ['2', 40, 0.25],
    ]);
    const mean = (0.9 + 0.5 + 0.25) / 3;
    expect(entry.folds!.spread.accuracy!.mean).toBeCloseTo(mean, 12);
    const variance = ((0.9 - mean) ** 2 + (0.5 - mean) ** 2 + (0.25 - mean) ** 2) / 3;
    expect(entry.folds!.spread.accuracy!.sd).toBeCloseTo(Math.sqrt(variance), 12);
  });

  it('in one result count as well', () => {
    const given = [...times(4, { said: 0, fold: '0' }), ...times(6, { said: 2, fold: '1' })];
    const { entries } = only([result(given)]);
    expect(entries[0].folds!.spread.accuracy).toEqual({ mean: 0.5, sd: 0.5 });
  });

  it('must be told apart and share no images', () => {
    expect(() => compareResults([fold(0, 5, 10), { ...fold(0, 5, 10), source: 'again' }])).toThrow(
      'again: fold 0 of googlenet again, after results/googlenet_fold0',
    );
    const other = fold(1, 5, 10);
    const same = { ...other, answers: fold(0, 5, 10).answers };
    expect(() => compareResults([fold(0, 5, 10), same])).toThrow(
      'results/googlenet_fold1: 0/0.jpg is in fold 0 as well as in fold 1; check the lists',
    );
  });

  it('of different settings stay apart', () => {
    const { entries, notes } = only([
      fold(0, 9, 10, { settings: { crops: 'ten' } }),
      { ...fold(0, 8, 10, { settings: { crops: 'center' } }), source: 'b' },
    ]);
    expect(entries.map(({ name }) => name)).toEqual([
      'googlenet_fold0 (results/googlenet_fold0)',
      'googlenet_fold0 (b)',
    ]);
    expect(notes).toEqual([
      'Models were evaluated with different settings, crops: ten (googlenet_fold0 (results/googlenet_fold0)); ' +
        'center (googlenet_fold0 (b)).',
    ]);
  });
});

describe('different data', () => {
  const numbered = (from: number, to: number, said: number) =>
    Array.from({ length: to - from }, (_, i) => ({ image: `${from + i}.jpg`, said }));
  const a = result(numbered(0, 40, 0), { name: 'a', data: 'aaaaaaaaaaaaaaaa' });
  const b = result(numbered(10, 60, 2), { name: 'b', data: 'bbbbbbbbbbbbbbbb' });

  it('compared by mistake is an error that names both', () => {
    expect(() => compareResults([a, b])).toThrow(
      'results/b: not the data of results/a: 50 images of list.txt, sha256 bbbbbbbbbbbb, and 40 images of list.txt, ' +
        'sha256 aaaaaaaaaaaa; 30 images in common; compare results of the same images, or give allowDifferentData',
    );
  });

  it('on request is compared where it is the same, and a note says so', () => {
    const { entries, pairs, notes, images } = only([a, b], { allowDifferentData: true });
    expect(images).toBe(60);
    expect(entries.map(({ values }) => values.accuracy!.n)).toEqual([40, 50]);
    expect(pairs[0]).toMatchObject({ n: 30, values: [1, 0], counts: { onlyFirst: 30, onlySecond: 0 } });
    expect(notes[0]).toMatch(
      /^b and a were evaluated on different data .* of the 30 images that both answered/,
    );
    const c = result(numbered(100, 110, 0), { name: 'c' });
    const apart = only([a, c], { allowDifferentData: true });
    expect(apart.pairs).toEqual([]);
    expect(apart.notes[0]).toContain('no images in common and are not tested');
  });

  it('for want of images that could not be read is told', () => {
    const skipped = [{ image: '40.jpg', error: 'truncated' }];
    const { notes } = only([a, { ...b, answers: a.answers, info: { ...b.info, skipped } }]);
    expect(notes).toEqual(['b lacks 1 image of its data, which could not be read.']);
  });

  it('with other labels is an error in any case', () => {
    const relabelled = result([{ image: '0.jpg', said: 0, truth: 1 }, ...numbered(1, 40, 0)], { name: 'c' });
    expect(() => compareResults([a, relabelled], { allowDifferentData: true })).toThrow(
      'results/c: 0.jpg is labelled 1, in results/a 0; evaluate both on the same labels',
    );
  });

  it('by another alignment of the same faces is no mistake: a face is one image', () => {
    const faces = (prefix: string, said: number, preprocessing: string) =>
      result(
        Array.from({ length: 20 }, (_, i) => ({ image: `dir/7153718@N04/${prefix}.2282.${i}_o.jpg`, said })),
        { name: preprocessing, place: { preprocessing }, data: preprocessing },
      );
    const i = faces('landmark_aligned_face', 0, 'i');
    const r = faces('coarse_tilt_aligned_face', 2, 'r');
    const { pairs, notes } = only([i, r]);
    expect(pairs[0]).toMatchObject({ n: 20, counts: { onlyFirst: 20 } });
    expect(notes).toEqual([]);
    // Others of the same alignment must agree.
    const fewer = { ...r, source: 'fewer', info: { ...r.info, name: 'r2' }, answers: r.answers.slice(1) };
    expect(() => compareResults([i, r, fewer])).toThrow('fewer: not the data of results/r');
    // A list of both files of each face keeps them apart.
    const both = { ...i, answers: [...i.answers, ...r.answers] };
    expect(only([both]).images).toBe(40);
  });
});
