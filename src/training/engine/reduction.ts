import { type Barrier, barrier, barrierMemory } from './barrier.ts';

/** Memory through which threads add up what each has computed. */
export interface ReductionMemory {
  readonly barrier: SharedArrayBuffer;
  /** Per part, what it hands to the others; its own share stays untouched, which costs no memory. */
  readonly exchange: readonly SharedArrayBuffer[];
  /** Per part, a float64. */
  readonly scalars: SharedArrayBuffer;
}

export const reductionMemory = (parts: number, length: number): ReductionMemory => ({
  barrier: barrierMemory(),
  exchange: Array.from({ length: parts > 1 ? parts : 0 }, () => new SharedArrayBuffer(length * 4)),
  scalars: new SharedArrayBuffer(parts * 8),
});

/** One thread's side of sums over several threads. Every method is called by all of them, in the same order. */
export interface SharedSum extends Barrier {
  /**
   * Adds to [from, to) of `values`, this thread's own share, what the other threads hold there. The shares must not
   * overlap. Always in the same order, so that the sums are the same each time. False if a thread has given up.
   */
  addShare(values: Float32Array, from: number, to: number): boolean;
  /** The sum of a number that each thread gives; undefined if a thread has given up. */
  addScalar(value: number): number | undefined;
}

export function sharedSum(memory: ReductionMemory, part: number, parts: number): SharedSum {
  const meeting = barrier(memory.barrier, parts);
  const exchange = memory.exchange.map((buffer) => new Float32Array(buffer));
  const scalars = new Float64Array(memory.scalars);
  return {
    ...meeting,
    addShare(values, from, to) {
      if (parts === 1) return true;
      const mine = exchange[part];
      mine.set(values.subarray(0, from), 0);
      mine.set(values.subarray(to), to);
      if (!meeting.meet()) return false;
      exchange.forEach((theirs, other) => {
        if (other === part) return;
        for (let i = from; i < to; i++) values[i] += theirs[i];
      });
      return true;
    },
    addScalar(value) {
      scalars[part] = value;
      if (!meeting.meet()) return undefined;
      return scalars.reduce((sum, other) => sum + other, 0);
    },
  };
}
