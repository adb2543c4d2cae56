import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignment } from '../../../src/evaluation/doctor/assignment.ts';
import { evidenceOf } from '../../../src/evaluation/doctor/evidence.ts';
import { relabellings } from '../../../src/evaluation/doctor/relabel.ts';
import { otherRounding } from '../../../src/evaluation/doctor/rounding.ts';
import { stratified } from '../../../src/evaluation/doctor/sample.ts';
import { mcnemar } from '../../../src/evaluation/statistics/mcnemar.ts';
import { net, randomly } from './task.ts';

function* permutations(n: number): Generator<number[]> {
  if (n === 0) return yield [];
  for (const rest of permutations(n - 1)) {
    for (let at = 0; at < n; at++) yield [...rest.slice(0, at), n - 1, ...rest.slice(at)];
  }
}

describe('assignment', () => {
  it('adds up to as much as the best of all permutations', () => {
    const matrix = fc.integer({ min: 1, max: 6 }).chain((n) =>
      fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n, maxLength: n }), {
        minLength: n,
        maxLength: n,
      }),
    );
    fc.assert(
      fc.property(matrix, (gains) => {
        const sum = (order: readonly number[]) =>
          order.reduce((total, column, row) => total + gains[row][column], 0);
        const found = assignment(gains);
        expect([...found].sort((a, b) => a - b)).toEqual(gains.map((_, i) => i));
        expect(sum(found)).toBe(Math.max(...[...permutations(gains.length)].map(sum)));
      }),
    );
  });
});

describe('stratified', () => {
  const items = (counts: readonly number[]) =>
    counts.flatMap((n, truth) => Array.from({ length: n }, (_, i) => ({ truth, i })));

  it('takes as many of each class as of any other, in every beginning of the sample', () => {
    const sample = stratified(items([100, 20, 3]), 30, 'classes', 1);
    const counts = (part: typeof sample) =>
      [0, 1, 2].map((c) => part.filter(({ truth }) => truth === c).length);
    expect(counts(sample.slice(0, 9))).toEqual([3, 3, 3]);
    expect(counts(sample).sort((a, b) => a - b)).toEqual([3, 13, 14]);
    expect(new Set(sample).size).toBe(30);
  });

  it('follows from the seed', () => {
    const all = items([50, 50]);
    expect(stratified(all, 20, 'classes', 7)).toEqual(stratified(all, 20, 'classes', 7));
    expect(stratified(all, 20, 'classes', 7)).not.toEqual(stratified(all, 20, 'classes', 8));
    expect(stratified(all, 500, 'classes', 7)).toHaveLength(100);
  });

  it('spreads over the range of a number', () => {
    const years = Array.from({ length: 1000 }, (_, truth) => ({ truth }));
    const tenths = stratified(years, 20, 'number', 1).map(({ truth }) => Math.floor(truth / 100));
    expect(tenths.sort()).toEqual(Array.from({ length: 20 }, (_, i) => i >> 1));
  });
});

describe('evidenceOf', () => {
  it("is McNemar's test on photos that both answered", () => {
    const before = [1, 1, 1, 1, 0, 0, undefined, 1];
    const after = [0, 0, 0, 1, 1, 0, 1, undefined];
    expect(evidenceOf('accuracy', before, after)).toMatchObject({
      ...{
        n: 6,
        before: expect.closeTo(2 / 6),
        after: expect.closeTo(4 / 6),
        better: 3,
        worse: 1,
        p: mcnemar(3, 1),
      },
      gain: { value: expect.closeTo(2 / 6) },
    });
  });

  it('counts less error as gain', () => {
    const random = randomly(1);
    const before = Array.from({ length: 50 }, () => 5 + random());
    const {
      gain,
      p,
      before: mean,
    } = evidenceOf(
      'error',
      before,
      before.map((x) => x - 1),
    );
    expect(gain.value).toBeCloseTo(1);
    expect(gain.low).toBeGreaterThan(0.9);
    expect(mean).toBeGreaterThan(5);
    expect(p).toBeLessThan(1e-3);
    expect(evidenceOf('error', before, before)).toMatchObject({ p: 1, gain: { value: 0 } });
  });
});

describe('relabellings', () => {
  it('earn nothing by chance: each half is judged by the order of the other', () => {
    const random = randomly(3);
    const draw = () => Math.floor(random() * 8);
    const truths = Array.from({ length: 200 }, draw);
    const [best] = relabellings(truths.map(draw), truths, 8, String);
    const right = best.losses.filter((loss) => loss === 0).length;
    // A share of 1/8 is 25; chosen and judged by the same answers it would be about 45.
    expect(right).toBeLessThan(38);
  });

  it('find labels sorted as text', () => {
    const textual = Array.from({ length: 12 }, (_, i) => i)
      .map(String)
      .sort()
      .map(Number);
    const truths = Array.from({ length: 120 }, (_, i) => i % 12);
    const found = relabellings(
      truths.map((truth) => textual.indexOf(truth)),
      truths,
      12,
      String,
    );
    const perfect = found.filter(({ losses }) => losses.every((loss) => loss === 0));
    expect(perfect.map(({ what }) => what)).toContain(
      'the model sorts its classes as text (0, 1, 10, 11, …, 2), the data as numbers',
    );
    for (const { order } of perfect) expect(order).toEqual(textual);
  });
});

describe('otherRounding', () => {
  it('knows which way fits', () => {
    expect(otherRounding(net({ ceil: 0 }))).toMatchObject({
      rounds: 'up',
      layers: ['pool'],
      misfit: expect.any(String),
    });
    expect(otherRounding(net({ ceil: 1 }))).toBeUndefined();
  });

  it('names the layers that leave the choice', () => {
    const graph = net({ ceil: 0 });
    const open = { ...graph, nodes: graph.nodes.slice(0, 1) };
    const found = otherRounding(open);
    expect(found).toMatchObject({ rounds: 'up', layers: ['pool'] });
    expect(found).not.toHaveProperty('misfit');
    const even = [{ ...open.nodes[0], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }];
    expect(otherRounding({ ...open, nodes: even })).toBeUndefined();
  });
});
