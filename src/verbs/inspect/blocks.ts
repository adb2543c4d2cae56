/** Things that repeat: `length` of them from `start` on, `times` in all. */
export interface Block {
  readonly start: number;
  readonly length: number;
  readonly times: number;
}

/** Fewer are quicker read than folded. */
const leastSaved = 4;

/**
 * Finds what repeats, from the start on: at each place the run that folds away most, the shorter of equals. Things are
 * alike where their texts are.
 */
export function repeats(texts: readonly string[]): Block[] {
  const found: Block[] = [];
  for (let start = 0; start < texts.length; ) {
    const best = longest(texts, start);
    if (best) found.push(best);
    start += best ? best.length * best.times : 1;
  }
  return found;
}

function longest(texts: readonly string[], start: number): Block | undefined {
  let best: Block | undefined;
  let most = leastSaved - 1;
  for (let length = 1; start + 2 * length <= texts.length; length++) {
    let end = start + length;
    while (end < texts.length && texts[end] === texts[end - length]) end++;
    const times = Math.floor((end - start) / length);
    const saved = length * (times - 1);
    if (saved > most) {
      best = { start, length, times };
      most = saved;
    }
  }
  return best;
}
