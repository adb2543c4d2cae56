import { holm } from '../statistics/holm.ts';
import { mcnemar } from '../statistics/mcnemar.ts';
import { type Evidence, evidenceOf, type Measure } from './evidence.ts';
import type { SetupVariant } from './setup.ts';
import { type LabelledPicture, lossesOf, type Trial, type TrialOptions } from './trial.ts';

/** A variant with how much better it is than what it was tried against. */
export interface Tried {
  readonly variant: SetupVariant;
  readonly evidence: Evidence;
  /** The evidence's p, adjusted for all variants that were tried with it (Holm). */
  readonly adjusted: number;
  /** How wrong each answer of it is; only so far as it was asked. */
  readonly losses: readonly (number | undefined)[];
}

/** Claims that are wrong in at most one of a hundred models without a mistake. */
export const ALPHA = 0.01;

/** Smaller improvements are a matter of taste or chance, not of a mistake: points of accuracy; parts of an error. */
const LEAST = { accuracy: 0.03, error: 0.1, nll: 0 };

/** With fewer photos than this nothing is stopped early. */
const ENOUGH = 80;

/**
 * Asks all variants about the sample's first quarter, those that are not worse there about the second, and those that
 * are better so far about the rest. Returns one list of losses for each, undefined where it was not asked.
 */
export async function runRounds(
  variants: readonly SetupVariant[],
  baseline: readonly (number | undefined)[],
  { sample, head }: Pick<TrialOptions, 'sample' | 'head'>,
  { ask }: Pick<Trial, 'ask'>,
): Promise<(number | undefined)[][]> {
  const n = sample.length;
  const ends = n < ENOUGH ? [n] : [Math.ceil(n / 4), Math.ceil(n / 2), n];
  const losses = variants.map((): (number | undefined)[] => []);
  let going = variants.map((_, i) => i);
  let from = 0;
  for (const end of ends) {
    if (going.length === 0) break;
    const part: readonly LabelledPicture[] = sample.slice(from, end);
    const scored = await ask(
      going.map((i) => variants[i].setup),
      part,
    );
    going.forEach((i, r) => {
      losses[i].push(...lossesOf(scored[r], part, head.kind, variants[i].setup.order));
    });
    const first = from === 0;
    from = end;
    going = going.filter((i) => {
      const gain = gained(baseline, losses[i]);
      return gain > 0 || (first && gain === 0);
    });
  }
  return losses;
}

const gained = (before: readonly (number | undefined)[], after: readonly (number | undefined)[]): number =>
  after.reduce<number>((sum, loss, i) => sum + (loss === undefined ? 0 : (before[i] ?? loss) - loss), 0);

/** Holds each variant's losses against the baseline's; those that were stopped early prove nothing. */
export function judge(
  variants: readonly SetupVariant[],
  losses: readonly (readonly (number | undefined)[])[],
  baseline: readonly (number | undefined)[],
  measure: Measure,
): Tried[] {
  const evidence = losses.map((each) => evidenceOf(measure, baseline, each));
  const adjusted = holm(evidence.map(({ p }, i) => (losses[i].length < baseline.length ? 1 : p)));
  return variants.map((variant, i) => ({
    variant,
    evidence: evidence[i],
    adjusted: adjusted[i],
    losses: losses[i],
  }));
}

/** Whether a variant shows a mistake: better beyond chance, and by enough to matter. */
export function proves({ evidence, adjusted }: Tried): boolean {
  const { measure, before, gain } = evidence;
  const least = measure === 'error' ? LEAST.error * before : LEAST[measure];
  return adjusted < ALPHA && gain.value >= least;
}

/**
 * The variant to believe: the one that gains most, or a simpler one that these photos cannot tell from it (p > 0.05);
 * with the others that are as good.
 */
export function chooseVariant(proven: readonly Tried[]): { chosen: Tried; equals: Tried[] } | undefined {
  if (proven.length === 0) return undefined;
  const sorted = [...proven].sort((a, b) => b.evidence.gain.value - a.evidence.gain.value);
  const [best] = sorted;
  const equals = sorted.filter(
    (each) => each === best || evidenceOf(best.evidence.measure, each.losses, best.losses).p > 0.05,
  );
  const chosen = equals.reduce((a, b) => (b.variant.changes < a.variant.changes ? b : a));
  return { chosen, equals: equals.filter((each) => each !== chosen) };
}

/** The least gain of accuracy that {@link proves} accepts of one of so many variants, if it makes no answer worse. */
export function unseenBelow(n: number, variants: number): number {
  let better = Math.ceil(LEAST.accuracy * n);
  while (better < n && mcnemar(better, 0) * variants >= ALPHA) better++;
  return better / Math.max(n, 1);
}
