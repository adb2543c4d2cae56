import { LimnError } from '../common/error.ts';
import { beginUnit } from './attempt.node.ts';
import {
  beginExecution,
  type Change,
  change,
  type ExecuteOptions,
  type Execution,
  readiness,
} from './execution.node.ts';
import type { Plan, Unit } from './unit.ts';

export { type Change, type ExecuteOptions, isChosen, type UnitState } from './execution.node.ts';

/**
 * Runs the units of a plan that are not done, each after those that it needs, and never one that another process has:
 * of that it waits for the end. What fails leaves what does not need it alone. Returns each chosen unit's last state.
 */
export async function execute(plan: Plan, options: ExecuteOptions): Promise<ReadonlyMap<Unit, Change>> {
  const { stop, poll = 2000 } = options;
  const execution = await beginExecution(plan, options);
  const { now, running } = execution;
  while (true) {
    const open = await startReady(execution);
    if (running.size === 0 && (stop.aborted || open === 0)) return now;
    if (stop.aborted) await Promise.race(running);
    else await oneOf(running, poll, stop);
  }
}

/** Starts the units that can be, as many as there are workers for; returns how many chosen ones are not at their end. */
async function startReady(execution: Execution): Promise<number> {
  const { chosen, now, tries, running, options } = execution;
  let open = 0;
  for (const unit of chosen) {
    if (options.stop.aborted) break;
    const { state } = now.get(unit)!;
    if (state !== 'waiting' && state !== 'elsewhere') continue;
    const ready = await readiness(execution, unit);
    if (typeof ready === 'object') {
      change(execution, { unit, state: 'blocked', what: ready.blocked });
      continue;
    }
    open++;
    const due = (tries.get(unit)?.notBefore ?? 0) <= performance.now();
    if (!ready || !due || running.size >= options.workers) continue;
    try {
      await beginUnit(execution, unit);
    } catch (error) {
      if (!(error instanceof LimnError)) throw error;
      change(execution, { unit, state: 'failed', what: error.message });
    }
  }
  return open;
}

/** Waits until one of them has ended, `ms` milliseconds are over, or `signal` is aborted; leaves no timer behind. */
function oneOf(running: ReadonlySet<Promise<void>>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    for (const each of running) each.then(end, reject);
  });
}
