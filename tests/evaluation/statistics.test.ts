import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapMeans, clustered, percentileInterval } from '../../src/evaluation/statistics/bootstrap.ts';
import { clopperPearson } from '../../src/evaluation/statistics/clopper.ts';
import {
  cohensH,
  discordantOdds,
  newcombe,
  pairedDifference,
} from '../../src/evaluation/statistics/effect.ts';
import { logFactorial } from '../../src/evaluation/statistics/factorial.ts';
import { fisher } from '../../src/evaluation/statistics/fisher.ts';
import { holm } from '../../src/evaluation/statistics/holm.ts';
import { Z95 } from '../../src/evaluation/statistics/interval.ts';
import { mcnemar } from '../../src/evaluation/statistics/mcnemar.ts';
import { normalTwoSided } from '../../src/evaluation/statistics/normal.ts';
import { signFlipExact, signFlipRandom } from '../../src/evaluation/statistics/signflip.ts';
import { wilson } from '../../src/evaluation/statistics/wilson.ts';

/** a and b agree in all but the last few digits. */
const near = (a: number, b: number, relative = 1e-11): void => {
  expect(Math.abs(a - b), `${a} for ${b}`).toBeLessThanOrEqual(relative * Math.abs(b) + 1e-300);
};

const small = fc.integer({ min: 0, max: 7 });
/** k of n, n above 0. */
const share = fc
  .integer({ min: 1, max: 400 })
  .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));

describe('Wilson interval', () => {
  it.each([
    // The examples of Newcombe 1998 (two-sided intervals for the single proportion), to all digits.
    [81, 263, 0.2552885198782742, 0.36620957698280004],
    [15, 148, 0.06238639953073629, 0.16048724172330803],
    [0, 20, 0, 0.16112515805281935],
    [1, 29, 0.006113214292762667, 0.17175521879320282],
    [29, 29, 0.8830302015002592, 1],
  ])('of %i in %i', (k, n, low, high) => {
    near(wilson(k, n).low, low);
    near(wilson(k, n).high, high);
  });

  it('holds the proportions that a score test at 5 % does not reject', () => {
    fc.assert(
      fc.property(share, ([k, n]) => {
        const p = k / n;
        for (const end of Object.values(wilson(k, n)) as number[]) {
          if (end === 0 || end === 1) continue;
          near(Math.abs(p - end) / Math.sqrt((end * (1 - end)) / n), Z95, 1e-9);
        }
        const { low, high } = wilson(k, n);
        expect(low).toBeLessThanOrEqual(p);
        expect(high).toBeGreaterThanOrEqual(p);
      }),
    );
  });
});

