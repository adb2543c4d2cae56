import { fail } from '../../common/error.ts';
import type { Conversion, Converter } from './converter.ts';

/** y = (shift + scale·x)^power. */
export const power: Converter = (c) => {
  const { power, scale, shift } = c.layer.powerParam ?? { power: 1, scale: 1, shift: 0 };
  const x = c.bottoms[0].value;
  const last = power !== 1 ? 'Pow' : shift !== 0 ? 'Add' : scale !== 1 ? 'Mul' : 'Identity';
  if (last === 'Identity') return c.result('Identity', [x]);
  if (last === 'Mul') return c.result('Mul', [x, c.scalar('scale', scale)]);
  const scaled = scale === 1 ? x : c.step('scale', 'Mul', [x, c.scalar('scale', scale)]).value;
  if (last === 'Add') return c.result('Add', [scaled, c.scalar('shift', shift)]);
  const shifted = shift === 0 ? scaled : c.step('shift', 'Add', [scaled, c.scalar('shift', shift)]).value;
  c.result('Pow', [shifted, c.scalar('power', power)]);
};

/** y = base^(shift + scale·x); base −1 means e. */
export const exp: Converter = (c) => {
  const { base, scale, shift } = c.layer.expParam ?? { base: -1, scale: 1, shift: 0 };
  const log = logOf(c, base);
  c.result('Exp', [inner(c, log * scale, log * shift)]);
};

/** y = log_base(shift + scale·x); base −1 means e. */
export const log: Converter = (c) => {
  const { base, scale, shift } = c.layer.logParam ?? { base: -1, scale: 1, shift: 0 };
  const argument = inner(c, scale, shift);
  if (base === -1) return c.result('Log', [argument]);
  const natural = c.step('log', 'Log', [argument]).value;
  c.result('Mul', [natural, c.scalar('factor', 1 / logOf(c, base))]);
};

/** shift + scale·x. */
function inner(c: Conversion, scale: number, shift: number): string {
  const x = c.bottoms[0].value;
  const scaled = scale === 1 ? x : c.step('scale', 'Mul', [x, c.scalar('scale', scale)]).value;
  return shift === 0 ? scaled : c.step('shift', 'Add', [scaled, c.scalar('shift', shift)]).value;
}

function logOf(c: Conversion, base: number): number {
  if (base === -1) return 1;
  if (!(base > 0) || base === 1) fail(c.where, `base ${base} must be greater than 0 and not 1`, '-1 means e');
  return Math.log(base);
}
