import {
  either,
  elements,
  op,
  type Pattern,
  type PatternMatch,
  product,
  scalar,
  value,
} from '../../operators/forms/pattern.ts';
import type { Form, Piece } from './form.ts';

const x = value('x');
const of = (found: PatternMatch): readonly string[] => [found.values.get('x')!];

/** A form of one value that has nothing but fixed attributes. */
const fixed = (pattern: Pattern, op: string, attributes: Piece['attributes'] = {}): Form => ({
  pattern,
  make: (found) => ({ op, inputs: of(found), attributes }),
});

const onePlus = (pattern: Pattern): Pattern => op('Add', [pattern, scalar(1)]);

/** x/2·(1 + f), and the same taken apart: x·(f/2 + 1/2). */
const half = (pattern: Pattern): Pattern =>
  either(product(0.5, x, onePlus(pattern)), product(1, x, op('Add', [product(0.5, pattern), scalar(0.5)])));

const erf = op('Erf', [product(Math.SQRT1_2, x)]);
const cubic = 0.044715;
const cube = either(op('Pow', [x, scalar(3)]), product(1, x, x, x), product(1, x, op('Pow', [x, scalar(2)])));
const tanh = op('Tanh', [
  either(
    product(Math.sqrt(2 / Math.PI), op('Add', [x, product(cubic, cube)])),
    product(
      Math.sqrt(2 / Math.PI),
      x,
      onePlus(either(product(cubic, x, x), product(cubic, op('Pow', [x, scalar(2)])))),
    ),
  ),
]);

/** x·σ(αx): SiLU for α = 1; with α = 1.702 a GELU that is quick to compute. */
const swish: readonly Form[] = [
  fixed(product(1, x, op('Sigmoid', [x])), 'Swish'),
  {
    pattern: product(1, x, op('Sigmoid', [op('Mul', [x, elements('alpha')])])),
    make(found) {
      const [alpha, ...others] = found.numbers.get('alpha')!;
      if (others.length > 0) return undefined;
      return { op: 'Swish', inputs: of(found), attributes: { alpha: { float: alpha } } };
    },
  },
];

const relu6 = op('Clip', [op('Add', [x, scalar(3)]), scalar(0), scalar(6)]);
const isSlope = (given: number, wanted: number) => Math.abs(given - wanted) < 1e-6;
const hardSigmoid = op(
  'HardSigmoid',
  [x],
  (site) => isSlope(site.float('alpha', 0.2), 1 / 6) && isSlope(site.float('beta', 0.5), 0.5),
);

/** Functions of one element. */
export const activations: readonly Form[] = [
  fixed(half(erf), 'Gelu', { approximate: 'none' }),
  fixed(half(tanh), 'Gelu', { approximate: 'tanh' }),
  ...swish,
  fixed(either(product(1, x, hardSigmoid), product(1 / 6, x, relu6)), 'HardSwish'),
  fixed(product(1, x, op('Tanh', [op('Softplus', [x])])), 'Mish'),
];
