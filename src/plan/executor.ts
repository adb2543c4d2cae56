import type { LockRef } from '../common/lockref.ts';
import type { Task } from './task.ts';
import type { Unit } from './unit.ts';

/** How work is told to end: to stop where it can go on, or at once. */
export interface Signals {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

/** How an attempt ended. `later`: it may do at another time. `stopped`: it can go on. `lost`: another process has the unit now. */
export type Ending =
  | { readonly kind: 'done' | 'stopped' | 'lost' }
  | { readonly kind: 'failed' | 'later'; readonly what: string };

/** The right to work on a unit. */
export interface Claim {
  /** Says who does the work, where that is a process of this machine: the right lasts as long as that one lives. */
  work(pid: number): Promise<void>;
  /** By which that process shows that it lives, should it outlive this one. */
  readonly ref: LockRef;
}

/** One attempt at a unit. */
export interface Attempt extends Signals {
  readonly unit: Unit;
  /** What is to be done now. */
  readonly task: Task;
  /** The plan's folder, from which all paths start. */
  readonly root: string;
  readonly claim: Claim;
  /** Another has taken the unit: nothing more may be written. */
  readonly lost: AbortSignal;
}

/**
 * Where units are done: processes of this machine, a queue, a cluster. It is given units whose inputs are whole, one attempt
 * at a time of each, and keeps to the contract of units; whether the outputs are there, its caller looks.
 */
export interface Executor {
  attempt(attempt: Attempt): Promise<Ending>;
}
