import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import { field, words } from '../common/words.ts';
import { type Confusion, confusionOf, summed, transposed } from './confusion.ts';
import { spreadOf } from './folds.ts';
import { checkClasses } from './prediction.ts';
import type { Answer } from './result.ts';

/** What the published result files say of one fold; single crop and, with an `o`, ten crops. Fractions. */
export interface PublishedScores {
  readonly acc: number;
  readonly '1off': number;
  readonly acco: number;
  readonly '1offo': number;
}

/** One fold of a published result file. Confusions as limn has them: labels in rows. */
export interface PublishedFold {
  readonly scores: PublishedScores;
  readonly single: Confusion;
  readonly oversampled: Confusion;
}

/** What the last line says: mean and standard deviation over folds, rounded to three digits. */
export type PublishedSummary = Readonly<Record<string, { readonly mean: number; readonly sd: number }>>;

/** An evaluation in the paper's own text format. */
export interface Published {
  readonly folds: readonly PublishedFold[];
  /** Absent where the file ends early: its evaluation was interrupted. */
  readonly all?: PublishedSummary;
}

const keys = ['acc', '1off', 'acco', '1offo'] as const;

/** A fold from answers over ten crops that also say what the published single crop gives. Errors: they do not. */
export function publishedFold(answers: readonly Answer[]): PublishedFold {
  const classes = checkClasses(answers);
  const single = answers.map((answer) => {
    const best =
      answer.single ??
      fail(answer.image, 'no answer of the single crop', words`evaluate with ${field('crops', 'ten')}`);
    return { ...answer, scores: Array.from({ length: classes }, (_, i) => (i === best ? 1 : 0)) };
  });
  const [one, ten] = [confusionOf(single, classes), confusionOf(answers, classes)];
  return {
    scores: { acc: within(one, 0), '1off': within(one, 1), acco: within(ten, 0), '1offo': within(ten, 1) },
    single: one,
    oversampled: ten,
  };
}

/** The share of images whose prediction is at most `off` classes away. */
function within(confusion: Confusion, off: number): number {
  let [hits, all] = [0, 0];
  confusion.forEach((row, label) => {
    row.forEach((n, prediction) => {
      all += n;
      if (Math.abs(label - prediction) <= off) hits += n;
    });
  });
  return hits / all;
}

/**
 * Folds as the text of the published result files: `foldK: {scores} ConfMats: {confmat, confmato}` with predictions in
 * rows, then `all:` with means ± population standard deviations rounded to three digits and the sums of the counts. As
 * there, no line break at the end.
 */
export function writePublished(folds: readonly PublishedFold[]): string {
  const matrices = (single: Confusion, oversampled: Confusion) =>
    `{"confmat": ${matrixText(transposed(single))}, "confmato": ${matrixText(transposed(oversampled))}}`;
  const lines = folds.map(
    ({ scores, single, oversampled }, k) =>
      `fold${k}: {${keys.map((key) => `"${key}": ${floatText(scores[key])}`).join(', ')}} ` +
      `ConfMats: ${matrices(single, oversampled)}`,
  );
  const all = keys.map((key) => {
    const { mean, sd } = spreadOf(folds.map(({ scores }) => scores[key]));
    return `"${key}": "${floatText(threeDigits(mean))} +- ${floatText(threeDigits(sd))}"`;
  });
  const sums = [
    summed(folds.map(({ single }) => single)),
    summed(folds.map(({ oversampled }) => oversampled)),
  ];
  lines.push(`all: {${all.join(', ')}} ConfMats: ${matrices(sums[0], sums[1])}`);
  return lines.join('\n');
}

/** Python's way: a float always has a point. */
const floatText = (x: number): string => (Number.isInteger(x) ? `${x}.0` : String(x));
const matrixText = (matrix: Confusion): string =>
  `[${matrix.map((row) => `[${row.join(', ')}]`).join(', ')}]`;

/** Rounded to three digits, halves to even. */
function threeDigits(x: number): number {
  const scaled = x * 1000;
  const rounded = Math.round(scaled);
  return (rounded - scaled === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded) / 1000;
}

/** Reads a published result file. Errors name `file` and the line. */
export function parsePublished(text: string, file: string): Published {
  const folds: PublishedFold[] = [];
  let all: PublishedSummary | undefined;
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '') return;
    const where = `${file}:${i + 1}`;
    const match = /^(?:fold(\d+)|all):\s*(\{.*?\})\s+ConfMats:\s*(\{.*\})\s*$/.exec(line);
    if (!match || all)
      fail(where, "expected 'foldK: {…} ConfMats: {…}', and 'all: …' last", 'give a result file');
    const scores = json(match[2], where);
    if (match[1] === undefined) all = summaryOf(scores, where);
    else if (Number(match[1]) !== folds.length) fail(where, `fold ${match[1]} where ${folds.length} is next`);
    else folds.push(foldOf(scores, json(match[3], where), where));
  });
  if (folds.length === 0) fail(file, 'no folds', 'give a result file');
  return { folds, ...(all && { all }) };
}

function json(text: string, where: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return fail(where, `no JSON: ${text.slice(0, 60)}`, 'the file is damaged');
  }
}

function foldOf(
  scores: Record<string, unknown>,
  matrices: Record<string, unknown>,
  where: string,
): PublishedFold {
  const number = (key: string) =>
    typeof scores[key] === 'number'
      ? scores[key]
      : fail(where, `no score ${quoted(key)}`, 'the file is damaged');
  const matrix = (key: string): Confusion => {
    const rows = matrices[key];
    const square =
      Array.isArray(rows) &&
      rows.every(
        (row) =>
          Array.isArray(row) && row.length === rows.length && row.every((n) => Number.isInteger(n) && n >= 0),
      );
    return square
      ? transposed(rows)
      : fail(where, `${quoted(key)} is no square matrix of counts`, 'the file is damaged');
  };
  return {
    scores: { acc: number('acc'), '1off': number('1off'), acco: number('acco'), '1offo': number('1offo') },
    single: matrix('confmat'),
    oversampled: matrix('confmato'),
  };
}

function summaryOf(scores: Record<string, unknown>, where: string): PublishedSummary {
  return Object.fromEntries(
    keys.map((key) => {
      const match = /^([\d.]+) \+- ([\d.]+)$/.exec(String(scores[key]));
      if (!match) return fail(where, `${quoted(key)} is no 'mean +- deviation'`, 'the file is damaged');
      return [key, { mean: Number(match[1]), sd: Number(match[2]) }];
    }),
  );
}
