import type { OutcomeInfo } from '../evaluation/comparison/index.ts';

type Kind = OutcomeInfo['kind'];

/** A share in per cent with one digit, a number with two; no unit, and a true minus sign. */
export function figure(value: number, kind: Kind): string {
  const text = kind === 'share' ? (100 * value).toFixed(1) : value.toFixed(2);
  return text.replace(/^-/, /[1-9]/.test(text) ? '−' : '');
}

/** {@link figure} with its sign: `+4.4`. */
export function signed(value: number, kind: Kind): string {
  const text = figure(value, kind);
  return text.startsWith('−') || !/[1-9]/.test(text) ? text : `+${text}`;
}

/** {@link figure} with its unit: `58.8 %`. */
export const withUnit = (value: number, kind: Kind): string =>
  kind === 'share' ? `${figure(value, kind)} %` : figure(value, kind);

interface Ends {
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** `57.0 to 60.6`, empty without an interval. */
export const interval = ({ low, high }: Ends, kind: Kind): string =>
  low === undefined || high === undefined ? '' : `${figure(low, kind)} to ${figure(high, kind)}`;

/** A p-value as people read it: `0.61`, `0.012`, `< 0.0001`. */
export function pText(p: number): string {
  if (p < 0.0001) return '< 0.0001';
  return p >= 0.1 ? p.toFixed(2) : p.toFixed(Math.min(4, 1 - Math.floor(Math.log10(p))));
}

/** {@link pText} in a sentence: `p = 0.012`, `p < 0.0001`. */
export const pSentence = (p: number): string => (p < 0.0001 ? 'p < 0.0001' : `p = ${pText(p)}`);

/** Numbers for other programs: as many digits as mean something. */
export const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Number(value.toPrecision(8));
