import { setTimeout as sleep } from 'node:timers/promises';
import { failEnvironment } from '../../common/error.ts';
import { checkRequest } from '../../verbs/request.ts';
import { openPlan } from '../open.node.ts';
import { type CancelRequest, cancelRequest, type PlanStatusRequest, planStatusRequest } from '../request.ts';
import type { RunPlanEvent } from '../run.node.ts';
import { scancel } from './slurm.node.ts';
import { type ClusterState, clusterStates } from './states.node.ts';

/** How the units of a plan stand. */
export interface PlanStatus {
  /** The plan's file. */
  readonly plan: string;
  /** Its folder. */
  readonly root: string;
  /** Each chosen unit, in the plan's order. */
  readonly units: readonly ClusterState[];
}

/** Says how the units of a plan stand, by their own marks and by what Slurm knows of them. Changes nothing. */
export async function planStatus(request: PlanStatusRequest): Promise<PlanStatus> {
  const { plan: path, only } = checkRequest(planStatusRequest, request);
  const { plan, root, chosen } = await openPlan(path, only);
  const states = await clusterStates(plan, root);
  return { plan: path, root, units: chosen.map((unit) => states.get(unit)!) };
}

/** How a caller follows units that a cluster runs. */
export interface FollowWatch {
  readonly on?: ((event: RunPlanEvent) => void) | undefined;
  /** Ends the watching; the units go on. */
  readonly stop?: AbortSignal | undefined;
  /** Milliseconds between looks; 5000 unless given. */
  readonly poll?: number | undefined;
}

/** Looks in vain, one after the other, after which Slurm counts as gone: a controller that is started anew takes a while. */
const patience = 60;
/** Milliseconds that a shared folder may take to show what another machine wrote. */
const settle = 60_000;

/** Follows the units of a plan until none of them waits or runs in the queue; returns how they stand then. */
export async function followPlan(
  request: PlanStatusRequest,
  { on, stop, poll = 5000 }: FollowWatch = {},
): Promise<PlanStatus> {
  const { plan: path, only } = checkRequest(planStatusRequest, request);
  const { root, chosen } = await openPlan(path, only);
  on?.({ kind: 'start', root, units: chosen.length });
  const known = new Map<string, string>();
  let vain = 0;
  let over: number | undefined;
  while (true) {
    const status = await planStatus(request).catch((error: unknown) => {
      if (++vain >= patience) throw error;
      return undefined;
    });
    if (status) {
      vain = 0;
      for (const each of status.units) {
        const { unit, state, what } = each;
        if (known.get(unit.id) === `${state} ${what}`) continue;
        const isFirst = !known.has(unit.id);
        known.set(unit.id, `${state} ${what}`);
        on?.({
          kind: 'change',
          change: { ...each, ...(isFirst && state === 'done' && { found: true as const }) },
        });
      }
      const isOver = status.units.every(({ live }) => !live);
      over = isOver ? (over ?? performance.now()) : undefined;
      // A shared folder may show a mark late.
      const isSeen = status.units.every(({ unseen }) => !unseen);
      if (stop?.aborted || (isOver && (isSeen || performance.now() - over! > settle))) return status;
    } else if (stop?.aborted) failEnvironment('slurm', 'it does not answer', 'look again later');
    await sleep(poll, undefined, stop && { signal: stop }).catch(() => undefined);
  }
}

/** What became of the units of a plan that was called off. */
export interface CancelResult {
  readonly plan: string;
  /** Names of units that waited, and now will not be run. */
  readonly cancelled: readonly string[];
  /** Names of units that ran: they save what they have and stop, or are killed. */
  readonly stopping: readonly string[];
}

/**
 * Takes units of a plan out of Slurm's queue. Those that run are told to save what they have, and stop; what is done stays.
 * Units that wait for one of them go too. Submitting the plan again goes on. Errors: Slurm does not answer or refuses.
 */
export async function cancelPlan(request: CancelRequest): Promise<CancelResult> {
  const { plan, only, now } = checkRequest(cancelRequest, request);
  const { units } = await planStatus({ plan, only });
  const live = units.filter((each) => each.live && each.state !== 'done');
  await scancel(
    live.map(({ task }) => task!),
    now,
  );
  const names = (running: boolean) =>
    live.filter(({ state }) => (state === 'running') === running).map(({ unit }) => unit.name);
  return { plan, cancelled: names(false), stopping: names(true) };
}
