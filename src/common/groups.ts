/** Each value once, in the order in which they come first. */
export const distinct = <T>(values: Iterable<T>): T[] => [...new Set(values)];

/** Items by their keys, in the order in which they come. */
export function groupedBy<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const at = key(item);
    const group = groups.get(at);
    if (group) group.push(item);
    else groups.set(at, [item]);
  }
  return groups;
}
