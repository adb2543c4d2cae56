import type { ScalarMap } from '../image/index.ts';

/** How a map and the place of the object agree. */
export interface Localisation {
  /** Pointing game (Zhang et al. 2018, "Top-down neural attention by excitation backprop"): 1 if the strongest pixel lies in the mask. */
  readonly pointing: number;
  /** Relevance mass accuracy (Arras et al. 2022, "CLEVR-XAI"): the share of the positive relevance that lies in the mask; NaN if there is none. */
  readonly mass: number;
  /** Relevance rank accuracy (the same): of as many strongest pixels as the mask has, the share that lies in it. */
  readonly rank: number;
}

/** Errors are the caller's: a mask (1: object) has the map's size, and some pixel in it. Of equal pixels, the first are the strongest. */
export function localisation({ data }: ScalarMap, mask: Uint8Array): Localisation {
  const order = Array.from(data.keys()).sort((a, b) => data[b] - data[a] || a - b);
  const size = mask.reduce((sum, inside) => sum + inside, 0);
  let [inside, all] = [0, 0];
  data.forEach((value, i) => {
    const positive = Math.max(0, value);
    all += positive;
    inside += mask[i] * positive;
  });
  const hits = order.slice(0, size).reduce((sum, i) => sum + mask[i], 0);
  return { pointing: mask[order[0]], mass: all > 0 ? inside / all : Number.NaN, rank: hits / size };
}
