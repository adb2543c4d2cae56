import { resolve } from 'node:path';
import { systemError } from '../common/errno.node.ts';
import { LimnError } from '../common/error.ts';
import { makeFolder } from '../common/folder.node.ts';
import { beatRegularly, type Lock, takeLock } from '../common/lock.node.ts';
import { type Change, change, type Execution } from './execution.node.ts';
import type { Ending } from './executor.ts';
import { isDone, markDone, markFailed, unitFailure, unmark } from './marker.node.ts';
import { prepareTask } from './prepare.node.ts';
import type { Unit } from './unit.ts';

/** How often a unit is tried that is killed or asks to be tried later. */
const attempts = 3;

/** Starts a unit, or finds out why not; what comes of it is a change. */
export async function beginUnit(execution: Execution, unit: Unit): Promise<void> {
  const { now, failuresBefore, sightings, running, options } = execution;
  const { root } = options;
  const before = now.get(unit)!.state;
  const failure = await unitFailure(unit, root);
  // Tried in vain since this run began: trying again is for the next one.
  if (failure && failure.token !== failuresBefore.get(unit.id)) {
    return change(execution, { unit, state: 'failed', what: failure.what });
  }
  await makeFolder(resolve(root, unit.folder));
  const lock = await takeLock(resolve(root, unit.folder, 'lock'), sightings);
  if (!lock) {
    if (before !== 'elsewhere') change(execution, { unit, state: 'elsewhere' });
    return;
  }
  // Only now is it certain: another process may have finished it a moment ago.
  if (await isDone(unit, root)) {
    await lock.release();
    return change(execution, { unit, state: 'done', found: true });
  }
  const ends = attempt(execution, unit, lock).finally(() => running.delete(ends));
  running.add(ends);
}

/** An attempt, with signs of life from the taking of its lock until it is given back. */
async function attempt(execution: Execution, unit: Unit, lock: Lock): Promise<void> {
  const { root } = execution.options;
  const since = performance.now();
  const lost = new AbortController();
  const beats = beatRegularly(lock.beat, () => lost.abort());
  change(execution, { unit, state: 'running' });
  const ending = await endingOf(execution, unit, lock, since, lost.signal);
  if (ending.kind === 'failed') await markFailed(unit, root, lock.token, ending.what).catch(() => undefined);
  clearInterval(beats);
  await lock.release().catch(() => undefined);
  change(execution, after(execution, unit, ending, performance.now() - since));
}

/** Runs a unit to its end, and marks it if it is done. */
async function endingOf(
  { options }: Execution,
  unit: Unit,
  lock: Lock,
  since: number,
  lost: AbortSignal,
): Promise<Ending> {
  const { root, executor, limn, settle, stop, kill } = options;
  try {
    await unmark(unit, root);
    const task = await prepareTask(unit, root, { settle, signal: AbortSignal.any([stop, kill, lost]) });
    const ending = await executor.attempt({ unit, task, root, claim: lock, stop, kill, lost });
    if (ending.kind !== 'done') return ending;
    // Its lock may have been lost while the process ended.
    if (!(await lock.beat())) return { kind: 'lost' };
    await markDone(unit, root, { limn, seconds: (performance.now() - since) / 1000 });
    return ending;
  } catch (error) {
    if (lost.aborted || !(await lock.beat().catch(() => true))) return { kind: 'lost' };
    if (error instanceof Error && error.name === 'AbortError') return { kind: 'stopped' };
    const what = (error instanceof LimnError ? error : systemError(error))?.message ?? String(error);
    return { kind: 'failed', what };
  }
}

/** What the end of an attempt makes of a unit: one that is to be tried later waits, but not for ever. */
function after({ tries, options }: Execution, unit: Unit, ending: Ending, took: number): Change {
  if (ending.kind === 'lost') return { unit, state: 'elsewhere', took };
  if (ending.kind !== 'later') {
    return { unit, state: ending.kind, took, ...('what' in ending && { what: ending.what }) };
  }
  const made = (tries.get(unit)?.made ?? 0) + 1;
  if (made >= attempts) return { unit, state: 'failed', took, what: `${ending.what} (${made} attempts)` };
  tries.set(unit, { made, notBefore: performance.now() + (options.patience ?? 10_000) * made });
  return { unit, state: 'waiting', took, what: ending.what };
}
