import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { failEnvironment } from './error.ts';
import {
  beatRegularly,
  deadAfter,
  type Holder,
  holderOf,
  type Lock,
  type Sightings,
  takeLock,
} from './lock.node.ts';
import { machine } from './process.node.ts';

/** Something that only this process may write to, as long as it works. */
export interface Hold {
  /** Errors: the lock is gone, or another process's. */
  check(): void;
  /** Lets others have it; leaves no file behind unless an earlier owner was killed. */
  release(): Promise<void>;
}

/**
 * Holds `lock` (see {@link takeLock}) for work on `what`, a path that errors name, and shows signs of life until it is given
 * back. A dead owner's lock is taken over. Of an owner on another machine only signs of life tell: if the last is 90 s old,
 * the next one is waited for, 90 s at most, or until `signal` is aborted. Errors: another process has it; who, and since when.
 */
export async function hold(lock: string, what: string, signal?: AbortSignal): Promise<Hold> {
  const taken = await takeOrRefuse(lock, what, signal);
  let lost = false;
  const beats = beatRegularly(taken.beat, () => {
    lost = true;
  }).unref();
  return {
    check() {
      if (lost)
        failEnvironment(
          what,
          'it was removed, or taken over by another process, while limn wrote to it',
          again,
        );
    },
    async release() {
      clearInterval(beats);
      // What is not given back is taken over from a process that is gone.
      await taken.discard().catch(() => undefined);
    },
  };
}

const again = 'leave it alone and run this again';

async function takeOrRefuse(lock: string, what: string, signal: AbortSignal | undefined): Promise<Lock> {
  const sightings: Sightings = new Map();
  let first: string | undefined;
  for (let tries = 0; ; tries++) {
    const taken = await takeLock(lock, sightings);
    if (taken) return taken;
    const holder = await holderOf(lock);
    // Without a holder, it is being taken or given back right now.
    if (!holder && tries < 20) {
      await pause(50, signal);
      continue;
    }
    if (!holder) {
      return existsSync(dirname(lock))
        ? failEnvironment(what, 'in use by another process of limn', 'try again')
        : failEnvironment(what, 'its folder was removed while limn began to write to it', again);
    }
    const sign = `${holder.token} ${holder.seen.getTime()}`;
    first ??= sign;
    if (sign === first && isDoubtful(holder)) {
      await pause(2000, signal);
      continue;
    }
    const { pid } = holder.worker ?? holder.runner;
    const since = holder.since === undefined ? '' : `, since ${holder.since}`;
    return failEnvironment(
      what,
      `in use by another process of limn: ${pid} on ${holder.host}${since}`,
      'wait for its end, stop it, or choose another folder',
    );
  }
}

/**
 * Whether another machine's owner has to be watched to know that it lives: its last sign of life is not of just now. That is by two
 * machines' clocks, which may differ, so a sign of the future says no more than an old one; watching does not depend on them.
 */
const isDoubtful = (holder: Holder & { readonly seen: Date }): boolean =>
  holder.machine !== machine() && Math.abs(Date.now() - holder.seen.getTime()) > deadAfter;

const pause = (ms: number, signal: AbortSignal | undefined) =>
  setTimeout(ms, undefined, signal && { signal });
