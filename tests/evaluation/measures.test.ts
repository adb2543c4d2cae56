import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argmax } from '../../src/classifier/rank.ts';
import {
  type Answer,
  type ClassificationMeasures,
  calibrationError,
  measureClasses,
  measureFolds,
  measureNumbers,
  rankOf,
  reliability,
  spreadOf,
  transposed,
} from '../../src/evaluation/index.ts';

const answer = (truth: number, scores: number[], fold?: string): Answer => ({
  image: 'x',
  truth,
  scores,
  ...(fold && { fold }),
  groups: {},
});

/** Probabilities with many ties, zeros and confidences on the edges of bins. */
const probabilities = (classes: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: 15 }), { minLength: classes, maxLength: classes }).map((counts) => {
    const sum = counts.reduce((a, b) => a + b, 0);
    return counts.map((n) => (sum === 0 ? 1 / classes : n / sum));
  });

const answers = fc.integer({ min: 2, max: 7 }).chain((classes) =>
  fc.record({
    classes: fc.constant(classes),
    answers: fc.array(
      fc.tuple(fc.nat(classes - 1), probabilities(classes)).map(([truth, scores]) => answer(truth, scores)),
      { minLength: 1, maxLength: 40 },
    ),
  }),
);

/** The first index of the largest, by sorting. */
const best = (scores: readonly number[]): number =>
  scores.map((score, i) => ({ score, i })).sort((a, b) => b.score - a.score || a.i - b.i)[0].i;

const average = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Every measure once more, image by image and class by class, from its definition. */
function literal(given: readonly Answer[], classes: number): Partial<ClassificationMeasures> {
  const pairs = given.map(({ truth, scores }) => ({ truth, scores, said: best(scores) }));
  const top = (k: number) =>
    average(
      pairs.map(({ truth, scores }) => {
        const order = scores.map((score, i) => ({ score, i })).sort((a, b) => b.score - a.score || a.i - b.i);
        return order.slice(0, k).some(({ i }) => i === truth) ? 1 : 0;
      }),
    );
  const perClass = Array.from({ length: classes }, (_, c) => {
    const tp = pairs.filter((p) => p.truth === c && p.said === c).length;
    const fp = pairs.filter((p) => p.truth !== c && p.said === c).length;
    const fn = pairs.filter((p) => p.truth === c && p.said !== c).length;
    return {
      images: tp + fn,
      predicted: tp + fp,
      precision: tp + fp > 0 ? tp / (tp + fp) : undefined,
      recall: tp + fn > 0 ? tp / (tp + fn) : undefined,
      f1: tp + fp + fn > 0 ? tp / (tp + 0.5 * (fp + fn)) : undefined,
    };
  });
  let ece = 0;
  for (let m = 1; m <= 15; m++) {
    const inside = pairs.filter(({ scores }) => {
      const confidence = Math.max(...scores);
      return confidence > (m - 1) / 15 && confidence <= m / 15;
    });
    if (inside.length === 0) continue;
    const accuracy = average(inside.map((p) => (p.said === p.truth ? 1 : 0)));
    const confidence = average(inside.map((p) => Math.max(...p.scores)));
    ece += (inside.length / pairs.length) * Math.abs(accuracy - confidence);
  }
  return {
    accuracy: average(pairs.map((p) => (p.said === p.truth ? 1 : 0))),
    oneOff: average(pairs.map((p) => (p.said >= p.truth - 1 && p.said <= p.truth + 1 ? 1 : 0))),
    top: Object.fromEntries([3, 5].filter((k) => k < classes).map((k) => [k, top(k)])),
    perClass: perClass as ClassificationMeasures['perClass'],
    balancedAccuracy: average(perClass.filter((c) => c.images > 0).map((c) => c.recall!)),
    macroF1: average(perClass.filter((c) => c.f1 !== undefined).map((c) => c.f1!)),
    nll: average(
      pairs.map((p) => (p.scores[p.truth] > 0 ? -Math.log(p.scores[p.truth]) : 126 * Math.log(2))),
    ),
    ece,
  };
}