describe('exact tests', () => {
  it('know ln n!', () => {
    for (const [n, value] of [
      [0, 0],
      [1, 0],
      [15, 27.89927138384089],
      [16, 30.671860106080672],
      [17, 33.50507345013689],
      [100, 363.73937555556347],
      [100_000, 1_051_299.221899122],
    ] as const) {
      near(logFactorial(n), value, 1e-14);
    }
  });

  it.each([
    [59, 6, 4.964650327128616e-12],
    [5, 14, 0.063568115234375],
    [0, 4, 0.125],
    [121, 59, 4.4344492637551645e-6],
    [3, 3, 1],
    [1000, 1200, 2.1817026407914194e-5],
    [0, 2000, 0],
    [0, 0, 1],
  ])("McNemar's for %i against %i discordant pairs", (b, c, p) => near(mcnemar(b, c), p, 1e-9));

  it("McNemar's is the sum over all binomial outcomes that are as far from even", () => {
    fc.assert(
      fc.property(small, small, (b, c) => {
        const n = b + c;
        let p = 0;
        for (let outcome = 0; outcome < 2 ** n; outcome++) {
          // Every way to give each image to one of the models.
          const ones = outcome.toString(2).replaceAll('0', '').length;
          if (Math.abs(2 * ones - n) >= Math.abs(b - c)) p += 2 ** -n;
        }
        near(mcnemar(b, c), p, 1e-12);
      }),
    );
  });

  it.each([
    // The lady tasting tea.
    [3, 4, 1, 4, 0.4857142857142857],
    [3, 10, 9, 12, 0.08355730956351],
    [1, 11, 9, 12, 0.0027594561852200836],
    [950, 1000, 9000, 10_000, 4.9399545233555395e-8],
    [10, 10, 400, 500, 0.22229233348272875],
    [0, 5, 0, 7, 1],
  ])("Fisher's for %i of %i against %i of %i", (right1, n1, right2, n2, p) => {
    near(fisher(right1, n1, right2, n2), p, 1e-8);
  });

  it("Fisher's is the share of all ways to deal out who is right", () => {
    const few = fc
      .integer({ min: 1, max: 7 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(few, few, ([right1, n1], [right2, n2]) => {
        const ways = new Map<number, number>();
        for (let hand = 0; hand < 2 ** (n1 + n2); hand++) {
          const bits = [...hand.toString(2).padStart(n1 + n2, '0')];
          if (bits.filter((bit) => bit === '1').length !== right1 + right2) continue;
          const first = bits.slice(0, n1).filter((bit) => bit === '1').length;
          ways.set(first, (ways.get(first) ?? 0) + 1);
        }
        const all = [...ways.values()];
        const total = all.reduce((sum, each) => sum + each, 0);
        const asRare = all.filter((each) => each <= ways.get(right1)!).reduce((sum, each) => sum + each, 0);
        near(fisher(right1, n1, right2, n2), asRare / total, 1e-12);
      }),
      { numRuns: 30 },
    );
  });

  it('know the normal distribution', () => {
    for (const [z, p] of [
      [0, 1],
      [0.5, 0.6170750774519738],
      [Z95, 0.05],
      [-2.999, 0.0027086730674542115],
      [3, 0.0026997960632601866],
      [5, 5.733031437583866e-7],
      [10, 1.523970604832094e-23],
      [37, 1.1451142445047853e-299],
    ] as const) {
      near(normalTwoSided(z), p);
    }
  });
});

describe('sign-flip test', () => {
  it('is the share of all choices of signs whose sum is as far from 0', () => {
    const differences = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 10 });
    fc.assert(
      fc.property(differences, (given) => {
        const observed = Math.abs(given.reduce((sum, each) => sum + each, 0));
        let asFar = 0;
        for (let signs = 0; signs < 2 ** given.length; signs++) {
          const sum = given.reduce((total, each, i) => total + ((signs >> i) & 1 ? each : -each), 0);
          if (Math.abs(sum) >= observed) asFar++;
        }
        near(signFlipExact(given), asFar / 2 ** given.length, 1e-12);
      }),
    );
  });

  it("is McNemar's where every person has one image", () => {
    for (const [b, c] of [
      [14, 5],
      [3, 3],
      [300, 400],
      [2000, 1900],
      [0, 3000],
    ] as const) {
      const differences = [...new Array(b).fill(1), ...new Array(c).fill(-1), 0, 0];
      near(signFlipExact(differences), mcnemar(b, c), 1e-9);
    }
  });

  it('is more careful where images of one person go the same way', () => {
    expect(signFlipExact([4, 4, 4, -2])).toBeGreaterThan(10 * mcnemar(12, 2));
  });

  it('comes near the exact value by chance, always the same for one seed', () => {
    const differences = [3, -1, 2, 2, -1, 1, 1, 4, -2, 1];
    const p = signFlipRandom(differences, 20_000, 1);
    expect(Math.abs(p - signFlipExact(differences))).toBeLessThan(0.01);
    expect(signFlipRandom(differences, 20_000, 1)).toBe(p);
    expect(signFlipRandom(differences, 20_000, 2)).not.toBe(p);
    // More differences than one draw has bits.
    const many = Array.from({ length: 300 }, (_, i) => (i % 5 < 3 ? 1 : -1));
    expect(Math.abs(signFlipRandom(many, 20_000, 1) - mcnemar(180, 120))).toBeLessThan(0.003);
    expect(signFlipRandom([0.1, 0.2, 0.3], 1000, 1)).toBeGreaterThan(0.2);
  });
});

