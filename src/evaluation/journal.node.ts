import { open, rm } from 'node:fs/promises';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { readTextIfThere } from '../common/file.node.ts';
import type { Said } from './examine.ts';

/** What makes two evaluations the same, by names that an error can say. */
export type Identity = Readonly<Record<string, string>>;

/** Answers of an evaluation that is not finished, by the images' places in the data. */
export interface Journal {
  readonly said: Map<number, Said>;
  /** Keeps more of them, in memory and on disk. */
  add(entries: readonly (readonly [index: number, said: Said])[]): Promise<void>;
  close(): Promise<void>;
}

/** Which parts of two identities differ. */
export const differences = (a: Identity, b: Identity): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);

/**
 * Opens the journal of an evaluation, begun anew or with what an interrupted one left: the first line is its identity,
 * each further one an answer as JSON. A last line that the interruption cut off is dropped. Errors: the journal is
 * another evaluation's.
 */
export async function openJournal(path: string, identity: Identity): Promise<Journal> {
  const text = (await readTextIfThere(path)) ?? '';
  const { said, length } =
    text === '' ? { said: new Map<number, Said>(), length: 0 } : parse(text, path, identity);
  const file = await open(path, text === '' ? 'w' : 'r+').catch((error: unknown) => failPath(path, error));
  let end = length;
  const append = async (more: string) => {
    const bytes = new TextEncoder().encode(more);
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, end + done)).bytesWritten;
    }
    end += bytes.length;
  };
  try {
    await file.truncate(end);
    if (end === 0) await append(`${JSON.stringify(identity)}\n`);
  } catch (error) {
    await file.close();
    failPath(path, error);
  }
  return {
    said,
    async add(entries) {
      const lines = entries.map(
        ([index, { scores, single }]) => `${JSON.stringify([index, scores, single])}\n`,
      );
      await append(lines.join('')).catch((error: unknown) => failPath(path, error));
      for (const [index, each] of entries) said.set(index, each);
    },
    close: () => file.close(),
  };
}

export const removeJournal = (path: string): Promise<void> => rm(path, { force: true });

/** The answers of a journal, and the bytes up to which it is whole. */
function parse(text: string, path: string, identity: Identity): { said: Map<number, Said>; length: number } {
  const said = new Map<number, Said>();
  let from = text.indexOf('\n') + 1;
  // Not even its first line was finished.
  if (from === 0) return { said, length: 0 };
  const other = differences((json(text.slice(0, from)) as Identity) ?? {}, identity);
  if (other.length > 0) {
    fail(
      path,
      `begun with another ${other.join(', ')}`,
      'give another folder with -o, or begin anew with --restart',
    );
  }
  for (let end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', from)) {
    const entry = json(text.slice(from, end));
    if (!Array.isArray(entry)) break;
    const [index, scores, single] = entry as [number, number[], number | null | undefined];
    said.set(index, { scores, ...(typeof single === 'number' && { single }) });
    from = end + 1;
  }
  return { said, length: new TextEncoder().encode(text.slice(0, from)).length };
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
