import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { failEnvironment } from './error.ts';
import { beatEvery, deadAfter, holderOf, type Lock, type Sightings, takeLock } from './lock.node.ts';
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
 * back. A dead owner's lock is taken over. Of an owner on another machine only signs of life tell: if there was none for
 * long, they are waited for, {@link deadAfter} milliseconds at most. Errors: another process has it; who, and since when.
 */
export async function hold(lock: string, what: string): Promise<Hold> {
  const taken = await takeOrRefuse(lock, what);
  let lost = false;
  const beats = setInterval(async () => {
    // A disk that fails now and then is no reason to give up.
    if (!(await taken.beat().catch(() => true))) lost = true;
  }, beatEvery).unref();
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

async function takeOrRefuse(lock: string, what: string): Promise<Lock> {
  const sightings: Sightings = new Map();
  for (let tries = 0; ; tries++) {
    const taken = await takeLock(lock, sightings);
    if (taken) return taken;
    const holder = await holderOf(lock);
    const away = holder !== undefined && holder.machine !== machine();
    const stale = away && Date.now() - holder.seen.getTime() > deadAfter;
    // Without a holder, it is being taken or given back right now.
    if (holder ? stale : tries < 20) {
      await new Promise((resolve) => setTimeout(resolve, holder ? 2000 : 50));
      continue;
    }
    if (!holder) {
      return existsSync(dirname(lock))
        ? failEnvironment(what, 'in use by another process of limn', 'try again')
        : failEnvironment(what, 'its folder was removed while limn began to write to it', again);
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
