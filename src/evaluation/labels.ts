import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import { field, words } from '../common/words.ts';
import {
  AGE_LABELS,
  adienceAges,
  ageClass,
  type Between,
  GENDER_LABELS,
  genderClass,
  type Label,
} from '../data/index.ts';
import type { Head } from '../graph/index.ts';

/** How a data set's labels and a model's output are brought to the same classes, or numbers. */
export interface LabelReading {
  /** The output as answers have it: with Adience's classes where a number is sorted into them. */
  readonly head: Head;
  readonly ordered: boolean;
  /** Whether scores stay the probabilities that they may be. */
  readonly probabilities: boolean;
  /** The rules, in sentences. */
  readonly notes: readonly string[];
  /** The class or number of a label; undefined where it has none and the image is left out. Errors name `where`. */
  truth(label: Label, where: string): number | undefined;
  /** What is kept of the model's output for an image; `scores` unless something is made of them. */
  scores(scores: readonly number[]): readonly number[];
}

/** How the labels of the data and the classes of a model come together. */
export interface LabelReadingOptions {
  /** What is asked for: `age`, `gender`, or the name of a column. */
  readonly target: string;
  /** Sorts ages, also a regression's, into Adience's classes. */
  readonly as?: 'adience' | undefined;
  /** What becomes of true ages that no class holds; `drop` unless given. */
  readonly between?: Between | undefined;
  /** Classes have an order; those of ages always do. */
  readonly ordered?: boolean | undefined;
  /** The names of the data's classes, where its labels are numbers that have names. */
  readonly names?: readonly string[] | undefined;
}

/**
 * Decides how labels are read for an output of `classes` values: numbers for a regression; ages and the gender
 * annotation by their meaning, in any notation; all other classes by name, or by index where there are no names.
 * Errors: names of the data that the model does not know.
 */
export function readingOf(head: Head, classes: number, options: LabelReadingOptions): LabelReading {
  const { target, as, ordered = false } = options;
  const same = (scores: readonly number[]) => scores;
  const plain = { head, ordered, probabilities: true, scores: same };
  if (head.kind === 'number') return as === 'adience' ? sorted(head, options) : { ...plain, ...numbers };
  if (target === 'age' && classes === AGE_LABELS.length) {
    return { ...plain, ...ages(head, options), ordered: true };
  }
  if (as === 'adience') {
    fail(
      `output ${quoted(head.name)}`,
      `${classes} classes are not Adience's`,
      words`leave out ${field('as')}, or choose a ${field('head')}`,
    );
  }
  if (target === 'gender' && classes === GENDER_LABELS.length) return { ...plain, ...genders(head) };
  return { ...plain, ...classesByName(head, classes, options.names) };
}

const numbers: Pick<LabelReading, 'truth' | 'notes'> = {
  notes: ['a band of ages counts as its middle (20-29 as 24.5); open bands (70+) are left out'],
  truth(label, where) {
    if (typeof label === 'number') return label;
    const text = label.trim();
    if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return Number(text);
    const band = /^[([]?\s*(\d+)\s*(?:-|–|,|to)\s*(\d+)\s*[)\]]?$/.exec(text);
    if (band) return (Number(band[1]) + Number(band[2])) / 2;
    if (/^\d+\s*\+$|^(more than|over|>=?|≥)\s*\d+$/i.test(text)) return undefined;
    return fail(where, `${quoted(label)} is no number`, words`choose another ${field('target')}`);
  },
};

/** Ages of the data as Adience's classes; numbers are the classes themselves. */
function adienceTruth({ between }: LabelReadingOptions): Pick<LabelReading, 'truth' | 'notes'> {
  const rule = adienceAges({ between });
  const known = adienceAges({ notation: 'class' });
  return {
    notes: [`true ages: ${rule.description}`],
    truth: (label, where) => (typeof label === 'number' ? known : rule).classOf(label, where),
  };
}

