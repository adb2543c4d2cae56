import type { Mask } from '../../caffe/training/net.ts';
import { nameHash, philox, uint32Words } from '../../common/random.ts';

/**
 * Fills `out` with the elements of a mask from the `from`-th of the whole batch on: 0 with probability `ratio`, else
 * 1/(1 − ratio). An element depends on the seed, the mask's name, the pass (iteration · iter_size + batch within the
 * iteration) and its place in the whole batch, and on nothing else: any part of any mask can be made again.
 */
export function fillMask(
  out: Float32Array,
  { name, ratio }: Mask,
  seed: number,
  pass: number,
  from: number,
): void {
  const kept = Math.fround(1 / (1 - ratio));
  // Of 2³² words, these keep an element.
  const below = (1 - ratio) * 2 ** 32;
  const key = uint32Words(seed);
  key[1] ^= nameHash(name);
  const random = new Uint32Array(4);
  const counter = Uint32Array.of(0, 0, ...uint32Words(pass));
  let [low, block] = [-1, -1];
  for (let i = 0; i < out.length; i++) {
    const element = from + i;
    low = element & 3;
    const wanted = (element - low) / 4;
    if (wanted !== block) {
      block = wanted;
      counter[0] = block;
      counter[1] = block / 2 ** 32;
      philox(counter, key, random);
    }
    out[i] = random[low] < below ? kept : 0;
  }
}
