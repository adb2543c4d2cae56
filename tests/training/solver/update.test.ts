import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSolver } from '../../../src/caffe/index.ts';
import {
  clipFactor,
  type RuleSettings,
  type SolverType,
  solverSettings,
  solverTypes,
  sumOfSquares,
  updateRule,
  updateStep,
} from '../../../src/training/solver/index.ts';
import { random } from '../../operators/random.ts';
import { type Literal, literalUpdate } from './reference.ts';

const settingsOf = (type: SolverType, more = '') => {
  const momentum = type === 'AdaGrad' || type === 'RMSProp' ? 0 : 0.9;
  const text = `net: "n" base_lr: 0.05 lr_policy: "fixed" max_iter: 100 type: "${type}" momentum: ${momentum}
    weight_decay: 0.01 ${type === 'AdaDelta' ? 'delta: 1e-6' : ''} ${more}`;
  return solverSettings(parseSolver(text, 's'), 's');
};

/** Gradients away from 0, where AdaGrad and its kin depend on the sign alone. */
const gradientOf = (next: () => number, n: number) =>
  Float32Array.from({ length: n }, () => (next() < 0.5 ? -1 : 1) * (0.1 + next()));

const zeros = (rule: { histories: number }, n: number) =>
  Array.from({ length: rule.histories }, () => new Float32Array(n));

describe.each(solverTypes)('%s', (type) => {
  it("agrees with Caffe's formulas over many iterations", () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer(),
          sizes: fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 3 }),
          regularisation: fc.constantFrom('L1', 'L2'),
          clip: fc.constantFrom(-1, 0.5, 1000),
          iterSize: fc.integer({ min: 1, max: 3 }),
          factors: fc.constantFrom([1, 1], [2, 0], [0.5, 2]),
        }),
        ({ seed, sizes, regularisation, clip, iterSize, factors: [rateFactor, decayFactor] }) => {
          const more = `regularization_type: "${regularisation}" clip_gradients: ${clip} iter_size: ${iterSize}`;
          const settings = settingsOf(type, more);
          const rule = updateRule(settings);
          const next = random(seed);
          const states = sizes.map((n) => ({
            weights: Float32Array.from({ length: n }, () => 4 * next() - 2),
            histories: zeros(rule, n),
          }));
          let literal: Literal[] = states.map((state) => ({
            weights: Array.from(state.weights),
            histories: state.histories.map((h) => Array.from(h)),
          }));
          for (let iteration = 0; iteration < 30; iteration++) {
            const gradients = sizes.map((n) => gradientOf(next, n));
            const norm = Math.sqrt(gradients.flatMap((g) => [...g]).reduce((sum, g) => sum + g * g, 0));
            const given = { regularisation, clip, norm, iterSize, iteration } as const;
            const [rate, decay] = [settings.baseRate * rateFactor, settings.weightDecay * decayFactor];
            literal = literal.map((state, i) =>
              literalUpdate(settings, state, Array.from(gradients[i]), { ...given, rate, decay }),
            );
            const factor = clipFactor(
              settings.clipGradients,
              gradients.reduce((sum, g) => sum + sumOfSquares(g), 0),
            );
            const step = updateStep(settings, { rateFactor, decayFactor }, iteration, factor);
            for (const [i, state] of states.entries()) {
              const finite = rule.update({ ...state, gradient: gradients[i] }, 0, sizes[i], step);
              expect(finite).toBe(true);
            }
          }
          for (const [i, { weights, histories }] of states.entries()) {
            close(weights, literal[i].weights);
            for (const [k, history] of histories.entries()) close(history, literal[i].histories[k]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives the same bits however the range is divided, and leaves the rest alone', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.nat(40), { maxLength: 4 }),
        fc.constantFrom('L1', 'L2'),
        (seed, cuts, l) => {
          const settings = settingsOf(type, `regularization_type: "${l}"`);
          const [n, from, to] = [50, 3, 43];
          const run = (bounds: number[]) => {
            const rule = updateRule(settings);
            const next = random(seed);
            const weights = Float32Array.from({ length: n }, () => next() - 0.5);
            const histories = zeros(rule, n);
            for (let iteration = 0; iteration < 3; iteration++) {
              const gradient = gradientOf(next, n);
              const step = updateStep(settings, { rateFactor: 1, decayFactor: 1 }, iteration);
              for (let k = 0; k + 1 < bounds.length; k++)
                rule.update({ weights, gradient, histories }, bounds[k], bounds[k + 1], step);
            }
            return [weights, ...histories];
          };
          const whole = run([from, to]);
          const inner = cuts.map((cut) => from + cut).sort((a, b) => a - b);
          expect(run([from, ...inner, to])).toEqual(whole);
          const first = random(seed);
          const start = Float32Array.from({ length: n }, () => first() - 0.5);
          for (const i of [0, 1, 2, 43, 49]) {
            expect(whole[0][i]).toBe(start[i]);
            for (const history of whole.slice(1)) expect(history[i]).toBe(0);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'says when a weight becomes %f, wherever it stands',
    (bad) => {
      for (let place = 0; place < 9; place++) {
        const settings = settingsOf(type);
        const rule = updateRule(settings);
        const gradient = new Float32Array(9).fill(1);
        const weights = new Float32Array(9).fill(1);
        weights[place] = bad;
        const step = updateStep(settings, { rateFactor: 1, decayFactor: 0 }, 0);
        expect(rule.update({ weights, gradient, histories: zeros(rule, 9) }, 0, 9, step)).toBe(false);
      }
    },
  );

  it('says when a gradient is not a number', () => {
    for (let place = 0; place < 9; place++) {
      const settings = settingsOf(type);
      const rule = updateRule(settings);
      const gradient = new Float32Array(9).fill(1);
      gradient[place] = Number.NaN;
      const step = updateStep(settings, { rateFactor: 1, decayFactor: 1 }, 0);
      const state = { weights: new Float32Array(9), gradient, histories: zeros(rule, 9) };
      expect(rule.update(state, 0, 9, step)).toBe(false);
    }
  });
});

it('says when a step leaves the range of float32', () => {
  for (const type of ['SGD', 'Nesterov'] as const) {
    const rule = updateRule({ ...settingsOf(type), momentum: 0 } as RuleSettings);
    for (let place = 0; place < 6; place++) {
      const weights = new Float32Array(6);
      weights[place] = -3.4e38;
      const state = { weights, gradient: new Float32Array(6).fill(1e38), histories: zeros(rule, 6) };
      const step = { rate: 1, decay: 0, regularisation: 'L2', scale: 1, iteration: 0 } as const;
      expect(rule.update(state, 0, 6, step)).toBe(false);
      expect(weights[place]).toBe(Number.NEGATIVE_INFINITY);
    }
  }
});

it('clips by the norm of everything, and only what is longer', () => {
  expect(clipFactor(undefined, 1e10)).toBe(1);
  expect(clipFactor(5, 25)).toBe(1);
  expect(clipFactor(5, 100)).toBe(0.5);
  expect(clipFactor(0, 4)).toBe(0);
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, min: -100, max: 100 })), fc.nat(5), (numbers, from) => {
      const expected = numbers.slice(from).reduce((sum, x) => sum + x * x, 0);
      expect(sumOfSquares(Float32Array.from(numbers), from)).toBeCloseTo(expected, 6);
    }),
  );
});

function close(actual: Float32Array, expected: readonly number[]): void {
  for (const [i, value] of actual.entries())
    expect(Math.abs(value - expected[i])).toBeLessThan(2e-5 * (Math.abs(expected[i]) + 0.1));
}
