import { argmax } from '../../classifier/rank.ts';

import { type Evidence, evidenceOf, type Measure } from './evidence.ts';
import { noteOnMean, noteOnScores } from './notes.ts';
import { type PixelStatistics, pixelStatistics } from './pixels.ts';
import { type Relabelling, relabellings } from './relabel.ts';
import { otherRounding } from './rounding.ts';
import { chooseVariant, judge, proves, runRounds, type Tried, unseenBelow } from './rounds.ts';
import type { MistakeKind, Setup, SetupVariant } from './setup.ts';
import { softmaxTwice, withoutNode } from './softmax.ts';
import {
  type LabelledPicture,
  lossesOf,
  openTrial,
  type Trial,
  type TrialOptions,
  type TrialScores,
} from './trial.ts';
import { pairs, roundingText, singles } from './variants.ts';
import { warningsOf } from './warnings.ts';

/** A mistake, or a sign of one. */
export interface Mistake {
  readonly kind: MistakeKind;
  readonly what: string;
  /** Without it the graph itself, or the answers, show the mistake. */
  readonly evidence?: Evidence;
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

export interface Diagnosis {
  readonly measure: Measure;
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

export interface DiagnoseOptions {
  /** Whether pooling layers are known to round as the network was trained: those of Caffe's own files. */
  readonly poolingKnown?: boolean | undefined;
  /** What a class is called in findings. */
  readonly nameOf?: ((index: number) => string) | undefined;
}

/** Mistakes that are mended one after the other, at most. */
const MOST = 4;

/** Photos whose pixels are looked at for their statistics. */
const LOOKED_AT = 48;

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
  const measure: Measure = head.kind === 'number' ? 'error' : 'accuracy';
  const findings: Mistake[] = [];
  const tried: Tried[] = [];
  const rounding = poolingKnown ? undefined : otherRounding(given.graph);
  let setup = given;
  if (rounding?.misfit !== undefined) {
    setup = { ...given, graph: rounding.graph };
    const what = `${roundingText(rounding)}: only so do its shapes fit (${rounding.misfit})`;
    findings.push({ kind: 'pooling', what, equals: [], before: given, after: setup });
  }
  const looked = async () => pixelStatistics(await pictures(sample.slice(0, LOOKED_AT)), setup.how);
  const pixels = await looked();
  let [scored] = await trial.ask([setup], sample);
  let losses = lossesOf(scored, sample, head.kind, setup.order);
  const { n, before: value } = evidenceOf(measure, losses, losses);

  const lookFor = async (variants: readonly SetupVariant[], guesses: ReturnType<typeof relabelled>) => {
    const answered = await runRounds(variants, losses, conditions, trial);
    const all = judge(
      [...variants, ...guesses.map(({ variant }) => variant)],
      [...answered, ...guesses.map(({ guess }) => guess.losses)],
      losses,
      measure,
    );
    tried.push(...all);
    const proven = all.filter((each) => proves(each) && (each.variant.kind !== 'labels' || convinces(each)));
    return { choice: chooseVariant(proven), all };
  };

  for (let round = 0; round < MOST; round++) {
    const seen = round === 0 ? pixels : await looked();
    const labels = head.kind === 'number' ? [] : relabelled(setup, scored, sample, nameOf);
    let { choice, all } = await lookFor(singles(setup, seen, rounding), labels);
    // Two mistakes may leave so little of a model's answers that mending one shows nothing.
    if (!choice && round === 0 && warningsOf(scored, sample, head.kind, setup.order).length > 0) {
      ({ choice, all } = await lookFor(pairs(setup, seen), []));
    }
    if (!choice) break;
    const { chosen, equals } = choice;
    findings.push({
      kind: chosen.variant.kind,
      what: chosen.variant.what,
      evidence: chosen.evidence,
      adjusted: chosen.adjusted,
      tried: all.length,
      equals: equals.map(({ variant }) => variant.what),
      before: setup,
      after: chosen.variant.setup,
    });
    setup = chosen.variant.setup;
    [scored] = await trial.ask([setup], sample);
    losses = lossesOf(scored, sample, head.kind, setup.order);
  }

  const twice = await softmaxFinding(setup, conditions, trial);
  if (twice) {
    findings.push(twice);
    setup = twice.after;
  }
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

async function pictures(labelled: readonly LabelledPicture[]) {
  const found = [];
  for (const each of labelled) {
    const picture = await each.picture().catch(() => undefined);
    if (picture) found.push(picture);
  }
  return found;
}

function relabelled(
  setup: Setup,
  { scores }: TrialScores,
  sample: readonly LabelledPicture[],
  nameOf: (index: number) => string,
): { variant: SetupVariant; guess: Relabelling }[] {
  const classes = scores.find((each) => each !== undefined)?.length ?? 0;
  const guesses = relabellings(
    scores.map((values) => values && argmax(values)),
    sample.map(({ truth }) => truth),
    classes,
    nameOf,
  );
  return guesses.map((guess) => ({
    guess,
    // What mends the preparation as well is the likelier mistake: people mix up numbers more often than names.
    variant: { kind: 'labels', what: guess.what, changes: 2, setup: { ...setup, order: guess.order } },
  }));
}

/** A new order of labels must make most answers right: ordered classes that are all a little off gain by it, too. */
const convinces = ({ evidence: { before, after } }: Tried): boolean => after > 0.5 || after > 5 * before;

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
