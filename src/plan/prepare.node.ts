import { readdir, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { failPath, isMissing } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { hashFile } from '../common/hash.node.ts';
import { withOutputs } from '../common/outputs.node.ts';
import type { Task } from './task.ts';
import type { Unit, UnitRequest } from './unit.ts';

export interface PrepareOptions {
  /** Milliseconds that inputs are waited for, which a shared folder may show late; 0 unless given. */
  readonly settle?: number | undefined;
  /** Ends the waiting, and the reading of inputs, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What is to be done of a unit now: all, or what is missing after an interruption; what cannot be gone on from is removed. Errors:
 * an input is not as it was when the plan was made, or not there.
 */
export async function prepareTask(unit: Unit, root: string, options: PrepareOptions = {}): Promise<Task> {
  await checkInputs(unit, root, options);
  options.signal?.throwIfAborted();
  const { id, name, verb } = unit;
  return { id, name, verb, request: await requestOf(unit, root, options.signal) };
}

/** The unit's request, or that by which it goes on. */
async function requestOf(
  { request, resume }: Unit,
  root: string,
  signal: AbortSignal | undefined,
): Promise<UnitRequest> {
  if (!resume) return request;
  const folder = resolve(root, resume.folder);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : failPath(folder, error),
  );
  if (names.some((name) => name.endsWith(resume.ending))) return resume.request;
  // Unless somebody works in it by hand.
  if (names.length > 0) await withOutputs({}, (outputs) => outputs.own(folder, signal));
  await rm(folder, { recursive: true, force: true });
  return request;
}

async function checkInputs(
  { inputs }: Unit,
  root: string,
  { settle = 0, signal }: PrepareOptions,
): Promise<void> {
  const since = performance.now();
  for (const { path, sha256 } of inputs) {
    const place = resolve(root, path);
    while (!(await isThere(place))) {
      if (performance.now() - since >= settle)
        fail(path, 'it is not there', 'put it back where the plan has it, or make the plan anew');
      await setTimeout(Math.min(1000, settle), undefined, signal && { signal });
    }
    if (sha256 !== undefined && (await hashFile(place, signal)) !== sha256)
      fail(path, 'changed since the plan was made', 'make it anew');
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error) => (isMissing(error) ? false : failPath(path, error)),
  );