/** Equal up to the order of summation. */
function expectClose(got: unknown, wanted: unknown, path = ''): void {
  if (typeof wanted === 'number') expect(Math.abs((got as number) - wanted), path).toBeLessThan(1e-12);
  else if (typeof wanted === 'object' && wanted !== null) {
    for (const [key, value] of Object.entries(wanted)) {
      expectClose((got as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else expect(got, path).toBe(wanted);
}

describe('measures of classes', () => {
  it('are what their definitions say', () => {
    fc.assert(
      fc.property(answers, ({ answers: given, classes }) => {
        expectClose(measureClasses(given, { ordered: true }), literal(given, classes));
      }),
    );
  });

  it('count every image once in the confusion, labels in rows', () => {
    fc.assert(
      fc.property(answers, ({ answers: given, classes }) => {
        const { confusion } = measureClasses(given, { ordered: false });
        for (let i = 0; i < classes; i++) {
          for (let j = 0; j < classes; j++) {
            const n = given.filter(({ truth, scores }) => truth === i && best(scores) === j).length;
            expect(confusion[i][j]).toBe(n);
            expect(transposed(confusion)[j][i]).toBe(n);
          }
        }
      }),
    );
  });

  it('agree with numbers worked out by hand', () => {
    const m = measureClasses(
      [
        answer(0, [0.8, 0.1, 0.1]),
        answer(0, [0.3, 0.3, 0.4]),
        answer(1, [0.5, 0.5, 0]),
        answer(1, [0, 1, 0]),
      ],
      { ordered: true },
    );
    expectClose(m, {
      accuracy: 0.5,
      oneOff: 0.75,
      top: {},
      balancedAccuracy: 0.5,
      macroF1: (0.5 + 2 / 3 + 0) / 3,
      confusion: [
        [1, 0, 1],
        [1, 1, 0],
        [0, 0, 0],
      ],
      nll: -(Math.log(0.8) + Math.log(0.3) + Math.log(0.5)) / 4,
      ece: (0.2 + 0.4 + 0.5 + 0) / 4,
    });
    expect(m.perClass[2]).toEqual({ images: 0, predicted: 1, precision: 0, f1: 0 });
  });

  it('leave out what means nothing', () => {
    const m = measureClasses([answer(0, [1, 0, 0, 0])], { ordered: false, probabilities: false });
    expect(m.oneOff).toBeUndefined();
    expect(m.nll).toBeUndefined();
    expect(m.ece).toBeUndefined();
    expect(m.top).toEqual({});
  });

  it('refuse labels that are no class, uneven scores and nothing', () => {
    const options = { ordered: false };
    expect(() => measureClasses([answer(2, [1, 0])], options)).toThrow(
      'its label 2 is none of the 2 classes',
    );
    expect(() => measureClasses([answer(0.5, [1, 0])], options)).toThrow('its label 0.5');
    expect(() => measureClasses([answer(0, [1, 0]), answer(0, [1])], options)).toThrow('1 scores');
    expect(() => measureClasses([], options)).toThrow('no image was answered');
    expect(() => measureNumbers([])).toThrow('no image was answered');
  });
});

describe('ranks', () => {
  it('order classes by score, equals by index', () => {
    expect(argmax([0.2, 0.4, 0.4])).toBe(1);
    expect([0, 1, 2].map((i) => rankOf([0.2, 0.4, 0.4], i))).toEqual([2, 0, 1]);
  });
});

describe('reliability', () => {
  it('puts a confidence on an edge into the lower bin', () => {
    const given = [0, 0.1, 0.2, 0.3, 0.7, 1].map((p) => answer(0, [p]));
    const bins = reliability(given, 10);
    expect(bins.map(({ images }) => images)).toEqual([2, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
    expect(bins[3]).toEqual({ from: 0.3, to: 0.4, images: 0 });
    expect(calibrationError(bins)).toBeCloseTo((1 + 0.9 + 0.8 + 0.7 + 0.3 + 0) / 6, 12);
  });
});

describe('measures of numbers', () => {
  it('are what their definitions say', () => {
    const number = fc.integer({ min: -1000, max: 1000 }).map((n) => n / 8);
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), (pairs) => {
        expectClose(measureNumbers(pairs.map(([truth, said]) => answer(truth, [said]))), {
          mae: average(pairs.map(([truth, said]) => Math.abs(said - truth))),
          bias: average(pairs.map(([truth, said]) => said - truth)),
          rmse: Math.sqrt(average(pairs.map(([truth, said]) => (said - truth) * (said - truth)))),
        });
      }),
    );
  });
});

describe('folds', () => {
  it('are spread as population, and pooled by image', () => {
    expectClose(spreadOf([1, 2, 3, 4]), { mean: 2.5, sd: Math.sqrt(1.25) });
    const kind = {
      model: { network: '', file: '', sha256: '', head: { name: '', output: '', kind: 'classes' as const } },
      ordered: true,
    };
    const folds = new Map([
      ['0', [answer(0, [1, 0])]],
      ['1', [answer(0, [0, 1]), answer(1, [1, 0]), answer(1, [0, 1])]],
    ]);
    const measures = measureFolds(folds, kind);
    expectClose(measures.spread.accuracy, { mean: (1 + 1 / 3) / 2, sd: 1 / 3 });
    expectClose(measures.pooled, { accuracy: 0.5, images: 4 });
    expect(measures.spread.images).toBeUndefined();
  });
});
