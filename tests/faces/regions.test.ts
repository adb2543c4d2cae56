import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FACE_REGIONS, faceShares, regionsOfFace } from '../../src/faces/index.ts';
import { templateOf } from '../../src/faces/template.ts';
import { apply, compose, moving, type Point, scaling, turning } from '../../src/image/index.ts';
import { noise } from '../nets.ts';

/* Regions once more, slowly: inside is where the angles to a polygon's corners add up to a whole turn; distance is to two hundred points of a line. */

const minus = (a: Point, b: Point): Point => ({ x: a.x - b.x, y: a.y - b.y });
const dot = (a: Point, b: Point): number => a.x * b.x + a.y * b.y;
const mean = (points: readonly Point[]): Point => ({
  x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
  y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
});

function turns(polygon: readonly Point[], point: Point): number {
  let angle = 0;
  for (let i = 0; i < polygon.length; i++) {
    const [a, b] = [minus(polygon[i], point), minus(polygon[(i + 1) % polygon.length], point)];
    angle += Math.atan2(a.x * b.y - a.y * b.x, dot(a, b));
  }
  return Math.abs(Math.round(angle / (2 * Math.PI)));
}

function farFrom(line: readonly Point[], point: Point): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i + 1 < line.length; i++)
    for (let t = 0; t <= 200; t++) {
      const x = line[i].x + ((line[i + 1].x - line[i].x) * t) / 200;
      const y = line[i].y + ((line[i + 1].y - line[i].y) * t) / 200;
      least = Math.min(least, Math.hypot(x - point.x, y - point.y));
    }
  return least;
}

const closed = (points: readonly Point[]): Point[] => [...points, points[0]];

function regionLiterally(p: readonly Point[], point: Point): string {
  const [left, right] = [mean(p.slice(36, 42)), mean(p.slice(42, 48))];
  const eyes = Math.hypot(right.x - left.x, right.y - left.y);
  const filled = (points: readonly Point[], reach: number) =>
    turns(points, point) === 1 || farFrom(closed(points), point) <= reach * eyes;
  if (filled(p.slice(36, 42), 0.12) || filled(p.slice(42, 48), 0.12)) return 'eyes';
  if (farFrom(p.slice(17, 22), point) <= 0.1 * eyes || farFrom(p.slice(22, 27), point) <= 0.1 * eyes)
    return 'brows';
  if (filled([p[27], p[31], p[32], p[33], p[34], p[35]], 0.08)) return 'nose';
  if (filled(p.slice(48, 60), 0.06)) return 'mouth';
  const across = minus(right, left);
  const down = { x: -across.y / eyes, y: across.x / eyes };
  if (turns(p.slice(0, 17), point) === 1)
    return dot(down, minus(point, mean([p[48], p[54]]))) > 0 ? 'chin' : 'cheeks';
  const from = minus(point, mean([p[0], p[16]]));
  const wide = (1.15 * Math.hypot(p[16].x - p[0].x, p[16].y - p[0].y)) / 2;
  const high = dot(down, minus(p[8], mean([p[0], p[16]])));
  const [a, b] = [dot(across, from) / eyes / wide, dot(down, from) / high];
  return b <= 0 && a * a + b * b <= 1 ? 'forehead and hair' : 'background';
}

/** A face's landmarks, moved a little each, turned and placed in a picture. */
const face = fc
  .record({
    size: fc.integer({ min: 20, max: 40 }),
    turn: fc.integer({ min: -50, max: 50 }),
    x: fc.integer({ min: -5, max: 15 }),
    y: fc.integer({ min: -5, max: 15 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ size, turn, x, y, seed }) => {
    const jitter = noise([68, 2], seed).data;
    const place = compose(moving(x + size / 2, y + size / 2), compose(turning(turn), scaling(size)));
    return templateOf(0.1).map((point, i) =>
      apply(place, {
        x: point.x - 0.5 + 0.01 * jitter[2 * i],
        y: point.y - 0.5 + 0.01 * jitter[2 * i + 1],
      }),
    );
  });

describe('the regions of a face', () => {
  it('are as they are described, pixel by pixel', () => {
    fc.assert(
      fc.property(face, (landmarks) => {
        const [width, height] = [44, 37];
        const regions = regionsOfFace(landmarks, { width, height });
        let different = 0;
        for (let y = 0; y < height; y += 4)
          for (let x = 0; x < width; x += 4)
            if (
              FACE_REGIONS[regions[y * width + x]] !== regionLiterally(landmarks, { x: x + 0.5, y: y + 0.5 })
            )
              different++;
        // A pixel whose centre lies on a line may go either way: the slow distance is to two hundred points of it.
        expect(different).toBeLessThanOrEqual(1);
      }),
      { numRuns: 8 },
    );
  });

  it('are all there in a face as Adience cuts it, where they should be', () => {
    const side = 100;
    const landmarks = templateOf(0.35).map((point) => apply(scaling(side), point));
    const regions = regionsOfFace(landmarks, { width: side, height: side });
    const at = (x: number, y: number) => FACE_REGIONS[regions[y * side + x]];
    expect(at(38, 31)).toBe('eyes');
    expect(at(62, 31)).toBe('eyes');
    expect(at(35, 21)).toBe('brows');
    expect(at(50, 45)).toBe('nose');
    expect(at(50, 60)).toBe('mouth');
    expect(at(50, 72)).toBe('chin');
    expect(at(30, 50)).toBe('cheeks');
    expect(at(50, 8)).toBe('forehead and hair');
    expect(at(3, 95)).toBe('background');
    expect(new Set(regions).size).toBe(FACE_REGIONS.length);
  });
});

describe('shares of a map', () => {
  it('are sums over pixels, literally, and make up the whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const data = noise([30], seed).data;
        const regions = Uint8Array.from(data, (_, i) => (i * seed) % FACE_REGIONS.length);
        const shares = faceShares({ width: 6, height: 5, data }, regions);
        FACE_REGIONS.forEach((_, region) => {
          let [own, ownPositive, all, allPositive, pixels] = [0, 0, 0, 0, 0];
          for (let i = 0; i < 30; i++) {
            all += Math.abs(data[i]);
            if (data[i] > 0) allPositive += data[i];
            if (regions[i] !== region) continue;
            pixels++;
            own += Math.abs(data[i]);
            if (data[i] > 0) ownPositive += data[i];
          }
          expect(shares[region].relevance).toBeCloseTo(own / all, 12);
          expect(shares[region].positive).toBeCloseTo(ownPositive / allPositive, 12);
          expect(shares[region].area).toBe(pixels / 30);
        });
        expect(shares.reduce((sum, { relevance = 0 }) => sum + relevance, 0)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('are none of a map of zeros', () => {
    const shares = faceShares({ width: 2, height: 1, data: new Float32Array(2) }, new Uint8Array(2));
    expect(shares[0]).toEqual({ relevance: undefined, positive: undefined, area: 1 });
  });
});
