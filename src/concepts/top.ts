/** One photo's value for a channel. */
export interface Ranked {
  /** The photo's number. */
  readonly photo: number;
  readonly value: number;
}

/**
 * Puts an item among the best so far, the largest value first and of equal ones the earlier photo, and keeps `most` of
 * them; values that are not positive are none. What is kept does not depend on the order in which items come.
 */
export function keepBest<T extends Ranked>(best: T[], item: T, most: number): void {
  if (!(item.value > 0)) return;
  let place = best.length;
  while (place > 0 && isBetter(item, best[place - 1])) place--;
  if (place >= most) return;
  best.splice(place, 0, item);
  if (best.length > most) best.pop();
}

const isBetter = (a: Ranked, b: Ranked): boolean =>
  a.value > b.value || (a.value === b.value && a.photo < b.photo);
