import { philox } from '../../common/random.ts';

/**
 * The items in a random order (Fisher and Yates, as Durstenfeld 1964 swaps), always the same for one `seed` and
 * `stream`, both whole numbers of up to 53 bits.
 */
export function shuffled<T>(items: readonly T[], seed: number, stream = 0): T[] {
  const out = [...items];
  const draw = uniform(seed, stream);
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** Draws from [0, 1) with 53 random bits, so that every place of a long list is reached. */
function uniform(seed: number, stream: number): () => number {
  const key = Uint32Array.of(seed % 2 ** 32, Math.floor(seed / 2 ** 32));
  const counter = Uint32Array.of(0, 0, stream % 2 ** 32, Math.floor(stream / 2 ** 32));
  const random = new Uint32Array(4);
  return () => {
    philox(counter, key, random);
    counter[0]++;
    return ((random[0] >>> 5) * 2 ** 26 + (random[1] >>> 6)) / 2 ** 53;
  };
}
