import type { ScalarMap } from '../image/index.ts';

/** Where relevance for a class lies. */
export interface Concentration {
  /** The share of the picture that holds half of it; 1 where there is none. */
  readonly area: number;
  /** Where the middle of that half is, in words: `top left`, `middle`. */
  readonly place: string;
}

/** The cells that hold a share of what speaks for the class, the fewest: 1 for these. */
export function strongestCells({ data }: ScalarMap, share: number): Uint8Array {
  const order = Array.from(data, (_, i) => i).sort((a, b) => data[b] - data[a] || a - b);
  const total = data.reduce((sum, value) => sum + Math.max(0, value), 0);
  const cells = new Uint8Array(data.length);
  let sum = 0;
  for (const i of order) {
    // Half of what is held back by rounding must not take in another cell.
    if (data[i] <= 0 || sum >= share * total * (1 - 1e-9)) break;
    cells[i] = 1;
    sum += data[i];
  }
  return cells;
}

/** Cells with those beside them, corners too. */
export function grown(cells: Uint8Array, height: number, width: number): Uint8Array {
  return cells.map((_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++)
      for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++)
        if (cells[y * width + x]) return 1;
    return 0;
  });
}

/** How small the part of a map is that holds half of its relevance, and where it lies. */
export function concentrationOf(map: ScalarMap): Concentration {
  const cells = strongestCells(map, 0.5);
  const held = cells.reduce((count, cell) => count + cell, 0);
  if (held === 0) return { area: 1, place: 'nowhere' };
  let [down, across, weight] = [0, 0, 0];
  cells.forEach((cell, i) => {
    if (!cell) return;
    down += (map.data[i] * (Math.floor(i / map.width) + 0.5)) / map.height;
    across += (map.data[i] * ((i % map.width) + 0.5)) / map.width;
    weight += map.data[i];
  });
  const third = (value: number, names: readonly [string, string, string]) =>
    names[Math.min(2, Math.floor(3 * value))];
  const [row, column] = [
    third(down / weight, ['top', '', 'bottom']),
    third(across / weight, ['left', '', 'right']),
  ];
  return { area: held / cells.length, place: `${row} ${column}`.trim() || 'middle' };
}

/** The same region elsewhere: moved down and right by half of the picture, what leaves it coming back at the other side. */
export function movedByHalf(region: Uint8Array, height: number, width: number): Uint8Array {
  return region.map((_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return region[
      ((row + Math.ceil(height / 2)) % height) * width + ((column + Math.ceil(width / 2)) % width)
    ];
  });
}