describe('Holm adjustment', () => {
  it('gives the textbook values in the given order', () => {
    for (const [i, p] of holm([0.01, 0.04, 0.03, 0.005]).entries()) near(p, [0.03, 0.06, 0.06, 0.02][i]);
    expect(holm([])).toEqual([]);
    expect(holm([0.6, 0.7])).toEqual([1, 1]);
  });

  it('rejects what the step-down procedure rejects', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.1, noNaN: true }), { maxLength: 12 }), (p) => {
        const rejected = new Set<number>();
        const left = new Set(p.keys());
        while (left.size > 0) {
          const least = [...left].reduce((a, b) => (p[b] < p[a] ? b : a));
          if (p[least] * left.size > 0.05) break;
          rejected.add(least);
          left.delete(least);
        }
        for (const [i, adjusted] of holm(p).entries()) expect(adjusted <= 0.05).toBe(rejected.has(i));
      }),
    );
  });
});

describe('Clopper and Pearson’s interval', () => {
  it.each([
    // SciPy's binomtest(k, n).proportion_ci(method='exact').
    [7, 20, 0.15390919, 0.59218853],
    [0, 10, 0, 0.3084971],
    [10, 10, 0.6915029, 1],
    [1, 1, 0.025, 1],
    [81, 263, 0.2527, 0.3676],
  ])('of %i in %i', (k, n, low, high) => {
    const found = clopperPearson(k, n);
    expect(found.low).toBeCloseTo(low, 3.7);
    expect(found.high).toBeCloseTo(high, 3.7);
  });

  it('leaves out a half just where McNemar’s exact test is below 5 %', () => {
    fc.assert(
      fc.property(share, ([k, n]) => {
        const { low, high } = clopperPearson(k, n);
        const p = mcnemar(k, n - k);
        if (Math.abs(p - 0.05) > 1e-9) expect(low > 0.5 || high < 0.5).toBe(p < 0.05);
        expect(low <= k / n && k / n <= high).toBe(true);
      }),
    );
  });
});

describe('effect sizes', () => {
  it("Cohen's h", () => {
    near(cohensH(0.5, 0.25), Math.PI / 6);
    near(cohensH(0, 1), -Math.PI);
    expect(cohensH(0.3, 0.3)).toBe(0);
  });

  it('odds of discordant pairs', () => {
    const odds = discordantOdds(30, 10)!;
    expect(odds.value).toBe(3);
    near(odds.low, clopperPearson(30, 40).low / (1 - clopperPearson(30, 40).low));
    near(1 / odds.high!, discordantOdds(10, 30)!.low);
    expect(discordantOdds(0, 0)).toBeUndefined();
    const { value, high, low } = discordantOdds(6, 0)!;
    expect([value, high]).toEqual([undefined, undefined]);
    expect(low).toBeGreaterThan(1);
    expect(discordantOdds(0, 5)).toMatchObject({ value: 0, low: 0 });
  });

  it('odds whose interval leaves out 1 just where the exact test beside them is below 5 %', () => {
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.nat({ max: 60 }), (onlyFirst, onlySecond) => {
        fc.pre(onlyFirst + onlySecond > 0);
        const { low, high = Number.POSITIVE_INFINITY } = discordantOdds(onlyFirst, onlySecond)!;
        expect(low > 1 || high < 1).toBe(mcnemar(onlyFirst, onlySecond) < 0.05);
      }),
    );
  });

  it("Newcombe's interval of the difference of independent proportions", () => {
    // Newcombe 1998, table II, method 10.
    const first = newcombe(56, 70, 48, 80);
    expect([first.low.toFixed(4), first.high.toFixed(4)]).toEqual(['0.0524', '0.3339']);
    const second = newcombe(9, 10, 3, 10);
    expect([second.low.toFixed(4), second.high.toFixed(4)]).toEqual(['0.1705', '0.8090']);
  });

  it('paired difference holds the difference, shrinks with n and never to a point', () => {
    // Literally: (13 − 5) / 102 ± z·√((18 − 64/102) / 102²).
    const { low, high } = pairedDifference(12, 4, 100);
    near((low + high) / 2, 8 / 102);
    near((high - low) / 2, Z95 * Math.sqrt((18 / 102 - (8 / 102) ** 2) / 102));
    const none = pairedDifference(0, 0, 50);
    expect(none.high).toBeGreaterThan(0);
    expect(none.low).toBe(-none.high);
  });
});

