import { signal } from '@preact/signals';

/** Plain data that this browser keeps for other visits. */
export interface Remembered<Data> {
  /** Whoever draws it follows it. */
  readonly value: Data;
  keep(next: Data): void;
}

/**
 * What is kept under a key; `take` makes the data of what stands there, which an older page may have written, or undefined where nothing
 * does. A browser that keeps nothing still has it for this visit.
 */
export function remembered<Data>(key: string, take: (kept: unknown) => Data): Remembered<Data> {
  const data = signal(take(kept(key)));
  return {
    get value() {
      return data.value;
    },
    keep(next) {
      data.value = next;
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // It is full, or closed.
      }
    },
  };
}

function kept(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}
