import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../../common/atomic.node.ts';
import { failPath } from '../../common/errno.node.ts';
import { readTextIfThere } from '../../common/file.node.ts';
import { makeFolder } from '../../common/folder.node.ts';

/** Where, in the plan's folder, lies what Slurm was asked and what its jobs said: a numbered folder for each submission. */
export const JOBS_FOLDER = 'slurm';
const RECORD = 'jobs.json';
const format = 'limn jobs 1';

/** A job that was submitted: units by their tasks' numbers. */
export interface SubmittedJob {
  readonly job: string;
  readonly name: string;
  readonly units: Readonly<Record<string, string>>;
}

/** Where a unit was submitted last. */
export interface JobTask {
  /** `12_3`. */
  readonly task: string;
  readonly job: string;
  /** What the job says of itself, from the plan's folder on. */
  readonly log: string;
}

/** Makes the next submission's folder; returns its name from the plan's folder on. */
export async function newSubmission(root: string): Promise<string> {
  await makeFolder(resolve(root, JOBS_FOLDER));
  const known = await submissions(root);
  for (let n = (known.at(-1) ?? 0) + 1; ; n++) {
    const folder = `${JOBS_FOLDER}/${n}`;
    try {
      await mkdir(resolve(root, folder));
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') failPath(folder, error);
    }
  }
}

/** Writes down what was submitted so far. */
export const writeJobs = (root: string, folder: string, jobs: readonly SubmittedJob[]): Promise<void> =>
  writeFileAtomic(join(resolve(root, folder), RECORD), `${JSON.stringify({ format, jobs }, null, 1)}\n`);

export const removeSubmission = (root: string, folder: string): Promise<void> =>
  rm(resolve(root, folder), { recursive: true, force: true });

/** By the ids of units, where each was submitted last. A submission whose record is damaged says nothing. */
export async function readJobs(root: string): Promise<ReadonlyMap<string, JobTask>> {
  const last = new Map<string, JobTask>();
  for (const n of await submissions(root)) {
    const folder = `${JOBS_FOLDER}/${n}`;
    const text = await readTextIfThere(join(resolve(root, folder), RECORD));
    for (const { job, name, units } of text === undefined ? [] : jobsIn(text)) {
      for (const [task, id] of Object.entries(units))
        last.set(id, { task: `${job}_${task}`, job, log: `${folder}/${name}-${task}.log` });
    }
  }
  return last;
}

async function submissions(root: string): Promise<number[]> {
  const folder = resolve(root, JOBS_FOLDER);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : failPath(folder, error),
  );
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function jobsIn(text: string): readonly SubmittedJob[] {
  try {
    const record = JSON.parse(text) as { format?: unknown; jobs?: unknown } | null;
    if (record?.format !== format || !Array.isArray(record.jobs)) return [];
    return record.jobs as readonly SubmittedJob[];
  } catch {
    return [];
  }
}
