import type { ScalarMap } from '../../image/index.ts';

/** A rectangle of a map: pixels from `left`, `top` up to and with `right`, `bottom`. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The region that two pixels span. */
export const spanned = (
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
): Region => ({
  left: Math.min(a.x, b.x),
  top: Math.min(a.y, b.y),
  right: Math.max(a.x, b.x),
  bottom: Math.max(a.y, b.y),
});

/** Where a key leads from a pixel of a map, ten pixels at a time with `far`; undefined for other keys. */
export function placeByKey(
  { x, y }: { readonly x: number; readonly y: number },
  key: string,
  far: boolean,
  { width, height }: Pick<ScalarMap, 'width' | 'height'>,
): { readonly x: number; readonly y: number } | undefined {
  const step = far ? 10 : 1;
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  };
  const move = moves[key];
  if (!move) return undefined;
  const within = (at: number, size: number) => Math.max(0, Math.min(size - 1, at));
  return { x: within(x + move[0], width), y: within(y + move[1], height) };
}

/** How a region takes part in a map: its sum, and its share of all absolute values. */
export interface RegionShare {
  readonly sum: number;
  /** Of the map's sum; undefined where that is zero. */
  readonly ofSum: number | undefined;
  /** Σ|R| within over Σ|R| of all. */
  readonly ofAbsolute: number;
  /** Of the map's pixels. */
  readonly ofArea: number;
}

/** What a region holds of a map. */
export function shareOf(
  { width, height, data }: ScalarMap,
  { left, top, right, bottom }: Region,
): RegionShare {
  let [sum, absolute, all, allAbsolute] = [0, 0, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const value = data[i];
      all += value;
      allAbsolute += Math.abs(value);
      if (x < left || x > right || y < top || y > bottom) continue;
      sum += value;
      absolute += Math.abs(value);
    }
  }
  return {
    sum,
    ofSum: all === 0 ? undefined : sum / all,
    ofAbsolute: allAbsolute === 0 ? 0 : absolute / allAbsolute,
    ofArea: ((right - left + 1) * (bottom - top + 1)) / (width * height),
  };
}

/** The difference of two maps of one size, each first divided by its own limit: what one holds for stronger than the other. */
export function differenceOf(
  a: ScalarMap,
  aLimit: number,
  b: ScalarMap,
  bLimit: number,
): ScalarMap | undefined {
  if (a.width !== b.width || a.height !== b.height) return undefined;
  const [p, q] = [aLimit || 1, bLimit || 1];
  return { width: a.width, height: a.height, data: a.data.map((value, i) => value / p - b.data[i] / q) };
}
