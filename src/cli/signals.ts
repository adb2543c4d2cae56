import { removeUnfinished } from '../common/unfinished.node.ts';

/** The signals that ask a process to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
const endSignals: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

let parting: (() => void) | undefined;

/** What is to be said when Ctrl-C ends this process. */
export function onInterrupt(say: () => void): void {
  parting = say;
}

/**
 * Ends this process by a signal, as the system would have done at once, without half-written files. An orderly exit would
 * stop worker threads in the middle of a run, which ONNX Runtime aborts.
 */
export function endBy(signal: NodeJS.Signals): void {
  removeUnfinished();
  if (signal === 'SIGINT') parting?.();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Takes the signals in place of what takes them otherwise; the result gives them back to {@link endBy}. */
export function handleSignals(on: (signal: EndSignal) => void): () => void {
  const give = (listener: (signal: EndSignal) => void) => {
    for (const signal of endSignals) process.removeAllListeners(signal).on(signal, () => listener(signal));
  };
  give(on);
  return () => give(endBy);
}

/** What the system's signals ask for. */
export interface Listening {
  /** The first came. */
  readonly stop: AbortSignal;
  /** The second came. */
  readonly kill: AbortSignal;
  /** The first, by its name. */
  readonly by: EndSignal | undefined;
  /** Ends this process by that signal, as it would have done at once. */
  obey(): void;
}

/** Listens to the signals; `say` takes what the first is answered. */
export function listen(say: () => void): Listening {
  const [stop, kill] = [new AbortController(), new AbortController()];
  let by: EndSignal | undefined;
  handleSignals((signal) => {
    if (by) return kill.abort();
    by = signal;
    say();
    stop.abort();
  });
  return {
    stop: stop.signal,
    kill: kill.signal,
    get by() {
      return by;
    },
    obey: () => endBy(by!),
  };
}
