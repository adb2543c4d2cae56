/**
 * The connected pieces of a mask that meet a seed: 1 for cells that are joined, side by side or corner to corner, to one
 * that both `cells` and `seeds` have, through others of `cells`. All are height · width, row by row, not 0 where they hold.
 */
export function piecesMeeting(
  cells: Uint8Array,
  seeds: Uint8Array,
  height: number,
  width: number,
): Uint8Array {
  const found = new Uint8Array(cells.length);
  const open = Array.from(cells.keys()).filter((i) => cells[i] && seeds[i]);
  for (const i of open) found[i] = 1;
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    const [row, column] = [Math.floor(i / width), i % width];
    for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++)
      for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
        const next = y * width + x;
        if (!cells[next] || found[next]) continue;
        found[next] = 1;
        open.push(next);
      }
  }
  return found;
}
