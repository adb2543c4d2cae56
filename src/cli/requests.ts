import { constants } from 'node:os';
import type { Request, Requests } from '../training/loop.node.ts';
import { complain } from './errors.ts';
import { endBy, handleSignals } from './signals.ts';

/** What signals ask of a training. */
export interface SignalRequests extends Requests {
  /** The exit code that says which signal stopped it: 130 for SIGINT, as shells have it. */
  readonly exitCode: number | undefined;
}

/**
 * Takes signals as Caffe does, from now on until it is closed: SIGINT (and SIGTERM, with which machines are shut down)
 * asks for a snapshot and an end, SIGHUP for a snapshot. What asks for an end a second time ends the process at once: the
 * last snapshot is whole. Before and after, there is nothing to save, and all of them end the process at once.
 */
export function listenForRequests(): SignalRequests {
  let wanted: Request | undefined;
  let exitCode: number | undefined;
  const restore = handleSignals((signal) => {
    if (signal === 'SIGHUP') {
      complain('SIGHUP: a snapshot after this iteration');
      wanted ??= 'snapshot';
      return;
    }
    if (exitCode !== undefined) endBy(signal);
    complain(`${signal}: a snapshot after this iteration, then the end; a second one ends at once`);
    wanted = 'stop';
    exitCode = 128 + constants.signals[signal];
  });
  return {
    take() {
      const taken = wanted;
      wanted = undefined;
      return taken;
    },
    close: restore,
    get exitCode() {
      return exitCode;
    },
  };
}
