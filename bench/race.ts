import { usedBy, usedInAll } from './load.ts';

/** Whoever is timed: runs once when told to and says how many ms it took. */
export interface Runner {
  readonly name: string;
  /** Its process, if it is one that lives on between the runs. */
  readonly pid?: number;
  run(): Promise<number>;
}

export interface RaceOptions {
  readonly rounds: number;
  /** Rounds before those that count. */
  readonly warmups: number;
  /** Ms between two runs: threads of PyTorch and OpenBLAS go on spinning for 0.1 s after theirs. */
  readonly pause: number;
}

export interface Race {
  /** Ms of each round, by name. */
  readonly times: Readonly<Record<string, readonly number[]>>;
  /** How much of one core all that did not have its turn used meanwhile; undefined where it cannot be told. */
  readonly elsewhere: number | undefined;
}

/**
 * Lets runners run in turn, round after round, while the others stand still. Each round begins with the next of them, so
 * that none always follows the same one.
 */
export async function race(
  runners: readonly Runner[],
  { rounds, warmups, pause }: RaceOptions,
): Promise<Race> {
  const times: Record<string, number[]> = Object.fromEntries(runners.map(({ name }) => [name, []]));
  let [other, wall] = [0, 0];
  for (let round = -warmups; round < rounds; round++) {
    const first = (round + warmups) % runners.length;
    for (const { name, pid, run } of [...runners.slice(first), ...runners.slice(0, first)]) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const before = { all: usedInAll(), own: pid && usedBy(pid), at: performance.now() };
      const taken = await run();
      if (round < 0) continue;
      times[name].push(taken);
      const own = pid && usedBy(pid);
      if (own === undefined || before.own === undefined) continue;
      other += usedInAll() - before.all - (own - before.own);
      wall += performance.now() - before.at;
    }
  }
  return { times, elsewhere: wall > 0 ? Math.max(0, other / wall) : undefined };
}

/** A note on whether the machine was quiet. */
export function quietness({ elsewhere }: Race): string[] {
  if (elsewhere === undefined) return [];
  const share = `${(elsewhere * 100).toFixed(0)} % of a core`;
  return elsewhere < 0.2
    ? [`While one ran, everything else on the machine used ${share}.`]
    : [
        `The machine was **not quiet**: while one ran, everything else used ${share}. Do not trust these times.`,
      ];
}
