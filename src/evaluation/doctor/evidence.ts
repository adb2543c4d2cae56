import { pairedDifference } from '../statistics/effect.ts';
import { type Interval, Z95 } from '../statistics/interval.ts';
import { mcnemar } from '../statistics/mcnemar.ts';
import { signFlipRandom } from '../statistics/signflip.ts';

/** What is compared: the share of right answers, the mean absolute error, or the mean negative log-likelihood. */
export type EvidenceMeasure = 'accuracy' | 'error' | 'nll';

/** How much better the same images are answered after a change than before. */
export interface MistakeEvidence {
  readonly measure: EvidenceMeasure;
  /** Images that both were asked about. */
  readonly n: number;
  readonly before: number;
  readonly after: number;
  /** The improvement with its 95 % interval: above 0 is better, whatever the measure. */
  readonly gain: Interval & { readonly value: number };
  /** Images that are answered better after it, and worse. */
  readonly better: number;
  readonly worse: number;
  /** Two-sided, of the images' own pairs: McNemar's exact test for accuracy, else random sign flips. */
  readonly p: number;
}

const FLIPS = 20_000;

/**
 * Compares losses image by image: 0 or 1 (wrong) for accuracy. Images without one of the two are left out. Intervals:
 * Bonett and Price 2012 for accuracy, else the mean difference ± 1.96 standard errors.
 */
export function evidenceOf(
  measure: EvidenceMeasure,
  before: readonly (number | undefined)[],
  after: readonly (number | undefined)[],
): MistakeEvidence {
  const pairs = before.flatMap((loss, i) => {
    const other = after[i];
    return loss === undefined || other === undefined ? [] : [[loss, other] as const];
  });
  const n = pairs.length;
  const gains = pairs.map(([x, y]) => x - y);
  const better = gains.filter((gain) => gain > 0).length;
  const worse = gains.filter((gain) => gain < 0).length;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(n, 1);
  const loss = { before: mean(pairs.map(([x]) => x)), after: mean(pairs.map(([, y]) => y)) };
  const value = mean(gains);
  if (measure === 'accuracy') {
    return {
      ...{ measure, n, before: 1 - loss.before, after: 1 - loss.after, better, worse },
      gain: { value, ...pairedDifference(better, worse, n) },
      p: mcnemar(better, worse),
    };
  }
  const sd = Math.sqrt(mean(gains.map((gain) => (gain - value) ** 2)));
  const half = (Z95 * sd) / Math.sqrt(Math.max(n - 1, 1));
  return {
    ...{ measure, n, ...loss, better, worse },
    gain: { value, low: value - half, high: value + half },
    p: n === 0 ? 1 : signFlipRandom(gains, FLIPS, n),
  };
}
