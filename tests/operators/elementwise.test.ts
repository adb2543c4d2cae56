import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type Attributes, float, float32 } from '../../src/graph/index.ts';
import { map } from '../reference/array.ts';
import {
  celu,
  elu,
  erf,
  gelu,
  geluTanh,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  mish,
  selu,
  sigmoid,
  softplus,
  softsign,
  swish,
  thresholdedRelu,
} from '../reference/elementwise.ts';
import { check } from './check.ts';
import { array, random } from './random.ts';

interface Function1 {
  readonly op: string;
  readonly f: (x: number) => number;
  readonly attributes?: Attributes;
  readonly range?: readonly [number, number];
}

const functions: readonly Function1[] = [
  { op: 'Relu', f: (x) => Math.max(x, 0) },
  { op: 'Sigmoid', f: sigmoid },
  { op: 'Tanh', f: Math.tanh },
  { op: 'HardSigmoid', f: hardSigmoid(0.2, 0.5), range: [-4.03, 4.01] },
  {
    op: 'HardSigmoid',
    f: hardSigmoid(Math.fround(0.3), 0.25),
    attributes: { alpha: float(0.3), beta: float(0.25) },
    range: [-4.03, 4.01],
  },
  { op: 'HardSwish', f: hardSwish, range: [-5, 5] },
  { op: 'LeakyRelu', f: leakyRelu(Math.fround(0.01)) },
  { op: 'LeakyRelu', f: leakyRelu(0.25), attributes: { alpha: float(0.25) } },
  { op: 'LeakyRelu', f: leakyRelu(-0.5), attributes: { alpha: float(-0.5) } },
  { op: 'Elu', f: elu(1) },
  { op: 'Elu', f: elu(1.5), attributes: { alpha: float(1.5) } },
  { op: 'Elu', f: elu(-0.5), attributes: { alpha: float(-0.5) } },
  { op: 'Abs', f: Math.abs },
  { op: 'Exp', f: Math.exp },
  { op: 'Sin', f: Math.sin },
  { op: 'Cos', f: Math.cos },
  { op: 'Log', f: Math.log, range: [0.1, 5] },
  { op: 'Sqrt', f: Math.sqrt, range: [0.1, 5] },
  { op: 'Neg', f: (x) => -x },
  { op: 'Erf', f: erf },
  { op: 'Gelu', f: gelu },
  { op: 'Gelu', f: geluTanh, attributes: { approximate: 'tanh' } },
  { op: 'Swish', f: swish(1) },
  { op: 'Swish', f: swish(1.5), attributes: { alpha: float(1.5) } },
  { op: 'Mish', f: mish },
  { op: 'Softplus', f: softplus },
  { op: 'Softsign', f: softsign },
  { op: 'Selu', f: selu(1.6732631921768188, 1.0507010221481323) },
  { op: 'Selu', f: selu(1.25, 0.5), attributes: { alpha: float(1.25), gamma: float(0.5) } },
  { op: 'Celu', f: celu(1) },
  { op: 'Celu', f: celu(0.75), attributes: { alpha: float(0.75) } },
  { op: 'ThresholdedRelu', f: thresholdedRelu(1) },
  { op: 'ThresholdedRelu', f: thresholdedRelu(0), attributes: { alpha: float(0) } },
  { op: 'Reciprocal', f: (x) => 1 / x, range: [0.2, 5] },
  { op: 'Identity', f: (x) => x },
  { op: 'Dropout', f: (x) => x },
];

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

describe('functions of one element', () => {
  it.each(functions)('$op $attributes', ({ op, f, attributes, range = [-2, 2] }) =>
    fc.assert(
      fc.asyncProperty(shapes, fc.integer(), fc.boolean(), async (shape, seed, positive) => {
        const low = positive ? Math.max(0.1, range[0]) : range[0];
        const x = array(random(seed), shape, low, range[1]);
        await check({ op, attributes, inputs: [{ array: x }], reference: ([a]) => [map(a, f)], seed });
      }),
      { numRuns: 8 },
    ),
  );
});

describe('Clip', () => {
  it('bounds on both sides, one or none', () =>
    fc.assert(
      fc.asyncProperty(
        shapes,
        fc.integer(),
        fc.option(fc.constantFrom(-1.5, 0, 0.5), { nil: undefined }),
        fc.option(fc.constantFrom(-0.25, 0.75, 6), { nil: undefined }),
        async (shape, seed, low, high) => {
          if (low !== undefined && high !== undefined && low > high) return;
          const scalar = (value: number | undefined) =>
            value === undefined ? undefined : float32([], [value]);
          await check({
            op: 'Clip',
            inputs: [{ array: array(random(seed), shape) }, scalar(low), scalar(high)],
            reference: ([a]) => [map(a, (x) => Math.min(Math.max(x, low ?? -Infinity), high ?? Infinity))],
            differentiable: [0],
            seed,
          });
        },
      ),
      { numRuns: 20 },
    ));
});
