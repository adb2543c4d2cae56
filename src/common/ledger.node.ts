import { createHash } from 'node:crypto';
import { appendFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { partsOf } from './atomic.node.ts';
import type { FileData } from './bytes.ts';
import { failPath } from './errno.node.ts';
import { readTextIfThere } from './file.node.ts';
import { hashFile } from './hash.node.ts';

/** The file in which limn notes what it writes into a folder. */
export const LEDGER_FILE = '.limn.jsonl';

/** What limn wrote in a folder, so that it can tell its own files from others. */
export interface OutputLedger {
  /** Notes what a file is about to hold; `undefined` for one that is written to bit by bit. `name` starts from the folder. */
  note(name: string, data: FileData | undefined): Promise<void>;
  /** Whether limn made the file of that name as it is now; one that anybody changed since is not. */
  made(name: string): Promise<boolean>;
}

/**
 * The ledger of a folder: lines of JSON, `{file, bytes, sha256}` of what was written, or `{file}` of a file that limn keeps
 * writing to. A line is added before the file takes its name, so that a process that is killed in between leaves nothing
 * unknown; so all lines of a file count. Lines that are damaged, and a missing ledger, say nothing. Errors name the path.
 */
export async function openLedger(folder: string): Promise<OutputLedger> {
  const path = join(folder, LEDGER_FILE);
  const known = await read(path);
  const checked = new Map<string, { readonly state: string; readonly made: boolean }>();
  return {
    async note(name, data) {
      const content = data === undefined ? undefined : contentOf(data);
      const before = known.get(name);
      if (before?.has(content ?? open)) return;
      known.set(name, new Set([...(before ?? []), content ?? open]));
      const [bytes, sha256] = content?.split(' ') ?? [];
      const line = { file: name, ...(sha256 && { bytes: Number(bytes), sha256 }) };
      await appendFile(path, `${JSON.stringify(line)}\n`).catch((error: unknown) => failPath(path, error));
    },
    async made(name) {
      const contents = known.get(name);
      if (!contents) return false;
      if (contents.has(open)) return true;
      const file = join(folder, name);
      const { ino, size, mtimeNs } = await stat(file, { bigint: true });
      if (![...contents].some((content) => content.startsWith(`${size} `))) return false;
      const state = `${ino} ${size} ${mtimeNs} ${contents.size}`;
      const before = checked.get(name);
      if (before?.state === state) return before.made;
      const made = contents.has(`${size} ${await hashFile(file)}`);
      checked.set(name, { state, made });
      return made;
    },
  };
}

/** Stands for a file that limn keeps writing to. */
const open = '';

/** By file, all contents that were ever written: `BYTES SHA256`, or {@link open}. */
async function read(path: string): Promise<Map<string, ReadonlySet<string>>> {
  const text = (await readTextIfThere(path)) ?? '';
  const known = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const { file, bytes, sha256 } = parsed(line);
    if (typeof file !== 'string') continue;
    const contents = known.get(file) ?? new Set();
    contents.add(sha256 === undefined ? open : `${bytes} ${sha256}`);
    known.set(file, contents);
  }
  return known;
}

function parsed(line: string): {
  readonly file?: unknown;
  readonly bytes?: unknown;
  readonly sha256?: unknown;
} {
  try {
    return (JSON.parse(line) ?? {}) as object;
  } catch {
    return {};
  }
}

function contentOf(data: FileData): string {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const part of partsOf(data)) {
    hash.update(part);
    bytes += typeof part === 'string' ? Buffer.byteLength(part) : part.length;
  }
  return `${bytes} ${hash.digest('hex')}`;
}
