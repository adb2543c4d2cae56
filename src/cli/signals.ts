import { removeUnfinished } from '../common/atomic.node.ts';

/** What the system's signals ask for. */
export interface Listening {
  /** The first came. */
  readonly stop: AbortSignal;
  /** The second came. */
  readonly kill: AbortSignal;
  /** The first, by its name. */
  readonly by: NodeJS.Signals | undefined;
  /** Ends this process by that signal, as it would have done at once. */
  obey(): void;
}

/** Listens to SIGINT, SIGTERM and SIGHUP in place of what listens to them otherwise; `say` takes what the first is answered. */
export function listen(say: () => void): Listening {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let by: NodeJS.Signals | undefined;
  const on = (name: NodeJS.Signals) => {
    if (by) return kill.abort();
    by = name;
    say();
    stop.abort();
  };
  for (const name of names) process.removeAllListeners(name).on(name, on);
  return {
    stop: stop.signal,
    kill: kill.signal,
    get by() {
      return by;
    },
    obey() {
      removeUnfinished();
      // The system's own answer to the signal: it ends the process before the next line.
      process.removeAllListeners(by!);
      process.kill(process.pid, by!);
    },
  };
}
