import { argmax } from '../../classifier/rank.ts';
import type { EvidenceMeasure } from './evidence.ts';
import { type PixelStatistics, pixelStatistics } from './pixels.ts';
import { type Relabelling, relabellings } from './relabel.ts';
import type { OtherRounding } from './rounding.ts';
import { chooseVariant, judge, proves, runRounds, type Tried } from './rounds.ts';
import type { Setup, SetupVariant } from './setup.ts';
import { type LabelledPicture, lossesOf, type Trial, type TrialOptions, type TrialScores } from './trial.ts';
import { pairs, singles } from './variants.ts';
import { warningsOf } from './warnings.ts';

/** What stays the same while variants of one setup after the other are tried. */
export interface VariantSearch {
  readonly conditions: TrialOptions;
  readonly trial: Trial;
  readonly measure: EvidenceMeasure;
  /** The other rounding of the pooling layers, where it is in doubt. */
  readonly rounding: OtherRounding | undefined;
  /** What a class is called in findings. */
  readonly nameOf: (index: number) => string;
}

/** A setup, and what it answers to the whole sample. */
export interface AnsweredSetup {
  readonly setup: Setup;
  readonly scored: TrialScores;
  /** How wrong each answer is; undefined for photos that cannot be read. */
  readonly losses: readonly (number | undefined)[];
}

/** What one look around a setup came to. */
export interface SearchOutcome {
  /** The variant to believe, and those that these photos cannot tell from it; undefined where none is proven. */
  readonly choice: ReturnType<typeof chooseVariant>;
  /** Variants among which it was chosen. */
  readonly among: number;
  /** All that was tried. */
  readonly tried: readonly Tried[];
}

/** Photos whose pixels are looked at for their statistics. */
const LOOKED_AT = 48;

/** Asks a setup about the whole sample. Errors: no photo can be read. */
export async function answersOf(
  setup: Setup,
  { sample, head }: TrialOptions,
  { ask }: Trial,
): Promise<AnsweredSetup> {
  const [scored] = await ask([setup], sample);
  return { setup, scored, losses: lossesOf(scored, sample, head.kind, setup.order) };
}

/** Statistics of the sample's first photos, as a setup crops them. */
export async function pixelsOf({ how }: Setup, sample: readonly LabelledPicture[]): Promise<PixelStatistics> {
  const found = [];
  for (const each of sample.slice(0, LOOKED_AT)) {
    const picture = await each.picture().catch(() => undefined);
    if (picture) found.push(picture);
  }
  return pixelStatistics(found, how);
}

/** Tries everything that is one change away from a setup; with `two` also pairs of changes, where that proves nothing. */
export async function searchAround(
  search: VariantSearch,
  from: AnsweredSetup,
  pixels: PixelStatistics,
  two: boolean,
): Promise<SearchOutcome> {
  const { head, sample } = search.conditions;
  const { setup, scored } = from;
  const labels = head.kind === 'number' ? [] : relabelled(from, sample, search.nameOf);
  const single = await tryVariants(search, from, singles(setup, pixels, search.rounding), labels);
  // Two mistakes may leave so little of a model's answers that mending one shows nothing.
  if (single.choice || !two || warningsOf(scored, sample, head.kind, setup.order).length === 0) return single;
  const both = await tryVariants(search, from, pairs(setup, pixels), []);
  return { ...both, tried: [...single.tried, ...both.tried] };
}

/** Holds variants, and orders of labels whose losses are known, against the answers of a setup. */
async function tryVariants(
  { conditions, trial, measure }: VariantSearch,
  { losses }: AnsweredSetup,
  variants: readonly SetupVariant[],
  guesses: readonly RelabelledSetup[],
): Promise<SearchOutcome> {
  const answered = await runRounds(variants, losses, conditions, trial);
  const tried = judge(
    [...variants, ...guesses.map(({ variant }) => variant)],
    [...answered, ...guesses.map(({ guess }) => guess.losses)],
    losses,
    measure,
  );
  const proven = tried.filter((each) => proves(each) && (each.variant.kind !== 'labels' || convinces(each)));
  return { choice: chooseVariant(proven), among: tried.length, tried };
}

/** A setup with another order of labels; its losses follow from the answers that are there. */
interface RelabelledSetup {
  readonly variant: SetupVariant;
  readonly guess: Relabelling;
}

function relabelled(
  { setup, scored: { scores } }: AnsweredSetup,
  sample: readonly LabelledPicture[],
  nameOf: (index: number) => string,
): RelabelledSetup[] {
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
