import { failEnvironment } from '../common/error.ts';
import { folderIdentity } from '../common/vanished.node.ts';
import { version } from '../common/version.ts';
import { checkRequest } from '../verbs/request.ts';
import { type Change, execute } from './execute.node.ts';
import type { Executor } from './executor.ts';
import { openPlan } from './open.node.ts';
import { processes } from './processes.node.ts';
import { type RunPlanRequest, runPlanRequest } from './request.ts';

/** How a plan goes on: which units wait, run, are done or failed. */
export type RunPlanEvent =
  /** So many units are chosen, which work in folders below the root. */
  | { readonly kind: 'start'; readonly root: string; readonly units: number }
  /** A unit's state changed. */
  | { readonly kind: 'change'; readonly change: Change };

/** How a caller follows the run of a plan and ends it. */
export interface RunPlanWatch {
  readonly on?: ((event: RunPlanEvent) => void) | undefined;
  /** Units save what they have and stop; the result says which. */
  readonly stop?: AbortSignal | undefined;
  /** Units end at once. */
  readonly kill?: AbortSignal | undefined;
}

/** How the units of a plan ended. */
export interface RunPlanResult {
  /** The plan's file. */
  readonly plan: string;
  /** The last state of each chosen unit, in the plan's order. */
  readonly units: readonly Change[];
}

/**
 * Runs the units of a plan, each after those that it needs: skips what is finished, goes on with what was interrupted, leaves
 * alone what another process has. What becomes of a unit is no error. Errors: no plan; a pattern that no unit fits;
 * the plan's folder is gone, or another one in its place.
 */
export async function runPlan(
  request: RunPlanRequest,
  executor: Executor = processes(),
  { on, stop = never(), kill = never() }: RunPlanWatch = {},
): Promise<RunPlanResult> {
  const { plan: path, workers, only, settle } = checkRequest(runPlanRequest, request);
  const { plan, root, chosen } = await openPlan(path, only);
  on?.({ kind: 'start', root, units: chosen.length });
  const onChange = (change: Change) => on?.({ kind: 'change', change });
  const place = await folderIdentity(root);
  const states = await execute(plan, {
    ...{ root, executor, workers, only, stop, kill, onChange },
    settle: settle * 1000,
    limn: version,
  });
  if ((await folderIdentity(root)) !== place) {
    const what = 'its folder was removed or replaced while its units ran';
    failEnvironment(path, what, 'leave it alone, make the plan again and run it');
  }
  return { plan: path, units: [...states.values()] };
}

const never = (): AbortSignal => new AbortController().signal;
