import { type GraphBuilder, numbers } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { nonNegativeInput, sumTo } from '../shaping.ts';
import type { Site } from '../site.ts';
import { one, zip } from '../value.ts';

/** The elements of one tensor where a condition holds, of another elsewhere. */
export const where: Operator = {
  op: 'Where',
  shapes: (site) => [broadcast(site, site.shape(0), broadcast(site, site.shape(1), site.shape(2)))],
  types: (site) => [site.type(1)],
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => nonNegativeInput(site, known, 1) && nonNegativeInput(site, known, 2),
  evaluate(_, [condition, x, y]) {
    if (!condition || !x || !y) return undefined;
    // What the condition does not choose is marked by an empty name, which no dimension has.
    const chosen = zip(condition, x, (c, value) => (c === 0 ? '' : value));
    return one(chosen && zip(chosen, y, (value, other) => (value === '' ? other : value)));
  },
  vjp(b, site, [dy], input) {
    if (dy === undefined || input === 0) return undefined;
    return sumTo(b, given(b, site, dy, input), site.output(), site.shape(input));
  },
};

/** The cotangent where the i-th input was chosen. A constant condition is stored as factors, which every provider has. */
function given(b: GraphBuilder, site: Site, dy: string, input: number): string {
  const condition = site.constant(0);
  if (!condition) {
    const branches = input === 1 ? [dy, b.scalar(0)] : [b.scalar(0), dy];
    return b.op('Where', [site.input(0), ...branches]);
  }
  const factors = numbers(condition).map((value) => Number((value !== 0) === (input === 1)));
  const mask = b.table(`chosen ${site.input(0)} ${input}`, () => ({
    type: 'float32',
    shape: condition.shape,
    data: Float32Array.from(factors),
  }));
  return b.op('Mul', [dy, mask]);
}
