import { compareDims, type Dim } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { isInteger } from '../shaping.ts';
import type { Site } from '../site.ts';
import { map, mapNumbers, one, zip } from '../value.ts';
import { computing } from './computing.ts';

/** A comparison, element by element with broadcasting: `holds` of the order of the two (−1, 0 or 1). */
const comparison = (op: string, holds: (order: number) => boolean): Operator =>
  computing(op, {
    shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
    type: () => 'bool',
    evaluate: (_, [x, y]) =>
      one(
        x &&
          y &&
          zip(x, y, (a, b) => {
            const order = compare(a, b);
            return order === undefined ? undefined : Number(holds(order));
          }),
      ),
  });

/** NaN compares to nothing: no comparison holds. */
function compare(a: Dim, b: Dim): number | undefined {
  if (typeof a !== 'number' || typeof b !== 'number') return compareDims(a, b);
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
}

export const equal = comparison('Equal', (order) => order === 0);
export const less = comparison('Less', (order) => order < 0);
export const lessOrEqual = comparison('LessOrEqual', (order) => order <= 0);
export const greater = comparison('Greater', (order) => order > 0);
export const greaterOrEqual = comparison('GreaterOrEqual', (order) => order >= 0);

/** A function of two conditions, element by element. */
const logical = (op: string, of: (x: boolean, y: boolean) => boolean): Operator =>
  computing(op, {
    shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
    type: () => 'bool',
    evaluate: (_, [x, y]) => one(x && y && zip(x, y, (a, b) => Number(of(a !== 0, b !== 0)))),
  });

export const and = logical('And', (x, y) => x && y);
export const or = logical('Or', (x, y) => x || y);
export const xor = logical('Xor', (x, y) => x !== y);

/** The opposite of a condition. */
export const not: Operator = computing('Not', {
  shapes: (site) => [site.shape(0)],
  type: () => 'bool',
  evaluate: (_, [x]) => one(x && map(x, (value) => Number(value === 0))),
});

/** Whether elements are no finite numbers, in a way. */
const unusual = (op: string, is: (value: number, site: Site) => boolean): Operator =>
  computing(op, {
    shapes: (site) => [site.shape(0)],
    type: () => 'bool',
    evaluate: (site, [x]) => one(x && mapNumbers(x, (value) => Number(is(value, site)))),
  });

export const isNanOperator = unusual('IsNaN', Number.isNaN);
export const isInfOperator = unusual(
  'IsInf',
  (value, site) =>
    (value === Number.POSITIVE_INFINITY && site.int('detect_positive', 1) === 1) ||
    (value === Number.NEGATIVE_INFINITY && site.int('detect_negative', 1) === 1),
);

/** The rest of a division: with the divisor's sign, or (`fmod`) with the dividend's. */
export const mod: Operator = computing('Mod', {
  shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
  evaluate(site, [x, y]) {
    const truncated = site.int('fmod', 0) === 1;
    if (!truncated && !isInteger(site.type(0))) site.fail('floats need fmod');
    const rest = (a: Dim, b: Dim): Dim | undefined => {
      if (typeof a !== 'number' || typeof b !== 'number') return undefined;
      return truncated ? a % b : a - Math.floor(a / b) * b;
    };
    return one(x && y && zip(x, y, rest));
  },
});
