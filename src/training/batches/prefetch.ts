import { awaitedLater } from '../../common/later.ts';

/** Results that are made ahead of their use. */
export interface Prefetch<T> {
  /** The k-th result; those that follow it are begun. */
  get(k: number): Promise<T>;
  /** Milliseconds that `get` has waited so far. */
  readonly waited: number;
}

/**
 * Calls `make` for `ahead` results beyond the last one that was asked for. Any one may be asked for at any time; what
 * no longer follows is let go. The error of a result made ahead shows when it is asked for.
 */
export function prefetch<T>(make: (k: number) => Promise<T>, ahead: number): Prefetch<T> {
  const begun = new Map<number, Promise<T>>();
  let waited = 0;
  const begin = (k: number): Promise<T> => {
    const known = begun.get(k);
    if (known) return known;
    const result = awaitedLater(make(k));
    begun.set(k, result);
    return result;
  };
  return {
    async get(k) {
      for (const other of begun.keys()) if (other < k || other > k + ahead) begun.delete(other);
      const wanted = begin(k);
      for (let next = k + 1; next <= k + ahead; next++) begin(next);
      // Whoever gets it may change it: nobody else does.
      begun.delete(k);
      const start = performance.now();
      try {
        return await wanted;
      } finally {
        waited += performance.now() - start;
      }
    },
    get waited() {
      return waited;
    },
  };
}
