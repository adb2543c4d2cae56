import { fail } from '../../common/error.ts';

/*
 * Places in a picture are real numbers that count from its top left corner: the first pixel covers 0 to 1, its centre is at 0.5.
 */

/** A place in a picture, in pixels from its top left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A map of the plane [a, b, c, d, e, f]: x′ = a·x + b·y + c, y′ = d·x + e·y + f. */
export type AffineMap = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** The map that leaves every point where it is. */
export const identityMap: AffineMap = [1, 0, 0, 0, 1, 0];

/** Where a map takes a point. */
export const apply = ([a, b, c, d, e, f]: AffineMap, { x, y }: Point): Point => ({
  x: a * x + b * y + c,
  y: d * x + e * y + f,
});

/** `first`, then `second`. */
export const compose = (second: AffineMap, first: AffineMap): AffineMap => {
  const [a, b, c, d, e, f] = second;
  const [p, q, r, s, t, u] = first;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
};

/** The way back. Errors: a map onto a line or a point, which has none. */
export function invert([a, b, c, d, e, f]: AffineMap): AffineMap {
  const determinant = a * e - b * d;
  if (!(Math.abs(determinant) > 1e-12))
    fail('transform', 'it maps the plane onto a line and cannot be inverted');
  const [p, q, s, t] = [e, -b, -d, a].map((x) => x / determinant) as [number, number, number, number];
  return [p, q, -(p * c + q * f), s, t, -(s * c + t * f)];
}

/** How much longer lengths become: the square root of how much larger areas become. */
export const lengthScale = ([a, b, , d, e]: AffineMap): number => Math.sqrt(Math.abs(a * e - b * d));

/** The same map for pictures that are `x` and `y` times as wide and high. */
export const scaling = (x: number, y = x): AffineMap => [x, 0, 0, 0, y, 0];

/** The map that moves every point by x and y. */
export const moving = (x: number, y: number): AffineMap => [1, 0, x, 0, 1, y];

/** Turns by an angle in degrees about the top left corner, clockwise as a picture is seen. */
export function turning(degrees: number): AffineMap {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos, -sin, 0, sin, cos, 0];
}

/**
 * The similarity (turned, scaled, moved, never mirrored) that takes points nearest to others by least squares: Umeyama 1991,
 * "Least-squares estimation of transformation parameters between two point patterns", which in the plane has this closed
 * form. Errors: fewer than two points, or all at one place.
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): AffineMap {
  if (from.length !== to.length) fail('similarity', `${from.length} points for ${to.length}`);
  const [p, q] = [centreOf(from), centreOf(to)];
  let [along, across, spread] = [0, 0, 0];
  for (const [i, { x, y }] of from.entries()) {
    const [u, v] = [x - p.x, y - p.y];
    const [s, t] = [to[i].x - q.x, to[i].y - q.y];
    along += u * s + v * t;
    across += u * t - v * s;
    spread += u * u + v * v;
  }
  if (!(spread > 0) || along * along + across * across === 0)
    fail('similarity', 'it needs two points or more that are not all at one place');
  const [a, d] = [along / spread, across / spread];
  return [a, -d, q.x - (a * p.x - d * p.y), d, a, q.y - (d * p.x + a * p.y)];
}

/** The mean of points. */
export function centreOf(points: readonly Point[]): Point {
  let [x, y] = [0, 0];
  for (const point of points) {
    x += point.x;
    y += point.y;
  }
  return { x: x / points.length, y: y / points.length };
}
