import { fail, LimnError } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import { field, words } from '../common/words.ts';
import { type Dataset, pathOfKey, type Sample } from '../data/index.ts';
import type { LabelReading } from './labels.ts';
import type { Answer } from './result.ts';

/** An image's answer before it is given. */
export interface Question extends Omit<Answer, 'scores' | 'single'> {
  /** Its place in the data set. */
  readonly index: number;
}

/** What a data set asks of a model: everything about it but pictures. */
export interface Survey {
  readonly questions: readonly Question[];
  /** Images without a label, or with one that the rules leave out. */
  readonly unlabelled: number;
  /** Which labels became which class, with the number of images. */
  readonly mapping: ReadonlyMap<number, ReadonlyMap<string, number>>;
}

/** The columns that say whose face it is and which fold it belongs to. */
export interface ColumnNames {
  readonly person?: string | undefined;
  readonly fold?: string | undefined;
}

/** What is taken for a person or a fold unless a column is named. */
const persons = ['person', 'user_id', 'subject'];
const folds = ['fold'];

/**
 * Reads all labels of a column. `note` is told of each image's name and label, for a hash. Errors: a column that does
 * not exist; all labels that cannot be read, in one error; no image that has one.
 */
export async function survey(
  dataset: Dataset,
  column: string,
  reading: LabelReading,
  note: (text: string) => void,
  columns: ColumnNames = {},
): Promise<Survey> {
  const person = known(dataset, columns.person, persons);
  const fold = known(dataset, columns.fold, folds);
  const questions: Question[] = [];
  const mapping = new Map<number, Map<string, number>>();
  const wrong: LimnError[] = [];
  let index = -1;
  for await (const sample of dataset.samples()) {
    index++;
    const label = sample.labels[column];
    if (label === undefined) continue;
    let truth: number | undefined;
    try {
      truth = reading.truth(label, `${dataset.name}, ${sample.name}, ${column}`);
    } catch (error) {
      if (!(error instanceof LimnError)) throw error;
      wrong.push(error);
      continue;
    }
    if (truth === undefined) continue;
    note(`${JSON.stringify([sample.name, label])}\n`);
    const labels = mapping.get(truth) ?? new Map<string, number>();
    mapping.set(truth, labels.set(String(label), (labels.get(String(label)) ?? 0) + 1));
    questions.push({ index, truth, ...about(sample, column, person, fold) });
  }
  if (wrong.length > 0) {
    const [{ where, what, fix }] = wrong as [LimnError, ...LimnError[]];
    const others = wrong.slice(1, 20).map((error) => `${error.where}: ${error.what}`);
    const more = `${others.length > 0 ? ` (${wrong.length} such labels; ${others.join('; ')}` : ''}${wrong.length > 20 ? '; …' : ''}`;
    fail(where, what + (more && `${more})`), fix);
  }
  if (questions.length === 0) {
    fail(
      dataset.name,
      `none of its ${index + 1} images has a usable label in ${quoted(column)}`,
      words`choose another ${field('target')}`,
    );
  }
  return { questions, unlabelled: index + 1 - questions.length, mapping };
}

function known(dataset: Dataset, wanted: string | undefined, usual: readonly string[]): string | undefined {
  const columns = [...dataset.groupColumns, ...dataset.labelColumns];
  if (wanted === undefined) return usual.find((name) => columns.includes(name));
  return columns.includes(wanted)
    ? wanted
    : fail(dataset.name, `there is no column ${quoted(wanted)}`, `its columns are ${columns.join(', ')}`);
}

function about(
  { name, labels, groups }: Sample,
  column: string,
  person: string | undefined,
  fold: string | undefined,
): Omit<Question, 'index' | 'truth'> {
  const all = new Map(
    [...Object.entries(groups), ...Object.entries(labels)].map(([key, value]) => [key, String(value)]),
  );
  const take = (key: string | undefined): string | undefined => {
    const value = key === undefined ? undefined : all.get(key);
    if (key !== undefined) all.delete(key);
    return value === '' ? undefined : value;
  };
  const who = take(person) ?? adiencePerson(name);
  const where = take(fold);
  all.delete(column);
  return {
    image: name,
    ...(who !== undefined && { person: who }),
    ...(where !== undefined && { fold: where }),
    groups: Object.fromEntries([...all].filter(([, value]) => value !== '')),
  };
}

/** Adience's files lie in a folder per person: `USER/landmark_aligned_face.FACE.ORIGINAL`. */
function adiencePerson(name: string): string | undefined {
  return /(?:^|\/)([^/]+)\/(?:landmark_aligned|coarse_tilt_aligned)_face\.\d+\.[^/]+$/.exec(
    pathOfKey(name),
  )?.[1];
}