describe('bootstrap by clusters', () => {
  const persons = [0, 0, 0, 1, 2, 2, 3, 3, 3, 3, 4];
  const values = [1, 1, 0, 1, undefined, 0, 1, 1, 1, 0, undefined];

  it('adds up by cluster', () => {
    expect(clustered(values, persons)).toEqual({
      clusters: Int32Array.of(0, 1, 2, 3),
      sums: Float64Array.of(2, 1, 0, 3),
      counts: Float64Array.of(3, 1, 1, 4),
    });
  });

  it('takes means over drawn clusters: those of all draws of three, as often as chance has it', () => {
    const column = clustered([1, 0, 0, 1, 1, 0], [0, 0, 1, 1, 1, 2]);
    const [means] = bootstrapMeans([column], 3, { resamples: 27_000, seed: 5 });
    const expected = new Map<string, number>();
    for (let draw = 0; draw < 27; draw++) {
      const drawn = [draw % 3, Math.floor(draw / 3) % 3, Math.floor(draw / 9)];
      const sum = drawn.reduce((total, c) => total + column.sums[c], 0);
      const count = drawn.reduce((total, c) => total + column.counts[c], 0);
      const key = (sum / count).toFixed(9);
      expected.set(key, (expected.get(key) ?? 0) + 1000);
    }
    const found = new Map<string, number>();
    for (const mean of means) found.set(mean.toFixed(9), (found.get(mean.toFixed(9)) ?? 0) + 1);
    expect(new Set(found.keys())).toEqual(new Set(expected.keys()));
    for (const [key, count] of expected) {
      expect(Math.abs(found.get(key)! - count)).toBeLessThan(5 * Math.sqrt(count));
    }
  });

  it('uses one draw for all columns, and the same for one seed', () => {
    const column = clustered(values, persons);
    const raised = clustered(
      values.map((value) => (value === undefined ? undefined : value + 7)),
      persons,
    );
    const resampling = { resamples: 200, seed: 3 };
    const [first, second] = bootstrapMeans([column, raised], 5, resampling);
    for (const [i, mean] of first.entries()) near(second[i], mean + 7);
    expect(bootstrapMeans([column], 5, resampling)[0]).toEqual(first);
    expect(bootstrapMeans([column], 5, { ...resampling, seed: 4 })[0]).not.toEqual(first);
  });

  it('agrees with the textbook standard error where clusters are single images', () => {
    const coin = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const [means] = bootstrapMeans([clustered(coin, [...coin.keys()])], 400, { resamples: 4000, seed: 1 });
    const { low, high } = percentileInterval(means)!;
    const half = Z95 * Math.sqrt((0.25 * 0.75) / 400);
    expect(Math.abs(low - (0.25 - half))).toBeLessThan(0.006);
    expect(Math.abs(high - (0.25 + half))).toBeLessThan(0.006);
  });

  it('takes percentiles between neighbours, and passes over draws without a value', () => {
    const numbers = Float64Array.from({ length: 101 }, (_, i) => 100 - i);
    expect(percentileInterval(numbers)).toEqual({ low: 2.5, high: 97.5 });
    expect(percentileInterval(Float64Array.of(Number.NaN, 1, 3))).toEqual({ low: 1.05, high: 2.95 });
    expect(percentileInterval(Float64Array.of(Number.NaN, 1))).toBeUndefined();
  });
});
