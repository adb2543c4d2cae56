import { cellText, csvLine } from '../common/csv.ts';
import { csvRecords } from '../common/csvrecords.ts';
import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import type { Answer } from './result.ts';

/*
 * Answers as a CSV table (RFC 4180, UTF-8, a header, LF). Columns: image, truth, score_0 … (one per class, or one),
 * single, person, fold, and group_NAME for every other column of the data; an empty cell is a value that is not known.
 * Numbers are written with the fewest digits that read back as the same float64; texts that a spreadsheet would compute
 * have an apostrophe before them.
 */

const scorePrefix = 'score_';
const groupPrefix = 'group_';

/** What the table's columns are: as many scores as every answer has, and every group that any answer has. */
export interface Columns {
  readonly scores: number;
  readonly groups: readonly string[];
}

/** The columns that hold all answers. Errors: answers with different numbers of scores. */
export function answerColumns(answers: readonly Answer[]): Columns {
  const scores = answers[0]?.scores.length ?? 0;
  const groups = new Set<string>();
  for (const answer of answers) {
    if (answer.scores.length !== scores) {
      fail(answer.image, `${answer.scores.length} scores, the first image has ${scores}`);
    }
    for (const name of Object.keys(answer.groups)) groups.add(name);
  }
  return { scores, groups: [...groups] };
}

/** The table's first line. */
export function headerLine({ scores, groups }: Columns): string {
  const names = Array.from({ length: scores }, (_, i) => `${scorePrefix}${i}`);
  const others = groups.map((name) => groupPrefix + name);
  return csvLine(['image', 'truth', ...names, 'single', 'person', 'fold', ...others]);
}

/** One answer's line. */
export function answerLine(answer: Answer, { groups }: Columns): string {
  return csvLine([
    answer.image,
    answer.truth,
    ...answer.scores,
    answer.single ?? '',
    answer.person ?? '',
    answer.fold ?? '',
    // `constructor` is a name like any other.
    ...groups.map((name) => (Object.hasOwn(answer.groups, name) ? answer.groups[name] : '')),
  ]);
}

/**
 * The answers in a table that comes in parts of any length. Columns are found by their names, in any order, and unknown
 * ones are passed over. Errors name `file` and the line: a column or a cell is missing, a score is no number.
 */
export async function* parseAnswers(
  parts: AsyncIterable<string> | Iterable<string>,
  file: string,
): AsyncGenerator<Answer, void> {
  let read: ((cells: readonly string[], row: number) => Answer) | undefined;
  let row = 0;
  for await (const records of csvRecords(parts, file)) {
    for (const cells of records) {
      row++;
      if (cells.length === 1 && cells[0] === '') continue;
      if (read) yield read(cells, row);
      else read = rowReader(cells, file);
    }
  }
  if (!read) fail(file, 'the table is empty', 'evaluate again');
}

function rowReader(
  header: readonly string[],
  file: string,
): (cells: readonly string[], row: number) => Answer {
  // The first of several of a name, as `indexOf` would find it.
  const places = new Map([...header.entries()].reverse().map(([i, name]) => [name, i]));
  const at = (name: string): number => {
    const index = places.get(name) ?? -1;
    return index >= 0 ? index : fail(`${file}:1`, `no column ${quoted(name)}`, 'evaluate again');
  };
  const image = at('image');
  const truth = at('truth');
  const scores = Array.from({ length: header.filter((name) => /^score_\d+$/.test(name)).length }, (_, i) =>
    at(`${scorePrefix}${i}`),
  );
  const [single, person, fold] = ['single', 'person', 'fold'].map((name) => header.indexOf(name)) as [
    number,
    number,
    number,
  ];
  const groups = header.flatMap((name, i): [string, number][] =>
    name.startsWith(groupPrefix) ? [[name.slice(groupPrefix.length), i]] : [],
  );
  return (cells, row) => {
    const where = `${file}, record ${row}`;
    if (cells.length !== header.length) fail(where, `${cells.length} cells, the header has ${header.length}`);
    const numberAt = (i: number): number => {
      const text = cells[i];
      const value = Number(text);
      const known = text.trim() !== '' && (!Number.isNaN(value) || text === 'NaN');
      return known ? value : fail(where, `${quoted(text)} is no number`, 'evaluate again');
    };
    const known = groups.filter(([, i]) => cells[i] !== '').map(([name, i]) => [name, cellText(cells[i])]);
    return {
      image: cellText(cells[image]),
      truth: numberAt(truth),
      scores: scores.map(numberAt),
      ...(single >= 0 && cells[single] !== '' && { single: numberAt(single) }),
      ...(person >= 0 && cells[person] !== '' && { person: cellText(cells[person]) }),
      ...(fold >= 0 && cells[fold] !== '' && { fold: cellText(cells[fold]) }),
      groups: Object.fromEntries(known),
    };
  };
}
