/**
 * Where threads that share memory wait for one another. Not for the main thread, which must not wait.
 * State: [threads that have arrived, how often all have, whether one has given up].
 */
export interface Barrier {
  /** Waits until all have arrived; false if one has given up. */
  meet(): boolean;
  /** Lets nobody wait any longer, now or later. */
  giveUp(): void;
}

/** The memory of a barrier, zeros. */
export const barrierMemory = (): SharedArrayBuffer => new SharedArrayBuffer(12);

export function barrier(memory: SharedArrayBuffer, threads: number): Barrier {
  const state = new Int32Array(memory);
  const [arrived, rounds, given] = [0, 1, 2];
  return {
    meet() {
      const round = Atomics.load(state, rounds);
      if (Atomics.add(state, arrived, 1) === threads - 1) {
        Atomics.store(state, arrived, 0);
        Atomics.add(state, rounds, 1);
        Atomics.notify(state, rounds);
      } else {
        while (Atomics.load(state, rounds) === round && Atomics.load(state, given) === 0) {
          Atomics.wait(state, rounds, round);
        }
      }
      return Atomics.load(state, given) === 0;
    },
    giveUp() {
      Atomics.store(state, given, 1);
      // Whoever waits for the next round sees that it has begun.
      Atomics.add(state, rounds, 1);
      Atomics.notify(state, rounds);
    },
  };
}
