import { readdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { hashFile } from '../common/hash.node.ts';
import { withOutputs } from '../common/outputs.node.ts';
import type { Task } from './task.ts';
import type { Unit, UnitRequest } from './unit.ts';

/**
 * What is to be done of a unit now: all, or what is missing after an interruption; what cannot be gone on from is removed.
 * Errors: an input is not as it was when the plan was made.
 */
export async function prepareTask(unit: Unit, root: string): Promise<Task> {
  await checkInputs(unit, root);
  const { id, name, verb } = unit;
  return { id, name, verb, request: await requestOf(unit, root) };
}

/** The unit's request, or that by which it goes on. */
async function requestOf({ request, resume }: Unit, root: string): Promise<UnitRequest> {
  if (!resume) return request;
  const folder = resolve(root, resume.folder);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : failPath(folder, error),
  );
  if (names.some((name) => name.endsWith(resume.ending))) return resume.request;
  // Unless somebody works in it by hand.
  if (names.length > 0) await withOutputs({}, (outputs) => outputs.own(folder));
  await rm(folder, { recursive: true, force: true });
  return request;
}

async function checkInputs({ inputs }: Unit, root: string): Promise<void> {
  for (const { path, sha256 } of inputs) {
    if (sha256 !== undefined && (await hashFile(resolve(root, path))) !== sha256)
      fail(path, 'changed since the plan was made', 'make it anew');
  }
}
