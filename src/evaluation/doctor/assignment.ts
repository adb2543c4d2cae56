/**
 * The assignment of columns to rows of a square matrix that adds up to most: `result[row]` is its column. Hungarian
 * method with shortest augmenting paths and potentials (Kuhn 1955; Jonker and Volgenant 1987), O(n³).
 */
export function assignment(gains: readonly (readonly number[])[]): number[] {
  const n = gains.length;
  const rowPotential = new Float64Array(n);
  const columnPotential = new Float64Array(n);
  const rowOf = new Int32Array(n).fill(-1);
  for (let start = 0; start < n; start++) {
    const distance = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
    const from = new Int32Array(n).fill(-1);
    const done = new Uint8Array(n);
    let row = start;
    let last = -1;
    for (;;) {
      let next = -1;
      for (let j = 0; j < n; j++) {
        if (done[j]) continue;
        const reach =
          (last < 0 ? 0 : distance[last]) - gains[row][j] - rowPotential[row] - columnPotential[j];
        if (reach < distance[j]) {
          distance[j] = reach;
          from[j] = last;
        }
        if (next < 0 || distance[j] < distance[next]) next = j;
      }
      done[next] = 1;
      last = next;
      if (rowOf[next] < 0) break;
      row = rowOf[next];
    }
    const shortest = distance[last];
    rowPotential[start] += shortest;
    for (let j = 0; j < n; j++) {
      if (!done[j] || j === last) continue;
      rowPotential[rowOf[j]] += shortest - distance[j];
      columnPotential[j] -= shortest - distance[j];
    }
    for (let j = last; j >= 0; j = from[j]) rowOf[j] = from[j] < 0 ? start : rowOf[from[j]];
  }
  const columns = new Array<number>(n);
  rowOf.forEach((row, column) => {
    columns[row] = column;
  });
  return columns;
}
