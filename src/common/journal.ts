import { fail } from './error.ts';
import { type FileSystem, readText } from './files.ts';
import { camelCase, type Field, field, words } from './words.ts';

/** What makes two pieces of work the same: `model` and `data`, hashes of them, and settings by their names. */
export type Identity = Readonly<Record<string, string>>;

/** What is done of work on many items that is not finished, by the items' numbers. */
export interface Journal<T> {
  readonly entries: ReadonlyMap<number, T>;
  /** Keeps more of them, in memory and in the file. */
  add(entries: readonly (readonly [index: number, entry: T])[]): Promise<void>;
  /** Errors: its file is gone, or another one in its place. */
  check(): void;
  /** Leaves no file where nothing was kept. */
  close(): Promise<void>;
}

/** How an entry becomes a line, and a line an entry; plain data. */
export interface Codec<T> {
  write(entry: T): readonly unknown[];
  read(parts: readonly unknown[]): T;
}

/** Which parts of two identities differ, as errors name them. */
export function differences(a: Identity, b: Identity): readonly (string | Field)[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);
  return names.flatMap((name, i) => [
    i > 0 ? ', ' : '',
    // Settings are kept by the names that they always had, some of which are flags.
    name === 'model' || name === 'data' ? name : field(camelCase(name)),
  ]);
}

/**
 * Opens a journal, begun anew or with what interrupted work left: the first line is the work's identity, each further one
 * an entry as JSON. A last line that the interruption cut off is dropped. Errors: the journal is another work's, of which
 * something was kept, unless this work `replaces` it; its file vanishes while it is open.
 */
export async function openJournal<T>(
  path: string,
  identity: Identity,
  files: FileSystem,
  codec: Codec<T>,
  { replaces = false } = {},
): Promise<Journal<T>> {
  const text = (await files.kindOf(path)) ? await readText(files, path, 'a journal of limn') : '';
  const { entries, length } = parse(text, path, identity, codec, replaces);
  const file = await files.grow(path, length);
  const append = (more: string) => file.append(new TextEncoder().encode(more));
  try {
    if (length === 0) await append(`${JSON.stringify(identity)}\n`);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    entries,
    check: file.check,
    async add(more) {
      const lines = more.map(([index, entry]) => `${JSON.stringify([index, ...codec.write(entry)])}\n`);
      await append(lines.join(''));
      for (const [index, each] of more) entries.set(index, each);
    },
    async close() {
      await file.close();
      if (entries.size === 0) await files.remove(path);
    },
  };
}

/** The entries of a journal, and the bytes up to which it is whole. */
function parse<T>(
  text: string,
  path: string,
  identity: Identity,
  codec: Codec<T>,
  replaces: boolean,
): { entries: Map<number, T>; length: number } {
  const entries = new Map<number, T>();
  let from = text.indexOf('\n') + 1;
  // Not even its first line was finished.
  if (from === 0) return { entries, length: 0 };
  const begun = identityIn(text.slice(0, from));
  const other = differences(begun, identity);
  if (other.length > 0) {
    // Work that was killed before it kept anything is in nobody's way.
    if (replaces || (Object.keys(begun).length > 0 && from === text.length)) return { entries, length: 0 };
    fail(
      path,
      ['begun with another ', ...other],
      words`give another ${field('output')}, or begin anew with ${field('restart')}`,
    );
  }
  for (let end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', from)) {
    const entry = json(text.slice(from, end));
    if (!Array.isArray(entry)) break;
    const [index, ...parts] = entry as [number, ...unknown[]];
    entries.set(index, codec.read(parts));
    from = end + 1;
  }
  return { entries, length: new TextEncoder().encode(text.slice(0, from)).length };
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
