import { resolve } from 'node:path';
import { readEnd } from '../../common/file.node.ts';
import type { Change } from '../execution.node.ts';
import { isDone, unitFailure } from '../marker.node.ts';
import type { Plan, Unit } from '../unit.ts';
import { type JobTask, readJobs } from './jobs.node.ts';
import { endedTasks, liveTasks, type SlurmTask } from './slurm.node.ts';

/** How a unit stands on a cluster. */
export interface ClusterState extends Change {
  /** The node that does it, or did it last. */
  readonly node?: string | undefined;
  /** Its task, `12_3`, if it was submitted, and what that says of itself, from the plan's folder on. */
  readonly task?: string | undefined;
  readonly log?: string | undefined;
  /** Whether Slurm has it: it waits or runs there. */
  readonly live: boolean;
  /** Its job has ended well, but this machine does not see its mark in the shared folder, or not yet. */
  readonly unseen?: true;
}

/** States in which a task has a node; in all others that squeue shows it waits. */
const atWork: ReadonlySet<string> = new Set([
  ...['RUNNING', 'COMPLETING', 'CONFIGURING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'STAGE_OUT'],
]);

/** How each unit of a plan stands: by its own marks, and by what Slurm knows. Errors: Slurm does not answer. */
export async function clusterStates(plan: Plan, root: string): Promise<ReadonlyMap<Unit, ClusterState>> {
  const jobs = await readJobs(root);
  // Before the marks are read: what ends in between is seen as done, not as lost.
  const live = jobs.size > 0 ? await liveTasks() : new Map<string, SlurmTask>();
  const states = new Map<Unit, ClusterState>();
  const lost: { readonly unit: Unit; readonly job: JobTask }[] = [];
  for (const unit of plan.units) {
    const job = jobs.get(unit.id);
    const task = job && live.get(job.task);
    const about = { unit, task: job?.task, log: job?.log, node: task?.node };
    const failure = task ? undefined : await unitFailure(unit, root);
    if (await isDone(unit, root)) states.set(unit, { ...about, state: 'done', live: task !== undefined });
    else if (task) states.set(unit, { ...about, ...liveState(task), live: true });
    else if (failure) states.set(unit, { ...about, state: 'failed', what: failure.what, live: false });
    else if (!job) states.set(unit, { ...about, state: 'waiting', live: false });
    else lost.push({ unit, job });
  }
  const ended = await endedTasks([...new Set(lost.map(({ job }) => job.job))]);
  for (const { unit, job } of lost) {
    const task = ended.get(job.task);
    const said = await lastSaid(root, job.log);
    states.set(unit, {
      unit,
      task: job.task,
      log: job.log,
      node: task?.node,
      live: false,
      ...ending(task, said),
    });
  }
  const cancelled = lost.filter(({ job }) => ended.get(job.task)?.state === 'CANCELLED');
  return blocked(plan, states, new Set(cancelled.map(({ unit }) => unit)));
}

function liveState({ state, reason }: SlurmTask): Pick<Change, 'state' | 'what'> {
  if (atWork.has(state)) return { state: 'running' };
  const known = reason === undefined || ['Dependency', 'Priority', 'Resources'].includes(reason);
  return known ? { state: 'waiting' } : { state: 'waiting', what: `slurm says ${reason}` };
}

/** What became of a unit that neither is marked nor has a task in the queue. */
function ending(task: SlurmTask | undefined, said: string): Pick<ClusterState, 'state' | 'what' | 'unseen'> {
  const words = said && `: ${said}`;
  switch (task?.state) {
    case undefined:
      return { state: 'stopped', what: `its job has ended, and slurm has forgotten how${words}` };
    case 'COMPLETED':
      return {
        ...{ state: 'stopped', unseen: true },
        what: 'its job has ended well, but its mark is not to be seen in the shared folder',
      };
    case 'CANCELLED':
      return { state: 'stopped', what: 'cancelled' };
    case 'TIMEOUT':
      return {
        state: 'stopped',
        what: `its job reached the time limit before it had saved what it had${words}`,
      };
    case 'NODE_FAIL':
    case 'BOOT_FAIL':
      return { state: 'stopped', what: `its node failed${words}` };
    case 'PREEMPTED':
      return { state: 'stopped', what: 'another job took its place' };
    case 'OUT_OF_MEMORY':
      return { state: 'failed', what: 'its job needed more memory than it was given' };
    case 'FAILED':
      if (['130:0', '143:0'].includes(task.exitCode ?? ''))
        return { state: 'stopped', what: 'it was told to stop, and can go on' };
      return { state: 'failed', what: `its job ended with exit code ${task.exitCode}${words}` };
    default:
      return { state: 'failed', what: `its job ended as ${task?.state}, ${task?.exitCode}${words}` };
  }
}

/** The last thing that limn or Slurm said in a job. */
async function lastSaid(root: string, log: string): Promise<string> {
  const bytes = await readEnd(resolve(root, log), 16_384).catch(() => undefined);
  const lines = new TextDecoder().decode(bytes).split(/[\r\n]+/);
  return lines.findLast((line) => /^(limn|slurmstepd[^:]*): /.test(line))?.replace(/^limn: /, '') ?? '';
}

/**
 * Marks what waits for something that will not come by itself; and what was cancelled, by Slurm, since what it needs did not come
 * to a good end.
 */
function blocked(
  { units }: Plan,
  states: Map<Unit, ClusterState>,
  cancelled: ReadonlySet<Unit>,
): ReadonlyMap<Unit, ClusterState> {
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  for (const unit of units) {
    const mine = states.get(unit)!;
    if (!cancelled.has(unit) && (mine.state !== 'waiting' || mine.live)) continue;
    const need = unit.needs
      .map((id) => byId.get(id)!)
      .find((each) => ['failed', 'blocked', 'stopped'].includes(states.get(each)!.state));
    if (need) states.set(unit, { ...mine, state: 'blocked', what: `needs ${need.name}` });
  }
  return states;
}
