import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSolver } from '../../../src/caffe/index.ts';
import { rateAt, solverSettings, stepAt } from '../../../src/training/solver/index.ts';
import { describeShared, shared } from '../../shared.ts';

const settingsOf = (policy: string) =>
  solverSettings(parseSolver(`net: "n" max_iter: 1000 base_lr: 0.01 ${policy}`, 's'), 's');

describe('policies', () => {
  const formulas: Record<string, (iteration: number) => number> = {
    'lr_policy: "fixed"': () => 0.01,
    'lr_policy: "step" gamma: 0.5 stepsize: 70': (i) => 0.01 * 0.5 ** Math.floor(i / 70),
    'lr_policy: "exp" gamma: 0.999': (i) => 0.01 * 0.999 ** i,
    'lr_policy: "inv" gamma: 0.0001 power: 0.75': (i) => 0.01 * (1 + 0.0001 * i) ** -0.75,
    'lr_policy: "multistep" gamma: 0.1 stepvalue: [300, 600, 601]': (i) =>
      0.01 * 0.1 ** [300, 600, 601].filter((value) => i >= value).length,
    'lr_policy: "poly" power: 2': (i) => 0.01 * (1 - i / 1000) ** 2,
    'lr_policy: "sigmoid" gamma: -0.01 stepsize: 500': (i) => 0.01 / (1 + Math.exp(0.01 * (i - 500))),
  };
  it.each(Object.entries(formulas))('%s', (policy, formula) => {
    const settings = settingsOf(policy);
    for (let iteration = 0; iteration < 1000; iteration++) {
      const rate = rateAt(settings, iteration);
      expect(rate).toBe(Math.fround(rate));
      // The parameters are float32: what 0.999 lacks is raised to the power too.
      expect(Math.abs(rate / formula(iteration) - 1)).toBeLessThan(1e-4);
    }
  });

  it('prints as Caffe does', () => {
    const settings = solverSettings(
      parseSolver('net: "n" max_iter: 20 base_lr: 0.002 lr_policy: "step" gamma: 0.1 stepsize: 12', 's'),
      's',
    );
    expect(rateAt(settings, 11).toPrecision(9)).toBe('0.00200000009');
    expect(rateAt(settings, 12).toPrecision(9)).toBe('0.000200000009');
  });
});

it("takes multistep's steps one an iteration and in their order, as Caffe counts them", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 6 }), (stepvalues) => {
      let current = 0;
      for (let iteration = 0; iteration < 50; iteration++) {
        if (current < stepvalues.length && iteration >= stepvalues[current]) current++;
        expect(stepAt({ name: 'multistep', gamma: 0.1, stepvalues }, iteration)).toBe(current);
      }
    }),
  );
  expect(stepAt({ name: 'step', gamma: 0.1, stepsize: 10 }, 29)).toBe(2);
  expect(stepAt({ name: 'poly', power: 1 }, 29)).toBe(0);
});

describeShared('against the original', () => {
  it.each(['adience', 'caffenet', 'googlenet'])('tiny_%s', (net) => {
    const folder = shared(`reference/tiny_${net}/training`);
    const settings = solverSettings(
      parseSolver(readFileSync(`${folder}/solver.prototxt`, 'utf8'), 'solver.prototxt'),
      'solver.prototxt',
    );
    const lines = readFileSync(`${folder}/loss.jsonl`, 'utf8').trim().split('\n');
    expect(lines.length).toBe(settings.maxIter);
    for (const line of lines) {
      const { iter, lr } = JSON.parse(line) as { iter: number; lr: number };
      expect(rateAt(settings, iter)).toBe(Math.fround(lr));
    }
  });
});
