/** Things that repeat: `length` of them from `start` on, `times` in all. */
export interface RepeatedBlock {
  readonly start: number;
  readonly length: number;
  readonly times: number;
}

/** Fewer are quicker read than folded. */
const leastSaved = 4;

/**
 * Finds what repeats, from the start on: at each place the run that folds away most, the shorter of equals. Things are
 * alike where their texts are. A run that is as long from a later place on begins where the names of its first part have most in
 * common: where a block of the network does, and not amid it.
 */
export function repeats(texts: readonly string[], names: readonly string[] = []): RepeatedBlock[] {
  const found: RepeatedBlock[] = [];
  for (let start = 0; start < texts.length; ) {
    const best = longest(texts, start);
    if (!best) {
      start++;
      continue;
    }
    const block = inPlace(best, texts, names);
    found.push(block);
    start = block.start + block.length * block.times;
  }
  return found;
}

function inPlace(block: RepeatedBlock, texts: readonly string[], names: readonly string[]): RepeatedBlock {
  const { start, length, times } = block;
  const isAlike = (at: number) => at < texts.length && texts[at] === texts[at - length];
  let [best, most] = [start, shared(names.slice(start, start + length))];
  for (let from = start + 1; from < start + length && isAlike(from + length * times - 1); from++) {
    const common = shared(names.slice(from, from + length));
    if (common > most) [best, most] = [from, common];
  }
  return { ...block, start: best };
}

/** How many characters all names begin with. */
function shared([first = '', ...others]: readonly string[]): number {
  const end = [...first].findIndex((char, i) => others.some((name) => name[i] !== char));
  return end < 0 ? first.length : end;
}

function longest(texts: readonly string[], start: number): RepeatedBlock | undefined {
  let best: RepeatedBlock | undefined;
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
