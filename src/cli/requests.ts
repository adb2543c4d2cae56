import { constants } from 'node:os';
import { removeUnfinished } from '../common/atomic.node.ts';
import type { Request } from '../training/loop.node.ts';
import { complain } from './errors.ts';

/** What signals ask of a training. */
export interface Requests {
  /** What was asked for since the last call. */
  take(): Request | undefined;
  /** The exit code that says which signal stopped it: 130 for SIGINT, as shells have it. */
  readonly exitCode: number | undefined;
}

/**
 * Takes signals as Caffe does: SIGINT (and SIGTERM, with which machines are shut down) asks for a snapshot and an end, SIGHUP
 * for a snapshot. What asks for an end a second time ends the process at once: the last snapshot is whole.
 */
export function listenForRequests(): Requests {
  let wanted: Request | undefined;
  let exitCode: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(signal).on(signal, () => {
      if (exitCode !== undefined) {
        removeUnfinished();
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      }
      complain(`${signal}: a snapshot after this iteration, then the end; a second one ends at once`);
      wanted = 'stop';
      exitCode = 128 + constants.signals[signal];
    });
  }
  process.removeAllListeners('SIGHUP').on('SIGHUP', () => {
    complain('SIGHUP: a snapshot after this iteration');
    wanted ??= 'snapshot';
  });
  return {
    take() {
      const taken = wanted;
      wanted = undefined;
      return taken;
    },
    get exitCode() {
      return exitCode;
    },
  };
}
