import { type AffineMap, apply, type ScalarMap } from '../../image/index.ts';

/** Pixels of a photo as a canvas has them. */
export interface CanvasPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** The least relevance among the given share of a map's pixels that have most. */
export function thresholdOf(map: ScalarMap, share: number): number {
  const removed = Math.round(share * map.data.length);
  if (removed === 0) return Number.POSITIVE_INFINITY;
  const sorted = Float32Array.from(map.data).sort();
  return sorted[sorted.length - removed];
}

/**
 * Covers the pixels of a photo that lie where a map is at or above a threshold. `toInput` leads from the photo's pixels to
 * the map's. Changes `pixels`; returns how many were covered.
 */
export function coverRelevant(
  pixels: CanvasPixels,
  map: ScalarMap,
  toInput: AffineMap,
  threshold: number,
  [red, green, blue]: readonly [number, number, number],
): number {
  let covered = 0;
  for (let y = 0, o = 0; y < pixels.height; y++) {
    for (let x = 0; x < pixels.width; x++, o += 4) {
      const place = apply(toInput, { x: x + 0.5, y: y + 0.5 });
      const [column, row] = [Math.floor(place.x), Math.floor(place.y)];
      if (column < 0 || row < 0 || column >= map.width || row >= map.height) continue;
      if (map.data[row * map.width + column] < threshold) continue;
      pixels.data[o] = red;
      pixels.data[o + 1] = green;
      pixels.data[o + 2] = blue;
      covered++;
    }
  }
  return covered;
}

/** The mean colour of a photo: what covers without adding an edge of black or white. */
export function meanColour({ data }: CanvasPixels): [number, number, number] {
  const sums = [0, 0, 0];
  for (let o = 0; o < data.length; o += 4) for (let c = 0; c < 3; c++) sums[c] += data[o + c];
  const count = data.length / 4;
  return sums.map((sum) => Math.round(sum / count)) as [number, number, number];
}
