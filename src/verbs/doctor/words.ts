import { percent, plural, short } from '../../common/format.ts';
import type { EvidenceMeasure, MistakeEvidence } from '../../evaluation/index.ts';
import type { DoctorFinding, DoctorResult } from './result.ts';

/* What the doctor found, in words that are the same on the command line and in the page. */

/** What each measure is called. */
export const measureNames: Readonly<Record<EvidenceMeasure, string>> = {
  accuracy: 'accuracy',
  error: 'mean absolute error',
  nll: 'negative log-likelihood',
};

/** A measure's value: shares in percent. */
export const measureText = (measure: EvidenceMeasure, value: number): string =>
  measure === 'accuracy' ? percent(value) : short(value);

/** How much better the same photos are answered once a finding is mended, with its interval and test. */
export function evidenceText(
  { measure, before, after, gain, better, worse, n, p }: MistakeEvidence,
  { adjusted, tried }: Pick<DoctorFinding, 'adjusted' | 'tried'>,
): string {
  const signed = (value: number) => {
    const text = measure === 'accuracy' ? (100 * Math.abs(value)).toFixed(1) : short(Math.abs(value));
    return `${value < 0 ? '−' : '+'}${text}`;
  };
  const unit = measure === 'accuracy' ? ' points' : '';
  const test = adjusted === undefined ? '' : `, ${short(adjusted)} after Holm for ${tried} tries`;
  return (
    `${measureNames[measure]} ${measureText(measure, before)} → ${measureText(measure, after)}: ${signed(gain.value)}${unit} ` +
    `better (95 % interval ${signed(gain.low)} to ${signed(gain.high)}); of ${plural(n, 'photo')} ${better} better, ` +
    `${worse} worse; p = ${short(p)}${test}`
  );
}

/** That nothing was found, and what `larger` samples may still find; `ways` is how many other ways to use the model were tried. */
export function nothingText({ unseen }: Pick<DoctorResult, 'unseen'>, ways: number, larger: string): string {
  const limit =
    unseen === undefined ? '' : ` (gains below ${(100 * unseen).toFixed(1)} points need ${larger})`;
  return `nothing found: none of ${plural(ways, 'other way')} to use it is better beyond chance${limit}`;
}
