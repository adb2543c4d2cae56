import { float32, type GraphBuilder } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { scalarOf, sumTo } from '../shaping.ts';
import type { Site } from '../site.ts';
import { one, zip } from '../value.ts';

/** y = xᵖ with broadcasting; the exponent may be of an integer type. A constant exponent gets no gradient. */
export const pow: Operator = {
  op: 'Pow',
  shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
  role: (site) => (site.constant(1) ? { kind: 'activation' } : { kind: 'product', form: 'power' }),
  nonNegative: (site, known) =>
    known(site.input(0)) || (site.constant(1) !== undefined && site.constants(1).every((p) => p % 2 === 0)),
  evaluate: (_, [x, y]) =>
    one(x && y && zip(x, y, (a, p) => (typeof a === 'number' && typeof p === 'number' ? a ** p : undefined))),
  // (1 + Σ x²)^(−β), as in normalisation within a channel.
  gate: (site) => (scalarOf(site, 1) ?? 0) < 0,
  vjp(b, site, [dy], input) {
    if (dy === undefined || (input === 1 && site.constant(1))) return undefined;
    const derivative = input === 0 ? inBase(b, site) : inExponent(b, site);
    return sumTo(b, b.op('Mul', [dy, derivative]), site.output(), site.shape(input));
  },
};

/** p·x^(p−1), without Pow where the exponent is 2. */
function inBase(b: GraphBuilder, site: Site): string {
  const x = site.input(0);
  const constant = site.constant(1);
  if (!constant) {
    const p = site.input(1);
    return b.op('Mul', [p, b.op('Pow', [x, b.op('Sub', [p, b.scalar(1)])])]);
  }
  const exponents = site.constants(1);
  if (exponents.every((p) => p === 2))
    return b.op('Mul', [x, b.constant(float32(constant.shape, exponents))]);
  const lowered = b.constant(
    float32(
      constant.shape,
      exponents.map((p) => p - 1),
    ),
  );
  return b.op('Mul', [b.constant(float32(constant.shape, exponents)), b.op('Pow', [x, lowered])]);
}

/** y·log x. */
function inExponent(b: GraphBuilder, site: Site): string {
  return b.op('Mul', [site.node.outputs[0], b.op('Log', [site.input(0)])]);
}
