import type { ScalarMap } from './map.ts';
import { piecesMeeting } from './pieces.ts';

/** Where an edge is strong enough to begin, and to go on: of the gradient by Sobel's operator, whose weights add up to 4 on a side. */
const [BEGINS, GOES_ON] = [0.2, 0.1];

/**
 * Canny's edges (1986, "A computational approach to edge detection"): 1 where the gradient of the smoothed map is largest along its own
 * direction, and 0.1 or more, in lines that reach 0.2 somewhere; else 0. `sigma` is that of the Gaussian, in pixels, which stops at 4 σ
 * and at the border. Values are taken to lie between −1 and 1, as the LRP Toolbox keeps its digits. Nothing is found on the border.
 */
export function cannyEdges(map: ScalarMap, sigma = 2): Uint8Array {
  const { width, height } = map;
  const smooth = smoothed(map, sigma);
  const across = sobel(smooth, width, height, true);
  const down = sobel(smooth, width, height, false);
  const strength = across.map((x, i) => Math.hypot(x, down[i]));
  const ridge = new Float64Array(strength.length);
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const own = strength[at];
      if (own < GOES_ON) continue;
      const [gx, gy] = [across[at], down[at]];
      // To the nearest pixel along the gradient, and the one beside it: what lies between is interpolated.
      const [column, row] = [gx < 0 ? -1 : 1, gy < 0 ? -width : width];
      const straight = Math.abs(gy) >= Math.abs(gx) ? row : column;
      const share = Math.min(Math.abs(gx), Math.abs(gy)) / Math.max(Math.abs(gx), Math.abs(gy));
      const beside = (sign: number): number =>
        strength[at + sign * straight] * (1 - share) + strength[at + sign * (row + column)] * share;
      if (own >= beside(1) && own >= beside(-1)) ridge[at] = own;
    }
  const begins = Uint8Array.from(ridge, (own) => Number(own >= BEGINS));
  return piecesMeeting(
    Uint8Array.from(ridge, (own) => Number(own > 0)),
    begins,
    height,
    width,
  );
}

/** The mean about each value by a Gaussian, of what lies inside. */
function smoothed({ data, width, height }: ScalarMap, sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = Float64Array.from({ length: radius + 1 }, (_, d) =>
    Math.exp(-(d * d) / (2 * sigma * sigma)),
  );
  const along = (from: ArrayLike<number>, step: number, size: number, place: (i: number) => number) =>
    Float64Array.from({ length: from.length }, (_, at) => {
      const i = place(at);
      let [sum, total] = [0, 0];
      for (let d = Math.max(-radius, -i); d <= Math.min(radius, size - 1 - i); d++) {
        sum += weights[Math.abs(d)] * from[at + d * step];
        total += weights[Math.abs(d)];
      }
      return sum / total;
    });
  const rows = along(data, 1, width, (at) => at % width);
  return along(rows, width, height, (at) => Math.floor(at / width));
}

/** The derivative across or down, smoothed along the other axis by 1, 2, 1; beyond the border it is as on it. */
function sobel(data: Float64Array, width: number, height: number, isAcross: boolean): Float64Array {
  const inside = (i: number, size: number): number => Math.min(Math.max(i, 0), size - 1);
  const value = (y: number, x: number): number => data[inside(y, height) * width + inside(x, width)];
  return data.map((_, at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    const line = (d: number): number =>
      isAcross
        ? value(y - 1, x + d) + 2 * value(y, x + d) + value(y + 1, x + d)
        : value(y + d, x - 1) + 2 * value(y + d, x) + value(y + d, x + 1);
    return line(1) - line(-1);
  });
}
