/** Two signals of the system as signals of the program. */
export interface Listening {
  /** The first came. */
  readonly stop: AbortSignal;
  /** The second came. */
  readonly kill: AbortSignal;
  /** The first, by its name. */
  readonly by: NodeJS.Signals | undefined;
  /** Lets the signal do what it would have done at once. */
  resume(): void;
  /** Puts things back as they were. */
  forget(): void;
}

/** Listens to SIGINT, SIGTERM and SIGHUP in place of what listens to them otherwise; `say` takes what the first is answered. */
export function listen(say: () => void): Listening {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = names.map((name) => process.listeners(name));
  let by: NodeJS.Signals | undefined;
  const on = (name: NodeJS.Signals) => {
    if (by) return kill.abort();
    by = name;
    say();
    stop.abort();
  };
  for (const name of names) process.removeAllListeners(name).on(name, on);
  const forget = () => {
    for (const [i, name] of names.entries()) {
      process.removeAllListeners(name);
      for (const listener of before[i]!) process.on(name, listener);
    }
  };
  return {
    stop: stop.signal,
    kill: kill.signal,
    get by() {
      return by;
    },
    resume() {
      forget();
      process.kill(process.pid, by!);
    },
    forget,
  };
}
