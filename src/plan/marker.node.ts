import { rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { fail } from '../common/error.ts';
import { readTextIfThere } from '../common/file.node.ts';
import type { Unit } from './unit.ts';

/** Written once a unit is done, after all that it made. */
export const DONE_FILE = 'done.json';
/** Written when a unit failed; goes when it is tried again. */
export const FAILED_FILE = 'failed.json';

interface Done {
  readonly format: 'limn done 1';
  readonly id: string;
  readonly limn?: string;
  readonly seconds?: number;
  readonly host?: string;
  readonly finished?: string;
  readonly outputs: readonly { readonly path: string; readonly bytes: number }[];
}

/** How an attempt at a unit failed. */
export interface UnitFailure {
  readonly format: 'limn failed 1';
  readonly id: string;
  /** Of the attempt. */
  readonly token: string;
  readonly what: string;
}

/** Whether a unit is done: its marker says so, and its outputs are there in the sizes that they had. `root` is the plan's folder. */
export async function isDone(unit: Unit, root: string): Promise<boolean> {
  const { outputs } = unit;
  const done = await readDone(unit, root);
  if (!done) return false;
  const sizes = new Map(done.outputs.map(({ path, bytes }) => [path, bytes]));
  const whole = await Promise.all(
    outputs.map(async (path) => (await sizeOf(resolve(root, path))) === sizes.get(path)),
  );
  return whole.every(Boolean) && outputs.every((path) => sizes.get(path) !== undefined);
}

/** What a unit's marker says; undefined where there is none of this unit. */
export async function readDone({ id, folder }: Unit, root: string): Promise<Done | undefined> {
  const done = await readJson<Done>(join(resolve(root, folder), DONE_FILE));
  return done?.format === 'limn done 1' && done.id === id && Array.isArray(done.outputs) ? done : undefined;
}

/** Marks a unit as done. Errors: an output is missing or empty. */
export async function markDone(
  { id, name, folder, outputs }: Unit,
  root: string,
  facts: { readonly limn: string; readonly seconds: number },
): Promise<void> {
  const sizes = await Promise.all(
    outputs.map(async (path) => {
      const bytes = await sizeOf(resolve(root, path));
      return {
        path,
        bytes: bytes || fail(path, bytes === 0 ? 'it is empty' : 'it was not made', `see ${folder}`),
      };
    }),
  );
  const done = {
    ...{ format: 'limn done 1', id, name, ...facts, host: hostname(), finished: new Date().toISOString() },
    outputs: sizes,
  };
  await writeFileAtomic(join(resolve(root, folder), DONE_FILE), `${JSON.stringify(done, null, 2)}\n`);
}

/** Takes back what was said of a unit before. */
export async function unmark({ folder }: Unit, root: string): Promise<void> {
  for (const file of [DONE_FILE, FAILED_FILE]) await rm(join(resolve(root, folder), file), { force: true });
}

export async function markFailed(
  { id, folder }: Unit,
  root: string,
  token: string,
  what: string,
): Promise<void> {
  const failure: UnitFailure = { format: 'limn failed 1', id, token, what };
  await writeFileAtomic(join(resolve(root, folder), FAILED_FILE), `${JSON.stringify(failure)}\n`);
}

export async function unitFailure({ id, folder }: Unit, root: string): Promise<UnitFailure | undefined> {
  const failure = await readJson<UnitFailure>(join(resolve(root, folder), FAILED_FILE));
  return failure?.format === 'limn failed 1' && failure.id === id ? failure : undefined;
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readTextIfThere(path);
  try {
    return text === undefined ? undefined : ((JSON.parse(text) ?? undefined) as T | undefined);
  } catch {
    return undefined;
  }
}

const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    (entry) => (entry.isFile() ? entry.size : undefined),
    () => undefined,
  );
