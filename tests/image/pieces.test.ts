import { describe, expect, it } from 'vitest';
import { fillUniform } from '../../src/common/random.ts';
import { piecesMeeting } from '../../src/image/index.ts';

const uniform = (length: number, seed: number): Float32Array => {
  const values = new Float32Array(length);
  fillUniform(values, seed, 0, 0, 1);
  return values;
};

describe('pieces that meet seeds', () => {
  /** By growing seeds one pixel at a time until nothing is new. */
  function literal(cells: Uint8Array, seeds: Uint8Array, width: number): number[] {
    let found = cells.map((cell, i) => cell & seeds[i]);
    for (;;) {
      const next = found.map((_, i) => {
        if (!cells[i]) return 0;
        const [y, x] = [Math.floor(i / width), i % width];
        for (let j = 0; j < found.length; j++)
          if (found[j] && Math.abs(Math.floor(j / width) - y) <= 1 && Math.abs((j % width) - x) <= 1)
            return 1;
        return 0;
      });
      if (next.every((cell, i) => cell === found[i])) return [...found];
      found = next;
    }
  }

  it.each(Array.from({ length: 12 }, (_, i) => i + 1))('are whole (seed %i)', (seed) => {
    const [height, width] = [3 + (seed % 5), 4 + (seed % 7)];
    const cells = Uint8Array.from(uniform(height * width, seed), (value) => (value < 0.4 ? 1 : 0));
    const seeds = Uint8Array.from(uniform(height * width, seed + 50), (value) => (value < 0.15 ? 1 : 0));
    expect([...piecesMeeting(cells, seeds, height, width)]).toEqual(literal(cells, seeds, width));
  });

  it('are none where nothing meets', () => {
    const cells = Uint8Array.from([1, 0, 0, 0]);
    expect([...piecesMeeting(cells, Uint8Array.from([0, 0, 0, 1]), 1, 4)]).toEqual([0, 0, 0, 0]);
  });
});
