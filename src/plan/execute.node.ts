import { resolve } from 'node:path';
import { systemError } from '../common/errno.node.ts';
import { LimnError } from '../common/error.ts';
import { makeFolder } from '../common/folder.node.ts';
import { type Lock, type Sightings, takeLock } from '../common/lock.node.ts';
import type { Ending, Executor, Signals } from './executor.ts';
import { isDone, markDone, markFailed, unitFailure, unmark } from './marker.node.ts';
import { fits } from './pattern.ts';
import { prepareTask } from './prepare.node.ts';
import type { Plan, Unit } from './unit.ts';

/**
 * Where a unit stands. `elsewhere`: another process has it; `blocked`: what it needs failed or is not among the chosen; `stopped`: it
 * can go on.
 */
export type UnitState = 'waiting' | 'running' | 'elsewhere' | 'done' | 'failed' | 'blocked' | 'stopped';

/** A change of a unit's state. */
export interface Change {
  readonly unit: Unit;
  readonly state: UnitState;
  /** For people: why it failed, what blocks it. */
  readonly what?: string;
  /** It was done before. */
  readonly found?: true;
  /** Milliseconds that it ran, at its end. */
  readonly took?: number;
}

export interface ExecuteOptions extends Signals {
  /** The plan's folder. */
  readonly root: string;
  readonly executor: Executor;
  /** Units at a time. */
  readonly workers: number;
  /** Patterns of names, or beginnings of ids; everything unless given. */
  readonly only?: readonly string[] | undefined;
  /** limn's version, for the markers. */
  readonly limn: string;
  readonly onChange: (change: Change) => void;
  /** Milliseconds between looks at what other processes do. */
  readonly poll?: number;
  /** Milliseconds before a unit that asked for it is tried again. */
  readonly patience?: number;
}

/** How often a unit is tried that is killed or asks to be tried later. */
const attempts = 3;

/** Whether a unit is among the chosen. */
export const isChosen = ({ name, id }: Unit, only: readonly string[] | undefined): boolean =>
  !only || only.some((pattern) => fits(name, pattern) || fits(id, `${pattern}*`));

/**
 * Runs the units of a plan that are not done, each after those that it needs, and never one that another process has:
 * of that it waits for the end. What fails leaves what does not need it alone. Returns each chosen unit's last state.
 */
export async function execute(plan: Plan, options: ExecuteOptions): Promise<ReadonlyMap<Unit, Change>> {
  const { root, executor, workers, only, stop, kill, poll = 2000 } = options;
  const byId = new Map(plan.units.map((unit) => [unit.id, unit]));
  const chosen = plan.units.filter((unit) => isChosen(unit, only));
  const now = new Map<Unit, Change>();
  const change = (next: Change) => {
    now.set(next.unit, next);
    options.onChange(next);
  };
  const sightings: Sightings = new Map();
  const failuresBefore = new Map<string, string>();
  const tries = new Map<Unit, { made: number; notBefore: number }>();
  const running = new Set<Promise<void>>();

  for (const unit of chosen) {
    const done = await isDone(unit, root);
    change(done ? { unit, state: 'done', found: true } : { unit, state: 'waiting' });
    const failure = done ? undefined : await unitFailure(unit, root);
    if (failure) failuresBefore.set(unit.id, failure.token);
  }

  /** Whether a unit's needs are done, and if they never will be, what is in the way. */
  const readiness = async (unit: Unit): Promise<boolean | { blocked: string }> => {
    for (const id of unit.needs) {
      const need = byId.get(id)!;
      const state = now.get(need)?.state;
      if (state === 'done') continue;
      if (state === undefined) {
        if (await isDone(need, root)) continue;
        return { blocked: `needs ${need.name}, which is neither done nor chosen` };
      }
      if (state === 'failed' || state === 'blocked' || state === 'stopped')
        return { blocked: `needs ${need.name}` };
      return false;
    }
    return true;
  };

  const run = async (unit: Unit, lock: Lock): Promise<void> => {
    const since = performance.now();
    change({ unit, state: 'running' });
    let ending: Ending;
    try {
      await unmark(unit, root);
      const task = await prepareTask(unit, root);
      ending = await executor.attempt({ unit, task, root, claim: lock, stop, kill });
      if (ending.kind === 'done') {
        // Its lock may have been lost while the process ended.
        if (await lock.beat()) {
          await markDone(unit, root, { limn: options.limn, seconds: (performance.now() - since) / 1000 });
        } else ending = { kind: 'lost' };
      }
    } catch (error) {
      const mine = await lock.beat().catch(() => true);
      const what = (error instanceof LimnError ? error : systemError(error))?.message ?? String(error);
      ending = mine ? { kind: 'failed', what } : { kind: 'lost' };
    }
    if (ending.kind === 'failed')
      await markFailed(unit, root, lock.token, ending.what).catch(() => undefined);
    await lock.release().catch(() => undefined);
    change(after(unit, ending, performance.now() - since));
  };

  const after = (unit: Unit, ending: Ending, took: number): Change => {
    if (ending.kind === 'lost') return { unit, state: 'elsewhere', took };
    if (ending.kind !== 'later') {
      return { unit, state: ending.kind, took, ...('what' in ending && { what: ending.what }) };
    }
    const made = (tries.get(unit)?.made ?? 0) + 1;
    if (made >= attempts) return { unit, state: 'failed', took, what: `${ending.what} (${made} attempts)` };
    tries.set(unit, { made, notBefore: performance.now() + (options.patience ?? 10_000) * made });
    return { unit, state: 'waiting', took, what: ending.what };
  };

  /** Starts a unit, or finds out why not. */
  const begin = async (unit: Unit): Promise<void> => {
    const before = now.get(unit)!.state;
    const failure = await unitFailure(unit, root);
    // Tried in vain since this run began: trying again is for the next one.
    if (failure && failure.token !== failuresBefore.get(unit.id)) {
      return change({ unit, state: 'failed', what: failure.what });
    }
    await makeFolder(resolve(root, unit.folder));
    const lock = await takeLock(resolve(root, unit.folder, 'lock'), sightings);
    if (!lock) {
      if (before !== 'elsewhere') change({ unit, state: 'elsewhere' });
      return;
    }
    // Only now is it certain: another process may have finished it a moment ago.
    if (await isDone(unit, root)) {
      await lock.release();
      return change({ unit, state: 'done', found: true });
    }
    const ends = run(unit, lock).finally(() => running.delete(ends));
    running.add(ends);
  };

  while (true) {
    let open = 0;
    for (const unit of chosen) {
      if (stop.aborted) break;
      const { state } = now.get(unit)!;
      if (state !== 'waiting' && state !== 'elsewhere') continue;
      const ready = await readiness(unit);
      if (typeof ready === 'object') change({ unit, state: 'blocked', what: ready.blocked });
      else {
        open++;
        const due = (tries.get(unit)?.notBefore ?? 0) <= performance.now();
        if (ready && due && running.size < workers) {
          try {
            await begin(unit);
          } catch (error) {
            if (!(error instanceof LimnError)) throw error;
            change({ unit, state: 'failed', what: error.message });
          }
        }
      }
    }
    if (running.size === 0 && (stop.aborted || open === 0)) return now;
    if (stop.aborted) await Promise.race(running);
    else await oneOf(running, poll, stop);
  }
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
