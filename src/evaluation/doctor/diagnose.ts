import { type EvidenceMeasure, evidenceOf, type MistakeEvidence } from './evidence.ts';
import { noteOnMean, noteOnScores } from './notes.ts';
import type { PixelStatistics } from './pixels.ts';
import { type OtherRounding, otherRounding } from './rounding.ts';
import { type Tried, unseenBelow } from './rounds.ts';
import { answersOf, pixelsOf, type SearchOutcome, searchAround, type VariantSearch } from './search.ts';
import type { MistakeKind, Setup } from './setup.ts';
import { softmaxTwice, withoutNode } from './softmax.ts';
import { openTrial, type Trial, type TrialOptions } from './trial.ts';
import { roundingText } from './variants.ts';
import { warningsOf } from './warnings.ts';

/** A mistake, or a sign of one. */
export interface Mistake {
  readonly kind: MistakeKind;
  readonly what: string;
  /** Without it the graph itself, or the answers, show the mistake. */
  readonly evidence?: MistakeEvidence;
  /** The evidence's p, adjusted for the number of things that were tried at the same time. */
  readonly adjusted?: number;
  readonly tried?: number;
  /** What these photos cannot tell from it. */
  readonly equals: readonly string[];
  readonly before: Setup;
  /** With the mistake, and those before it, mended; the same as before where nobody knows how. */
  readonly after: Setup;
  /** What to do where no setup mends it. */
  readonly advice?: string;
}

/** What the doctor found by asking a model in other ways, too. */
export interface Diagnosis {
  readonly measure: EvidenceMeasure;
  /** Photos that were answered. */
  readonly n: number;
  /** As the model is. */
  readonly value: number;
  /** Improvements of accuracy below this stay unseen with so few photos. */
  readonly unseen?: number;
  /** What was found, that with most effect first; each is measured with those before it mended. */
  readonly findings: readonly Mistake[];
  /** What is no mistake, but good to know. */
  readonly notes: readonly string[];
  readonly tried: readonly Tried[];
  readonly pixels: PixelStatistics;
  /** With all findings mended. */
  readonly setup: Setup;
}

/** What is known of a model that its answers do not show. */
export interface DiagnoseOptions {
  /** Whether pooling layers are known to round as the network was trained: those of Caffe's own files. */
  readonly poolingKnown?: boolean | undefined;
  /** What a class is called in findings. */
  readonly nameOf?: ((index: number) => string) | undefined;
}

/** Mistakes that are mended one after the other, at most. */
const MOST = 4;

/**
 * Looks for mistakes in how a model is used: tries every other way that people confuse with it on the same photos, takes
 * the one that helps most beyond chance, and looks on from there. Errors: no photo can be read; whatever loading or
 * running the model refuses.
 */
export async function diagnose(
  given: Setup,
  conditions: TrialOptions,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const trial = openTrial(conditions);
  try {
    return await lookForMistakes(given, conditions, trial, options);
  } finally {
    await trial.close();
  }
}

async function lookForMistakes(
  given: Setup,
  conditions: TrialOptions,
  trial: Trial,
  { poolingKnown = false, nameOf = String }: DiagnoseOptions,
): Promise<Diagnosis> {
  const { head, sample } = conditions;
  const measure: EvidenceMeasure = head.kind === 'number' ? 'error' : 'accuracy';
  const rounding = poolingKnown ? undefined : otherRounding(given.graph);
  const misfit = rounding && misfitFinding(given, rounding);
  const findings: Mistake[] = misfit ? [misfit] : [];
  const tried: Tried[] = [];
  const start = misfit?.after ?? given;
  const pixels = await pixelsOf(start, sample);
  let answered = await answersOf(start, conditions, trial);
  const { n, before: value } = evidenceOf(measure, answered.losses, answered.losses);

  const search: VariantSearch = { conditions, trial, measure, rounding, nameOf };
  for (let round = 0; round < MOST; round++) {
    const seen = round === 0 ? pixels : await pixelsOf(answered.setup, sample);
    const outcome = await searchAround(search, answered, seen, round === 0);
    tried.push(...outcome.tried);
    const found = variantFinding(answered.setup, outcome);
    if (!found) break;
    findings.push(found);
    answered = await answersOf(found.after, conditions, trial);
  }

  const { scored } = answered;
  const twice = await softmaxFinding(answered.setup, conditions, trial);
  if (twice) findings.push(twice);
  const setup = twice?.after ?? answered.setup;
  for (const { kind, what, advice } of warningsOf(scored, sample, head.kind, setup.order)) {
    findings.push({ kind, what, advice, equals: [], before: setup, after: setup });
  }
  const notes = [...noteOnMean(given, pixels), ...noteOnScores(setup, conditions, scored)];
  const unseen = measure === 'accuracy' ? unseenBelow(n, tried.length) : undefined;
  return {
    measure,
    n,
    value,
    ...(unseen !== undefined && { unseen }),
    findings,
    notes,
    tried,
    pixels,
    setup,
  };
}

/** The graph's shapes fit only if its pooling layers round the other way. */
function misfitFinding(given: Setup, rounding: OtherRounding): Mistake | undefined {
  if (rounding.misfit === undefined) return undefined;
  const what = `${roundingText(rounding)}: only so do its shapes fit (${rounding.misfit})`;
  const after = { ...given, graph: rounding.graph };
  return { kind: 'pooling', what, equals: [], before: given, after };
}

/** The variant that a search believes in, as a mistake of the setup that it began with. */
function variantFinding(before: Setup, { choice, among }: SearchOutcome): Mistake | undefined {
  if (!choice) return undefined;
  const { evidence, adjusted, variant } = choice.chosen;
  return {
    kind: variant.kind,
    what: variant.what,
    evidence,
    adjusted,
    tried: among,
    equals: choice.equals.map((each) => each.variant.what),
    before,
    after: variant.setup,
  };
}

async function softmaxFinding(
  setup: Setup,
  conditions: TrialOptions,
  trial: Trial,
): Promise<Mistake | undefined> {
  const found = conditions.head.kind === 'classes' && softmaxTwice(setup.graph, conditions.head.output);
  if (!found) return undefined;
  const after = { ...setup, graph: withoutNode(setup.graph, found.outer) };
  const scored = await trial.ask([setup, after], conditions.sample);
  const [before, once] = scored.map(({ scores }) =>
    scores.map((values, i) => {
      const { truth } = conditions.sample[i];
      const score = values?.[setup.order ? setup.order.indexOf(truth) : truth];
      return score === undefined ? undefined : -Math.log(Math.max(score, 1e-12));
    }),
  );
  return {
    kind: 'softmax',
    what: `the softmax '${found.outer.name}' stands on another, '${found.inner.name}': its probabilities are flat`,
    evidence: evidenceOf('nll', before, once),
    equals: [],
    before: setup,
    after,
  };
}
