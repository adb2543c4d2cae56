import { fail } from '../common/error.ts';
import { type FileSystem, readText } from '../common/files.ts';
import { type Field, field, words } from '../common/words.ts';
import type { Prediction } from './predict.ts';

/** What makes two evaluations the same: `model` and `data`, hashes of them, and its settings by their names. */
export type Identity = Readonly<Record<string, string>>;

/** Predictions of an evaluation that is not finished, by the images' places in the data. */
export interface Journal {
  readonly predictions: ReadonlyMap<number, Prediction>;
  /** Keeps more of them, in memory and in the file. */
  add(entries: readonly (readonly [index: number, prediction: Prediction])[]): Promise<void>;
  /** Errors: its file is gone, or another one in its place. */
  check(): void;
  close(): Promise<void>;
}

/** Which parts of two identities differ, as errors name them. */
export function differences(a: Identity, b: Identity): readonly (string | Field)[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);
  return names.flatMap((name, i) => [
    i > 0 ? ', ' : '',
    name === 'model' || name === 'data' ? name : field(camel(name)),
  ]);
}

/** `person-column` → `personColumn`: settings are kept by the names that they always had. */
const camel = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * Opens the journal of an evaluation, begun anew or with what an interrupted one left: the first line is its identity,
 * each further one a prediction as JSON. A last line that the interruption cut off is dropped. Errors: the journal is
 * another evaluation's; its file vanishes while it is open.
 */
export async function openJournal(path: string, identity: Identity, files: FileSystem): Promise<Journal> {
  const text = (await files.kindOf(path)) ? await readText(files, path, 'a journal of limn') : '';
  const { predictions, length } = parse(text, path, identity);
  const file = await files.grow(path, length);
  const append = (more: string) => file.append(new TextEncoder().encode(more));
  try {
    if (length === 0) await append(`${JSON.stringify(identity)}\n`);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    predictions,
    check: file.check,
    async add(entries) {
      const lines = entries.map(
        ([index, { scores, single }]) => `${JSON.stringify([index, scores, single])}\n`,
      );
      await append(lines.join(''));
      for (const [index, each] of entries) predictions.set(index, each);
    },
    close: file.close,
  };
}

/** The predictions of a journal, and the bytes up to which it is whole. */
function parse(
  text: string,
  path: string,
  identity: Identity,
): { predictions: Map<number, Prediction>; length: number } {
  const predictions = new Map<number, Prediction>();
  let from = text.indexOf('\n') + 1;
  // Not even its first line was finished.
  if (from === 0) return { predictions, length: 0 };
  const other = differences(identityIn(text.slice(0, from)), identity);
  if (other.length > 0) {
    fail(
      path,
      ['begun with another ', ...other],
      words`give another ${field('output')}, or begin anew with ${field('restart')}`,
    );
  }
  for (let end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', from)) {
    const entry = json(text.slice(from, end));
    if (!Array.isArray(entry)) break;
    const [index, scores, single] = entry as [number, number[], number | null | undefined];
    predictions.set(index, typeof single === 'number' ? { scores, single } : { scores });
    from = end + 1;
  }
  return { predictions, length: new TextEncoder().encode(text.slice(0, from)).length };
}

/** The first line of a journal; earlier versions had settings by their flags, with two dashes. */
function identityIn(line: string): Identity {
  const found = json(line);
  const entries = Object.entries(typeof found === 'object' && found !== null ? found : {});
  return Object.fromEntries(entries.map(([key, value]) => [key.replace(/^--/, ''), String(value)]));
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
