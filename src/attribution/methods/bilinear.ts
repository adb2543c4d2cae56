import { float32, type Tensor } from '../../graph/index.ts';

/** Where a position lies between two samples: value = (1 − weight)·low + weight·high. */
interface Between {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

/** The samples that `to` positions lie between, of `from` at half-pixel centres; beyond the ends these repeat. */
function between(from: number, to: number): Between[] {
  return Array.from({ length: to }, (_, i) => {
    const position = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(position);
    return { low, high: Math.min(low + 1, from - 1), weight: position - low };
  });
}

/** The matrix to×from that interpolates linearly between samples at half-pixel centres and repeats the borders. */
export function interpolation(from: number, to: number): Tensor<'float32'> {
  const matrix = float32([to, from], new Float32Array(to * from));
  between(from, to).forEach(({ low, high, weight }, i) => {
    matrix.data[i * from + low] += 1 - weight;
    matrix.data[i * from + high] += weight;
  });
  return matrix;
}

/** A plane's height and width. */
export type PlaneSize = readonly [height: number, width: number];

/**
 * Enlarges planes of one size to another bilinearly, as {@link interpolation} does: from `plane` to `out`, which is the
 * part of the enlarged plane from `offset` on, in rows of `window`'s width; the whole of it unless given.
 */
export function enlarger(
  from: PlaneSize,
  to: PlaneSize,
  window: PlaneSize = to,
): (plane: ArrayLike<number>, out: Float32Array, offset?: PlaneSize) => void {
  const [rows, columns] = [between(from[0], to[0]), between(from[1], to[1])];
  return (plane, out, [top, left] = [0, 0]) => {
    for (let y = 0; y < window[0]; y++) {
      const row = rows[y + top];
      const [upper, lower] = [row.low * from[1], row.high * from[1]];
      for (let x = 0; x < window[1]; x++) {
        const { low, high, weight } = columns[x + left];
        const above = (1 - weight) * plane[upper + low] + weight * plane[upper + high];
        const below = (1 - weight) * plane[lower + low] + weight * plane[lower + high];
        out[y * window[1] + x] = (1 - row.weight) * above + row.weight * below;
      }
    }
  };
}
