import { dirname, resolve } from 'node:path';
import { failEnvironment, failRequest } from '../common/error.ts';
import { readTextFile } from '../common/file.node.ts';
import { folderIdentity } from '../common/vanished.node.ts';
import { version } from '../common/version.ts';
import { field, words } from '../common/words.ts';
import { checkRequest } from '../verbs/request.ts';
import { type Change, execute, isChosen } from './execute.node.ts';
import type { Executor } from './executor.ts';
import { readPlan } from './planfile.ts';
import { processes } from './processes.node.ts';
import { type RunPlanRequest, runPlanRequest } from './request.ts';

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
  const { plan: path, workers, only } = checkRequest(runPlanRequest, request);
  const plan = readPlan(await readTextFile(path, 'a plan'), path);
  const chosen = plan.units.filter((unit) => isChosen(unit, only)).length;
  if (only && chosen === 0) {
    failRequest(
      words`${field('only')}`,
      `no unit fits ${only.join(', ')}`,
      `names are like ${plan.units[0]?.name}`,
    );
  }
  const root = dirname(resolve(path));
  on?.({ kind: 'start', root, units: chosen });
  const onChange = (change: Change) => on?.({ kind: 'change', change });
  const place = await folderIdentity(root);
  const states = await execute(plan, {
    ...{ root, executor, workers, only, stop, kill, onChange },
    limn: version,
  });
  if ((await folderIdentity(root)) !== place) {
    const what = 'its folder was removed or replaced while its units ran';
    failEnvironment(path, what, 'leave it alone, make the plan again and run it');
  }
  return { plan: path, units: [...states.values()] };
}

const never = (): AbortSignal => new AbortController().signal;
