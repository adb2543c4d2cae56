/** For each row the number of its cluster, from 0 on; −1 of a row that is in none. */
export type Labels = Int32Array;

/** Clusters numbered anew from 0 on, the largest first, of equal ones the one whose first row comes first; −1 stays. */
export function bySize(labels: ArrayLike<number>): Labels {
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++)
    if (labels[i] >= 0) counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
  // In the order of their first rows, which sorting keeps where sizes are equal.
  const order = [...counts].sort(([, a], [, b]) => b - a);
  const places = new Map(order.map(([label], place) => [label, place]));
  return Int32Array.from(labels, (label) => places.get(label) ?? -1);
}
