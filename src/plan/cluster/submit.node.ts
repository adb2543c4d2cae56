import { basename, join, resolve } from 'node:path';
import { writeFileAtomic } from '../../common/atomic.node.ts';
import { fail, LimnError } from '../../common/error.ts';
import { makeFolder } from '../../common/folder.node.ts';
import { takeLock } from '../../common/lock.node.ts';
import { shellWord } from '../../common/shell.ts';
import { checkRequest } from '../../verbs/request.ts';
import type { Change } from '../execution.node.ts';
import { type OpenPlan, openPlan } from '../open.node.ts';
import { limnMain } from '../processes.node.ts';
import { type SubmitFields, type SubmitRequest, submitRequest } from '../request.ts';
import type { Unit } from '../unit.ts';
import { arraysOf } from './arrays.ts';
import { JOBS_FOLDER, newSubmission, removeSubmission, type SubmittedJob, writeJobs } from './jobs.node.ts';
import { dependencyOf, type ScriptOptions, scriptOf } from './script.ts';
import { maxArraySize, sbatch, scancel } from './slurm.node.ts';
import { type ClusterState, clusterStates } from './states.node.ts';

/** What was handed to a queue. */
export interface SubmitResult {
  /** The plan's file. */
  readonly plan: string;
  /** The jobs, each an array of units. */
  readonly jobs: readonly SubmittedJob[];
  /** How many chosen units are done, and how many the queue had before. */
  readonly done: number;
  readonly queued: number;
  /** Chosen units that need others which are neither done, nor in the queue, nor chosen. */
  readonly blocked: readonly Change[];
}

/**
 * Hands the units of a plan that are not done to Slurm, as job arrays that depend on each other, and returns; Slurm runs
 * them, and none again that it has. Scripts and what jobs say lie in `slurm/N` beside the plan. All are submitted or none.
 * Errors: no plan; there is no Slurm here; what Slurm says where it refuses; another process submits the same plan.
 */
export async function submitPlan(request: SubmitRequest): Promise<SubmitResult> {
  const fields = checkRequest(submitRequest, request);
  const open = await openPlan(fields.plan, fields.only);
  const most = await maxArraySize();
  const lockPath = resolve(open.root, JOBS_FOLDER, 'lock');
  await makeFolder(resolve(open.root, JOBS_FOLDER));
  const lock = await takeLock(lockPath, new Map());
  if (!lock) return fail(fields.plan, 'another process submits its units', 'wait for its end');
  try {
    const { todo, queued, blocked, done } = sorted(open, await clusterStates(open.plan, open.root));
    const jobs = todo.length === 0 ? [] : await submitAll(todo, queued, most, open.root, fields);
    return { plan: fields.plan, jobs, done, queued: queued.size, blocked };
  } finally {
    await lock.release();
  }
}

/** What is to be submitted of the chosen units. */
function sorted({ plan, chosen }: OpenPlan, states: ReadonlyMap<Unit, ClusterState>) {
  const byId = new Map(plan.units.map((unit) => [unit.id, unit]));
  const wanted = new Set(chosen);
  const todo = new Set<Unit>();
  const queued = new Map<string, string>();
  const blocked: Change[] = [];
  let done = 0;
  for (const unit of plan.units) {
    const { state, live, task } = states.get(unit)!;
    if (state === 'done') done += wanted.has(unit) ? 1 : 0;
    else if (live) queued.set(unit.id, task!);
    else if (wanted.has(unit)) {
      const lacking = unit.needs
        .map((id) => byId.get(id)!)
        .find((need) => states.get(need)!.state !== 'done' && !queued.has(need.id) && !todo.has(need));
      if (!lacking) todo.add(unit);
      else {
        const why = blocked.some((each) => each.unit === lacking) ? '' : ', which is neither done nor chosen';
        blocked.push({ unit, state: 'blocked', what: `needs ${lacking.name}${why}` });
      }
    }
  }
  return { todo: [...todo], queued, blocked, done };
}

/** Submits arrays one after the other; what Slurm has of them already is taken back if it refuses one. */
async function submitAll(
  todo: readonly Unit[],
  queued: ReadonlyMap<string, string>,
  most: number,
  root: string,
  fields: SubmitFields,
): Promise<SubmittedJob[]> {
  const folder = await newSubmission(root);
  const jobs: SubmittedJob[] = [];
  try {
    for (const array of arraysOf(todo, queued, most)) {
      const path = join(resolve(root, folder), `${array.name}.sbatch`);
      await writeFileAtomic(path, scriptOf(array, scriptOptions(root, resolve(root, folder), fields)));
      const dependency = dependencyOf(
        array,
        jobs.map(({ job }) => job),
      );
      const job = await sbatch([...(dependency === undefined ? [] : [`--dependency=${dependency}`]), path]);
      const units = Object.fromEntries([...array.units].map(([task, { id }]) => [task, id]));
      jobs.push({ job, name: array.name, units });
      await writeJobs(root, folder, jobs);
    }
    return jobs;
  } catch (error) {
    await scancel(
      jobs.map(({ job }) => job),
      true,
    ).catch(() => undefined);
    await removeSubmission(root, folder);
    throw error instanceof LimnError ? error.with({}, `${fields.plan}: slurm`) : error;
  }
}

/** How the units of a plan run in jobs that say in the folder `logs` what they have to. */
export function scriptOptions(root: string, logs: string, fields: SubmitFields): ScriptOptions {
  const {
    plan,
    maxUnits,
    grace,
    settle,
    limn = `${shellWord(process.execPath)} ${shellWord(limnMain())}`,
  } = fields;
  return { root, plan: basename(plan), logs, limn, resources: fields, maxUnits, grace, settle };
}
