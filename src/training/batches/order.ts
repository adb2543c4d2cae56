import { below, drawAt, nameHash } from '../../common/random.ts';
import { shuffled } from '../../data/lists/shuffle.ts';

/** In what order a data layer takes its records, over and over again. Plain data. */
export interface RecordOrder {
  /** How many records there are. */
  readonly size: number;
  readonly seed: number;
  /** Whose order it is: layers of different names are shuffled differently. */
  readonly stream: string;
  /** A new order in every epoch; otherwise the records come as they are stored. */
  readonly shuffle: boolean;
  /** Caffe's rand_skip: so many records at most, less one, are left out at the start of the first epoch. */
  readonly randomSkip: number;
}

/**
 * The index of the record at each position of the endless stream, positions from 0. It follows from the order alone:
 * any position can be asked for at any time. Each epoch holds every record once, but for those the first one skips.
 */
export function recordIndex(order: RecordOrder): (position: number) => number {
  const { size, seed, stream, shuffle } = order;
  const skipped = skip(order);
  if (!shuffle) return (position) => (position + skipped) % size;
  const name = nameHash(`order of ${stream}`);
  const records = Array.from({ length: size }, (_, i) => i);
  let epoch = -1;
  let permutation: readonly number[] = [];
  return (position) => {
    const at = position + skipped;
    const wanted = Math.floor(at / size);
    if (wanted !== epoch) {
      permutation = shuffled(records, seed, wanted * 2 ** 32 + name);
      epoch = wanted;
    }
    return permutation[at % size];
  };
}

function skip({ seed, stream, randomSkip }: RecordOrder): number {
  if (randomSkip === 0) return 0;
  const random = new Uint32Array(4);
  drawAt(seed, `skip of ${stream}`, 0, random);
  return below(random[0], randomSkip);
}
