import type { Sightings } from '../common/lock.node.ts';
import type { Executor, Signals } from './executor.ts';
import { isDone, unitFailure } from './marker.node.ts';
import { fits } from './pattern.ts';
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
  /**
   * Milliseconds until a shared folder shows what units read, and what other machines did of units that are needed but not chosen;
   * 0 unless given.
   */
  readonly settle?: number;
}

/** Whether a unit is among the chosen. */
export const isChosen = ({ name, id }: Unit, only: readonly string[] | undefined): boolean =>
  !only || only.some((pattern) => fits(name, pattern) || fits(id, `${pattern}*`));

/** A plan that is being executed. */
export interface Execution {
  readonly options: ExecuteOptions;
  /** All units of the plan. */
  readonly byId: ReadonlyMap<string, Unit>;
  readonly chosen: readonly Unit[];
  /** Each chosen unit's last change. */
  readonly now: Map<Unit, Change>;
  /** What is known of other processes' locks. */
  readonly sightings: Sightings;
  /** Tokens of failures from before this execution, by the unit's id: they do not count. */
  readonly failuresBefore: Map<string, string>;
  /** How often units were tried in vain, and the time (`performance.now()`) before which they are not tried again. */
  readonly tries: Map<Unit, { readonly made: number; readonly notBefore: number }>;
  /** When it began, by `performance.now()`. */
  readonly since: number;
  /** The attempts that run. */
  readonly running: Set<Promise<void>>;
}

/** Finds out which units are done. */
export async function beginExecution(plan: Plan, options: ExecuteOptions): Promise<Execution> {
  const { root, only } = options;
  const execution: Execution = {
    options,
    byId: new Map(plan.units.map((unit) => [unit.id, unit])),
    chosen: plan.units.filter((unit) => isChosen(unit, only)),
    now: new Map(),
    sightings: new Map(),
    failuresBefore: new Map(),
    tries: new Map(),
    since: performance.now(),
    running: new Set(),
  };
  for (const unit of execution.chosen) {
    const done = await isDone(unit, root);
    change(execution, done ? { unit, state: 'done', found: true } : { unit, state: 'waiting' });
    const failure = done ? undefined : await unitFailure(unit, root);
    if (failure) execution.failuresBefore.set(unit.id, failure.token);
  }
  return execution;
}

/** Notes and tells a change of a unit's state. */
export function change({ now, options }: Execution, next: Change): void {
  now.set(next.unit, next);
  options.onChange(next);
}

/** Whether a unit's needs are done, and if they never will be, what is in the way. */
export async function readiness(
  { byId, now, since, options }: Execution,
  unit: Unit,
): Promise<boolean | { readonly blocked: string }> {
  for (const id of unit.needs) {
    const need = byId.get(id)!;
    const state = now.get(need)?.state;
    if (state === 'done') continue;
    if (state === undefined) {
      if (await isDone(need, options.root)) continue;
      if (performance.now() - since < (options.settle ?? 0)) return false;
      return { blocked: `needs ${need.name}, which is neither done nor chosen` };
    }
    if (state === 'failed' || state === 'blocked' || state === 'stopped')
      return { blocked: `needs ${need.name}` };
    return false;
  }
  return true;
}
