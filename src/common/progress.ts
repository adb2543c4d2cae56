/** How a caller follows and stops work. */
export interface RunWatch {
  /** Called after every run with the number of images (for methods of many passes: passes) done and in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Checked before every run; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Counts towards a total that is known beforehand. */
export interface Counter {
  /** Before a run. Errors: the work was aborted. */
  check(): void;
  /** After a run of `count` images or passes. */
  add(count: number): void;
}

export function counter(watch: RunWatch, total: number): Counter {
  let done = 0;
  return {
    check: () => watch.signal?.throwIfAborted(),
    add(count) {
      done += count;
      watch.onProgress?.(done, total);
    },
  };
}
