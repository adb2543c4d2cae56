/**
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): writes to `out` four random 32-bit
 * words that follow from a 128-bit counter and a 64-bit key. A number depends on its place only, not on how many were
 * drawn before.
 */
export function philox(counter: Readonly<Uint32Words>, key: Readonly<Uint32Words>, out: Uint32Words): void {
  let [a, b, c, d] = [counter[0], counter[1], counter[2], counter[3]];
  let [k0, k1] = [key[0], key[1]];
  for (let round = 0; round < 10; round++) {
    const high0 = highWord(0xd2511f53, a);
    const high1 = highWord(0xcd9e8d57, c);
    const low0 = Math.imul(0xd2511f53, a);
    const low1 = Math.imul(0xcd9e8d57, c);
    a = high1 ^ b ^ k0;
    b = low1;
    c = high0 ^ d ^ k1;
    d = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/** 32-bit words, the lowest first. */
export type Uint32Words = Uint32Array;

/** The upper half of the 64-bit product of two 32-bit words. */
function highWord(x: number, y: number): number {
  const x1 = x >>> 16;
  const x0 = x & 0xffff;
  const y1 = y >>> 16;
  const y0 = y & 0xffff;
  const middle = x1 * y0 + ((x0 * y0) >>> 16);
  return (x1 * y1 + Math.floor(middle / 65536) + (x0 * y1 + (middle & 0xffff)) / 65536) | 0;
}

/**
 * Fills `out` with standard normal numbers (Box and Muller 1958), always the same for one `seed` and `stream`, both
 * whole numbers of up to 53 bits.
 */
export function fillNormal(out: Float32Array, seed: number, stream: number): void {
  eachBlock(out.length, seed, stream, (i, random) => {
    for (let j = 0; j < 4; j += 2) {
      // In (0, 1): the logarithm of 0 must not come up.
      const radius = Math.sqrt(-2 * Math.log((random[j] + 0.5) / 2 ** 32));
      const angle = (2 * Math.PI * random[j + 1]) / 2 ** 32;
      out[i + j] = radius * Math.cos(angle);
      out[i + j + 1] = radius * Math.sin(angle);
    }
  });
}

/**
 * Fills `out` with numbers uniform between `low` and `high`, always the same for one `seed` and `stream`, as
 * {@link fillNormal}.
 */
export function fillUniform(
  out: Float32Array,
  seed: number,
  stream: number,
  low: number,
  high: number,
): void {
  eachBlock(out.length, seed, stream, (i, random) => {
    for (let j = 0; j < 4; j++) out[i + j] = low + ((high - low) * (random[j] + 0.5)) / 2 ** 32;
  });
}

/** Four random words for every fourth of `length` places; what `use` writes beyond the end of an array is dropped. */
function eachBlock(
  length: number,
  seed: number,
  stream: number,
  use: (place: number, random: Uint32Words) => void,
): void {
  const key = uint32Words(seed);
  const counter = Uint32Array.of(0, 0, ...uint32Words(stream));
  const random = new Uint32Array(4);
  for (let i = 0; i < length; i += 4) {
    counter[0] = i / 4;
    philox(counter, key, random);
    use(i, random);
  }
}

/**
 * Four random words for a place (a whole number of up to 53 bits) in the stream of a name: they follow from these and
 * the seed alone. Streams of different names have nothing to do with each other.
 */
export function drawAt(seed: number, stream: string, place: number, out: Uint32Words): void {
  philox(Uint32Array.of(...uint32Words(place), nameHash(stream), 0), uint32Words(seed), out);
}

/** The words of {@link drawAt} of places 0, 1, … one after the other, of which many are drawn fast. */
export function randomWords(seed: number, stream: string): () => number {
  const key = uint32Words(seed);
  const counter = Uint32Array.of(0, 0, nameHash(stream), 0);
  const random = new Uint32Array(4);
  let at = 4;
  return () => {
    if (at === 4) {
      philox(counter, key, random);
      if (++counter[0] === 0) counter[1]++;
      at = 0;
    }
    return random[at++];
  };
}

/** A random word as a whole number from 0 to n − 1; n up to 2²¹, so that no number is preferred by more than 2⁻¹¹. */
export const below = (word: number, n: number): number => Math.floor((word / 2 ** 32) * n);

/** A name as 32 bits (FNV-1a, over its UTF-16 units): the number of a random stream. */
export function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A whole number of up to 53 bits as two words. */
export const uint32Words = (value: number): Uint32Words =>
  Uint32Array.of(value % 2 ** 32, Math.floor(value / 2 ** 32));
