import { type Dim, divideDims, type GraphBuilder, multiplyDims } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { isInteger, nonNegativeInput, scalarOf, sumTo } from '../shaping.ts';
import { one, zip } from '../value.ts';
import { affineMap, affineOf, isAgainstConstant, zerosFor } from './affine.ts';

/** Product of two tensors, or a scaling where one is a constant. */
export const mul: Operator = {
  op: 'Mul',
  shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
  role(site) {
    const input = [0, 1].find((i) => isAgainstConstant(site, i));
    if (input === undefined) return { kind: 'product', form: 'elements' };
    return { kind: 'linear', map: affineMap(site, { input, weight: site.input(1 - input) }) };
  },
  nonNegative: (site, known) =>
    site.input(0) === site.input(1) || (nonNegativeInput(site, known, 0) && nonNegativeInput(site, known, 1)),
  evaluate: (_, [x, y]) => one(x && y && zip(x, y, multiplyDims)),
  affine: (site) => affineOf(site, (_, c) => ({ scale: c, shift: zerosFor(c) })),
  gate(site, factor, input) {
    const c = scalarOf(site, 1);
    return c !== undefined && input(0, factor * c);
  },
  vjp: (b, site, [dy], input) =>
    dy && sumTo(b, b.op('Mul', [dy, site.input(1 - input)]), site.output(), site.shape(input)),
};

/** Quotient: of a tensor by a constant a scaling, of a constant by a tensor a function of each element. */
export const div: Operator = {
  op: 'Div',
  shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
  role(site) {
    if (isAgainstConstant(site, 1)) return { kind: 'activation' };
    if (!isAgainstConstant(site, 0)) return { kind: 'product', form: 'quotient' };
    const derive = (b: GraphBuilder) => ({ weight: b.op('Reciprocal', [site.input(1)]) });
    return { kind: 'linear', map: affineMap(site, { input: 0, derive }) };
  },
  nonNegative: (site, known) => nonNegativeInput(site, known, 0) && nonNegativeInput(site, known, 1),
  evaluate: (site, [x, y]) => one(x && y && zip(x, y, isInteger(site.type(0)) ? wholeQuotient : quotient)),
  affine: (site) =>
    affineOf(site, (input, c) =>
      input === 0 ? { scale: c.map((v) => 1 / v), shift: zerosFor(c) } : undefined,
    ),
  gate(site, factor, input) {
    const c = scalarOf(site, 1);
    return c !== undefined && input(0, factor / c);
  },
  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    const dx = b.op('Div', [dy, site.input(1)]);
    const d = input === 0 ? dx : b.op('Neg', [b.op('Mul', [dx, site.node.outputs[0]])]);
    return sumTo(b, d, site.output(), site.shape(input));
  },
};

const quotient = (x: Dim, y: Dim): Dim | undefined =>
  typeof x === 'number' && typeof y === 'number' ? x / y : divideDims(x, y);

/** As integers are divided: towards zero. */
const wholeQuotient = (x: Dim, y: Dim): Dim | undefined =>
  typeof x === 'number' && typeof y === 'number' && y !== 0 ? Math.trunc(x / y) : divideDims(x, y);
