import { drawAt, type Uint32Words } from '../../common/random.ts';

/** Some of the players, and the weight of the coalition in the regression. */
export interface Coalition {
  /** By player: whether it takes part. */
  readonly members: Uint8Array;
  readonly weight: number;
}

/**
 * Coalitions of `players` for kernel SHAP, `samples` of them at most and an even number. Sizes are taken from both ends,
 * 1 and n − 1 first: all coalitions of a size while drawing would give each once or more, then random ones, each with its
 * complement. Weights are the Shapley kernel's (Lundberg and Lee 2017, theorem 2), (n − 1)/(s (n − s)) for a whole size s; what
 * the sizes that are drawn from have of it is shared by the drawn equally. `samples` must be 2n or more, so that
 * the regression has one solution.
 */
export function coalitions(players: number, samples: number, seed: number): Coalition[] {
  const found: Coalition[] = [];
  const add = (members: Uint8Array, weight: number) => {
    found.push({ members, weight }, { members: members.map((m) => 1 - m), weight });
  };
  /** Of a size and that of its complements together. */
  const kernel = (size: number) =>
    ((players - 1) / (size * (players - size))) * (2 * size === players ? 1 : 2);
  const half = Math.floor(players / 2);
  let open = Array.from({ length: half }, (_, i) => i + 1).reduce((sum, size) => sum + kernel(size), 0);
  let size = 1;
  for (; size <= half; size++) {
    const isMiddle = 2 * size === players;
    const all = binomial(players, size) * (isMiddle ? 1 : 2);
    const left = samples - found.length;
    if (all > left || (size > 1 && left * (kernel(size) / open) < all)) break;
    for (const members of subsets(players, size)) {
      // In the middle every coalition's complement is another of them.
      if (!isMiddle || members[0] === 1) add(members, kernel(size) / all);
    }
    open -= kernel(size);
  }
  if (size > half) return found;
  const pairs = Math.floor((samples - found.length) / 2);
  for (let pair = 0; pair < pairs; pair++)
    add(drawn(players, size, half, seed, pair, kernel), open / pairs / 2);
  return found;
}

/** A random coalition of one of the sizes from `least` to `most`, these as likely as their weights say. */
function drawn(
  players: number,
  least: number,
  most: number,
  seed: number,
  pair: number,
  kernel: (size: number) => number,
): Uint8Array {
  const next = stream(seed, pair);
  let total = 0;
  for (let size = least; size <= most; size++) total += kernel(size);
  let size = least;
  for (let rest = next() * total - kernel(size); rest >= 0 && size < most; rest -= kernel(size)) size++;
  // Some of a shuffled deck (Fisher and Yates).
  const deck = Uint32Array.from({ length: players }, (_, i) => i);
  const members = new Uint8Array(players);
  for (let i = 0; i < size; i++) {
    const at = i + Math.floor(next() * (players - i));
    [deck[i], deck[at]] = [deck[at], deck[i]];
    members[deck[i]] = 1;
  }
  return members;
}

/** Numbers in [0, 1) that follow from the seed and the pair alone. */
function stream(seed: number, pair: number): () => number {
  const words: Uint32Words = new Uint32Array(4);
  let place = 0;
  return () => {
    if (place % 4 === 0) drawAt(seed, `coalition ${pair}`, place / 4, words);
    return words[place++ % 4] / 2 ** 32;
  };
}

/** All coalitions of a size, in lexicographic order. */
function* subsets(players: number, size: number): Generator<Uint8Array, void> {
  const chosen = Array.from({ length: size }, (_, i) => i);
  for (;;) {
    const members = new Uint8Array(players);
    for (const player of chosen) members[player] = 1;
    yield members;
    let last = size - 1;
    while (last >= 0 && chosen[last] === players - size + last) last--;
    if (last < 0) return;
    chosen[last]++;
    for (let i = last + 1; i < size; i++) chosen[i] = chosen[i - 1] + 1;
  }
}

function binomial(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return Math.round(product);
}