/** A regression's number as Adience's classes. */
function sorted(head: Head, options: LabelReadingOptions): LabelReading {
  const { truth, notes } = adienceTruth(options);
  return {
    head: { ...head, kind: 'classes', labels: AGE_LABELS },
    ordered: true,
    probabilities: false,
    notes: [
      ...notes,
      "the predicted age is cut to whole years and goes to the class that holds it, or else to the nearest, the younger of two; it has that class' score 1, all others 0",
    ],
    truth,
    scores([years]) {
      const whole = Math.min(Math.max(Math.floor(years), 0), 999);
      const index = ageClass(String(whole), 'prediction', { between: 'nearest' });
      return AGE_LABELS.map((_, i) => (i === index ? 1 : 0));
    },
  };
}

/** Ages for a classifier of Adience's classes, whatever the order of its labels. */
function ages(head: Head, options: LabelReadingOptions): Pick<LabelReading, 'truth' | 'notes'> {
  const { truth, notes } = adienceTruth(options);
  const indices = places(head.labels, AGE_LABELS, (label) => ageClass(label, label, { between: 'nearest' }));
  // One-off accuracy counts places, so they must be in the order of age.
  if (indices?.some((index, i) => index !== i)) {
    fail(`output ${quoted(head.name)}`, `its labels are not in the order of age: ${head.labels!.join(', ')}`);
  }
  return { notes, truth };
}

function genders(head: Head): Pick<LabelReading, 'truth' | 'notes'> {
  const indices = places(head.labels, GENDER_LABELS, (label) => genderClass(label, label)) ?? [0, 1];
  const classOf = (label: Label, where: string) => {
    const found = genderClass(String(label), where);
    return found === undefined ? undefined : indices[found];
  };
  return { notes: ['the binary gender annotation: unknown is left out'], truth: classOf };
}

/** Where each class of a meaning stands among a model's labels; undefined unless each stands there once. */
function places(
  labels: readonly string[] | undefined,
  meaning: readonly string[],
  read: (label: string) => number | undefined,
): number[] | undefined {
  const found = labels?.map((label) => {
    try {
      return read(label);
    } catch {
      return undefined;
    }
  });
  const indices = meaning.map((_, i) => found?.indexOf(i) ?? -1);
  return indices.includes(-1) ? undefined : indices;
}

function classesByName(
  head: Head,
  classes: number,
  names: readonly string[] | undefined,
): Pick<LabelReading, 'truth' | 'notes'> {
  const own = new Map(head.labels?.map((label, i) => [normal(label), i]));
  const byName = (name: string) => own.get(normal(name));
  const byIndex = (index: number, where: string, written: number | string = index): number =>
    Number.isInteger(index) && index >= 0 && index < classes
      ? index
      : fail(
          where,
          `label ${written} is none of the model's classes 0–${classes - 1}`,
          words`check ${field('target')} and ${field('head')}`,
        );
  if (names) {
    const unknown = names.filter((name) => byName(name) === undefined);
    if (unknown.length === 0) {
      return { notes: ['classes are matched by name'], truth: (label) => byName(names[Number(label)])! };
    }
    if (unknown.length < names.length || names.length !== classes) {
      fail(
        `output ${quoted(head.name)}`,
        `it has no class ${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? ', …' : ''} of the data`,
        `its ${classes} classes: ${head.labels?.slice(0, 10).join(', ') ?? 'have no names'}`,
      );
    }
  }
  return {
    notes: [
      names
        ? 'no class has the same name in the data and the model: they are matched by index'
        : 'classes are matched by name, numbers by index',
    ],
    truth(label, where) {
      if (typeof label === 'number') return byIndex(label, where);
      const named = byName(label);
      if (named !== undefined) return named;
      if (/^\d+$/.test(label.trim())) return byIndex(Number(label), where, quoted(label.trim()));
      return fail(
        where,
        `the model has no class ${quoted(label)}`,
        `its classes: ${head.labels?.slice(0, 10).join(', ') ?? 'have no names, give indices'}`,
      );
    },
  };
}

const normal = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, ' ');
