import type { Box, Detection } from '../../src/faces/index.ts';
import type { Affine, Image, Point } from '../../src/image/index.ts';

/* Slow, literal versions of what src/faces and the warping of pictures compute, in float64. */

/** Boxes of whole numbers: the pixels that are in both, relative to those in either, or in the smaller. */
export function countedOverlap(a: Box, b: Box, relativeTo: 'union' | 'smaller'): number {
  const pixels = ({ x, y, width, height }: Box) => {
    const all = new Set<string>();
    for (let i = x; i < x + width; i++) for (let j = y; j < y + height; j++) all.add(`${i},${j}`);
    return all;
  };
  const [p, q] = [pixels(a), pixels(b)];
  const both = [...p].filter((pixel) => q.has(pixel)).length;
  const whole = relativeTo === 'union' ? new Set([...p, ...q]).size : Math.min(p.size, q.size);
  return whole === 0 ? 0 : both / whole;
}

/** Non-maximum suppression as a list that shrinks: take the best, strike what overlaps it. */
export function suppressed(
  detections: readonly Detection[],
  most: number,
  relativeTo: 'union' | 'smaller',
): Detection[] {
  let left = [...detections];
  const kept: Detection[] = [];
  while (left.length > 0) {
    let best = left[0];
    for (const each of left) if (each.score > best.score) best = each;
    kept.push(best);
    left = left.filter((each) => each !== best && countedOverlap(each.box, best.box, relativeTo) <= most);
  }
  return kept;
}

/**
 * Umeyama 1991, equations 34–42, in two dimensions: means, variance, covariance Σ = U·D·Vᵀ, then R = U·S·Vᵀ, c = tr(D·S)/σ²,
 * t = μ_y − c·R·μ_x, with S = diag(1, −1) where det Σ < 0. The singular values come from ΣᵀΣ by one Jacobi rotation.
 */
export function umeyama(from: readonly Point[], to: readonly Point[]): Affine {
  const n = from.length;
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / n;
  const [mx, my] = [mean(from.map(({ x }) => x)), mean(from.map(({ y }) => y))];
  const [nx, ny] = [mean(to.map(({ x }) => x)), mean(to.map(({ y }) => y))];
  const variance = mean(from.map(({ x, y }) => (x - mx) ** 2 + (y - my) ** 2));
  const covariance = (a: (p: Point) => number, b: (p: Point) => number) =>
    mean(from.map((p, i) => a(to[i]) * b(p)));
  const [u, v] = [(p: Point) => p.x - nx, (p: Point) => p.y - ny];
  const [s, t] = [(p: Point) => p.x - mx, (p: Point) => p.y - my];
  const sigma = [
    [covariance(u, s), covariance(u, t)],
    [covariance(v, s), covariance(v, t)],
  ];
  const [[a, b], [c, d]] = sigma;
  const angle = 0.5 * Math.atan2(2 * (a * b + c * d), a * a + c * c - b * b - d * d);
  const V = [
    [Math.cos(angle), -Math.sin(angle)],
    [Math.sin(angle), Math.cos(angle)],
  ];
  const product = (p: number[][], q: number[][]) =>
    p.map((row) => q[0].map((_, j) => row.reduce((sum, x, k) => sum + x * q[k][j], 0)));
  const columns = product(sigma, V);
  const D = [0, 1].map((j) => Math.hypot(columns[0][j], columns[1][j]));
  const U = columns.map((row) => row.map((x, j) => x / D[j]));
  const S = [1, a * d - b * c < 0 ? -1 : 1];
  // The sign belongs to the smaller singular value.
  if (D[0] < D[1]) S.reverse();
  const transposed = [
    [V[0][0], V[1][0]],
    [V[0][1], V[1][1]],
  ];
  const R = product(
    U.map((row) => row.map((x, j) => x * S[j])),
    transposed,
  );
  const scale = (D[0] * S[0] + D[1] * S[1]) / variance;
  const [[p, q], [r, w]] = R.map((row) => row.map((x) => x * scale));
  return [p, q, nx - (p * mx + q * my), r, w, ny - (r * mx + w * my)];
}

/** Each pixel of the result: the mean of n×n bilinear samples of its area, n the factor by which it is made smaller, rounded up. */
export function warped(
  { width, height, data }: Image,
  [a, b, c, d, e, f]: Affine,
  size: { readonly width: number; readonly height: number },
  beyond: 'repeat' | 'nothing',
): number[] {
  const pixel = (x: number, y: number, channel: number): number => {
    const inside = x >= 0 && y >= 0 && x < width && y < height;
    if (!inside && beyond === 'nothing') return 0;
    const [column, row] = [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)];
    return data[(row * width + column) * 3 + channel];
  };
  const bilinear = (x: number, y: number, channel: number): number => {
    const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
    const [fx, fy] = [x - 0.5 - left, y - 0.5 - top];
    return (
      pixel(left, top, channel) * (1 - fx) * (1 - fy) +
      pixel(left + 1, top, channel) * fx * (1 - fy) +
      pixel(left, top + 1, channel) * (1 - fx) * fy +
      pixel(left + 1, top + 1, channel) * fx * fy
    );
  };
  const across = Math.max(1, Math.ceil(Math.sqrt(a * a + d * d) - 1e-9));
  const down = Math.max(1, Math.ceil(Math.sqrt(b * b + e * e) - 1e-9));
  const out: number[] = [];
  for (let row = 0; row < size.height; row++) {
    for (let column = 0; column < size.width; column++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let j = 0; j < down; j++) {
          for (let i = 0; i < across; i++) {
            const [x, y] = [column + (i + 0.5) / across, row + (j + 0.5) / down];
            sum += bilinear(a * x + b * y + c, d * x + e * y + f, channel);
          }
        }
        out.push(sum / (across * down));
      }
    }
  }
  return out;
}
