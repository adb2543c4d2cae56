import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readNpy } from '../src/image/index.ts';
import type { Contestant } from './contestant.ts';

/** ‖a − b‖ / ‖b‖. Errors: they are not of one length. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers against ${b.length}`);
  let [off, all] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    off += (a[i] - b[i]) ** 2;
    all += b[i] ** 2;
  }
  return Math.sqrt(off / all);
}

/** The numbers that a contestant computes. */
export async function resultOf(contestant: Contestant, folder: string): Promise<ArrayLike<number>> {
  const path = join(folder, `${contestant.name.replace(/\W+/g, '-')}.npy`);
  await contestant.save(path);
  return readNpy(await readFile(path), path).data as Float32Array;
}

/**
 * How far each contestant's result is from the first one's, by name. Errors: farther than `bound`: then they do not
 * compute the same, and their times say nothing.
 */
export async function agreement(
  [first, ...others]: readonly Contestant[],
  folder: string,
  bound: number,
): Promise<Record<string, number>> {
  const mine = await resultOf(first, folder);
  const distances: Record<string, number> = {};
  for (const other of others) {
    const apart = distance(await resultOf(other, folder), mine);
    if (!(apart <= bound)) {
      throw new Error(
        `${first.name} and ${other.name} do not compute the same: ${apart.toExponential(1)} apart`,
      );
    }
    distances[other.name] = apart;
  }
  return distances;
}
