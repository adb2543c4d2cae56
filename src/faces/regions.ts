import type { Point, ScalarMap } from '../image/index.ts';
import { eyesOf, partOf } from './landmarks.ts';

/** What a picture of a face is divided into. Each pixel is of one region, the first of these that it lies in. */
export const FACE_REGIONS = [
  'eyes',
  'brows',
  'nose',
  'mouth',
  'chin',
  'cheeks',
  'forehead and hair',
  'background',
] as const;

export type FaceRegion = (typeof FACE_REGIONS)[number];

/** How far a part reaches beyond its landmarks, relative to the distance of the eyes: lashes, lips, the width of a brow. */
const reach = { eyes: 0.12, brows: 0.1, nose: 0.08, mouth: 0.06 } as const;

/** A head is so much wider than the face between the ends of its jaw, with hair and ears. */
const headWidth = 1.15;

/**
 * The region of each pixel of a picture, as its place in {@link FACE_REGIONS}, from a face's 68 landmarks in pixels of that
 * picture. Eyes, brows, nose and mouth are what their landmarks enclose, and a little around. The rest of what the jaw encloses
 * is the chin below the corners of the mouth, and cheeks above. Forehead and hair are in the upper half of an ellipse that stands on the
 * ends of the jaw and is as high as the face below them: the eyes are halfway up a head. All else is background.
 */
export function regionsOfFace(
  landmarks: readonly Point[],
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  const isIn = membership(landmarks);
  const regions = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const pixel = { x: x + 0.5, y: y + 0.5 };
      const place = isIn.findIndex((test) => test(pixel));
      regions[i] = place < 0 ? isIn.length : place;
    }
  return regions;
}

/** Whether a point is in each of the regions but the background, in their order; not whether it is in an earlier one, too. */
function membership(landmarks: readonly Point[]): ((point: Point) => boolean)[] {
  const [left, right] = eyesOf(landmarks);
  const unit = Math.max(Math.hypot(right.x - left.x, right.y - left.y), Number.MIN_VALUE);
  // Across the face, and down it.
  const across = { x: (right.x - left.x) / unit, y: (right.y - left.y) / unit };
  const down = { x: -across.y, y: across.x };
  const along = (axis: Point, { x, y }: Point, from: Point): number =>
    (x - from.x) * axis.x + (y - from.y) * axis.y;

  const near = (points: readonly Point[], distance: number, closed = true) => {
    const fits = within(points, distance * unit, closed);
    return (point: Point) => fits(point);
  };
  const either = (a: (point: Point) => boolean, b: (point: Point) => boolean) => (point: Point) =>
    a(point) || b(point);
  const part = (name: Parameters<typeof partOf>[1]) => partOf(landmarks, name);
  const eyes = either(near(part('leftEye'), reach.eyes), near(part('rightEye'), reach.eyes));
  const brows = either(
    near(part('leftBrow'), reach.brows, false),
    near(part('rightBrow'), reach.brows, false),
  );
  // The bridge's upper end and the wings: its tip and nostrils are between these.
  const nose = near([landmarks[27], ...landmarks.slice(31, 36)], reach.nose);
  // The outer line of the lips.
  const mouth = near(landmarks.slice(48, 60), reach.mouth);

  const jaw = part('jaw');
  const inJaw = (point: Point) => isInside(jaw, point);
  const corners = { x: (landmarks[48].x + landmarks[54].x) / 2, y: (landmarks[48].y + landmarks[54].y) / 2 };
  const chin = (point: Point) => along(down, point, corners) > 0 && inJaw(point);

  const ends = { x: (jaw[0].x + jaw[16].x) / 2, y: (jaw[0].y + jaw[16].y) / 2 };
  const halfWidth = (headWidth * Math.hypot(jaw[16].x - jaw[0].x, jaw[16].y - jaw[0].y)) / 2;
  const faceHeight = along(down, jaw[8], ends);
  const forehead = (point: Point) => {
    const [a, b] = [along(across, point, ends), along(down, point, ends)];
    return b <= 0 && (a / halfWidth) ** 2 + (b / faceHeight) ** 2 <= 1;
  };
  return [eyes, brows, nose, mouth, chin, inJaw, forehead];
}

/** Whether a point is within a polygon (if the line is closed), or at most so far from its line. */
function within(points: readonly Point[], distance: number, closed: boolean): (point: Point) => boolean {
  const [least, most] = [Math.min, Math.max].map((pick) => ({
    x: pick(...points.map(({ x }) => x)),
    y: pick(...points.map(({ y }) => y)),
  }));
  return (point) => {
    if (point.x < least.x - distance || point.x > most.x + distance) return false;
    if (point.y < least.y - distance || point.y > most.y + distance) return false;
    if (closed && isInside(points, point)) return true;
    return points.some((from, i) => {
      const to = points[i + 1] ?? (closed ? points[0] : undefined);
      return to !== undefined && distanceTo(point, from, to) <= distance;
    });
  };
}

/** Even-odd: how often a ray to the right crosses the polygon. */
function isInside(polygon: readonly Point[], { x, y }: Point): boolean {
  let inside = false;
  for (const [i, a] of polygon.entries()) {
    const b = polygon[(i + 1) % polygon.length];
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y)) inside = !inside;
  }
  return inside;
}

/** From a point to a line between two. */
function distanceTo({ x, y }: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const at = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length));
  return Math.hypot(x - from.x - at * dx, y - from.y - at * dy);
}

/** What a region holds of a map, each as a share of all of it. */
export interface FaceShare {
  /** Of Σ|R|; undefined for a map of zeros. */
  readonly relevance: number | undefined;
  /** Of the sum of what speaks for the class, Σ max(R, 0); undefined where there is none. */
  readonly positive: number | undefined;
  /** Of the pixels. */
  readonly area: number;
}

/** What each of {@link FACE_REGIONS} holds of a map, whose pixels are of these regions. */
export function faceShares({ data }: ScalarMap, regions: Uint8Array): FaceShare[] {
  const sums = FACE_REGIONS.map(() => ({ absolute: 0, positive: 0, pixels: 0 }));
  for (const [i, value] of data.entries()) {
    const sum = sums[regions[i]];
    sum.absolute += Math.abs(value);
    sum.positive += Math.max(value, 0);
    sum.pixels++;
  }
  const all = (of: 'absolute' | 'positive') => sums.reduce((total, each) => total + each[of], 0);
  const [absolute, positive] = [all('absolute'), all('positive')];
  return sums.map((each) => ({
    relevance: absolute > 0 ? each.absolute / absolute : undefined,
    positive: positive > 0 ? each.positive / positive : undefined,
    area: each.pixels / data.length,
  }));
}
