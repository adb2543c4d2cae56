import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { bytesAccess, openLmdb } from '../../src/data/index.ts';

/** Everything that limn reads from a database file: key and value, both as latin1 text. */
export async function readAll(file: Uint8Array, name = 'data.mdb'): Promise<[string, string][]> {
  const database = await openLmdb(bytesAccess(file), name);
  const all: [string, string][] = [];
  for await (const { key, size, value } of database.iterate()) {
    const bytes = await value();
    if (bytes.length !== size) throw new Error(`size ${size}, got ${bytes.length} bytes`);
    all.push([latin1(key), latin1(bytes)]);
  }
  return all;
}

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Writes a database's folder as LMDB expects it. */
export function saveDatabase(folder: string, file: Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'data.mdb'), file);
}

/** Runs a program and gives back what it prints. */
export function output(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Debian's Python, which sees Debian's packages; another may come first in the path. */
export const python = process.env.PYTHON ?? '/usr/bin/python3';

const works = (program: string, args: readonly string[]): boolean => {
  try {
    output(program, args);
    return true;
  } catch {
    return false;
  }
};

const present = works(python, ['-c', 'import lmdb']) && works('mdb_stat', ['-V']);
if (!present)
  console.warn('python3-lmdb and lmdb-utils are not here: the tests against LMDB itself are skipped');

/** A `describe` that needs Debian's python3-lmdb and lmdb-utils. */
export const describeLmdb = describe.skipIf(!present);
