import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlap, placeFace, suppress, tiltOf } from '../../src/faces/index.ts';
import { squareAround } from '../../src/faces/landmarks.ts';
import { templateOf } from '../../src/faces/template.ts';
import { windowsOf } from '../../src/faces/windows.ts';
import {
  type Affine,
  apply,
  compose,
  fitSimilarity,
  image,
  invert,
  moving,
  type Point,
  scaling,
  turning,
  warpImage,
  warpMap,
} from '../../src/image/index.ts';
import { countedOverlap, suppressed, umeyama, warped } from '../reference/faces.ts';

const seed = Number(process.env.LIMN_SEED ?? 1);
const options = { seed, numRuns: 60 };
const whole = (max: number) => fc.integer({ min: 0, max });
const box = fc.record({ x: whole(12), y: whole(12), width: whole(9), height: whole(9) });
const mode = fc.constantFrom('union' as const, 'smaller' as const);
const real = (bound: number) => fc.double({ min: -bound, max: bound, noNaN: true });
const point = fc.record({ x: real(100), y: real(100) });
const similarity = fc
  .record({ angle: real(180), scale: fc.double({ min: 0.2, max: 4, noNaN: true }), x: real(20), y: real(20) })
  .map(({ angle, scale, x, y }) => compose(moving(x, y), compose(turning(angle), scaling(scale))));

const expectNear = (a: readonly number[], b: readonly number[], digits = 6) => {
  expect(a.length).toBe(b.length);
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i], digits);
  });
};

describe('boxes', () => {
  it('overlap by the pixels that they share', () => {
    fc.assert(
      fc.property(box, box, mode, (a, b, relativeTo) => {
        expect(overlap(a, b, relativeTo)).toBeCloseTo(countedOverlap(a, b, relativeTo), 12);
      }),
      options,
    );
  });

  it('are suppressed as a list that shrinks', () => {
    // Scores that differ, so that there is one right order.
    const detections = fc
      .uniqueArray(fc.record({ box, score: fc.integer({ min: 1, max: 1000 }) }), {
        selector: ({ score }) => score,
        maxLength: 12,
      })
      .filter((all) => all.length > 0);
    fc.assert(
      fc.property(detections, fc.constantFrom(0, 0.3, 0.5, 0.7), mode, (all, most, relativeTo) => {
        expect(suppress(all, most, relativeTo)).toEqual(suppressed(all, most, relativeTo));
      }),
      options,
    );
  });
});

describe('maps of the plane', () => {
  it('undo and follow one another', () => {
    fc.assert(
      fc.property(similarity, similarity, point, (f, g, p) => {
        const there = apply(compose(g, f), p);
        const steps = apply(g, apply(f, p));
        expectNear([there.x, there.y], [steps.x, steps.y]);
        const back = apply(invert(f), apply(f, p));
        expectNear([back.x, back.y], [p.x, p.y]);
      }),
      options,
    );
    expect(() => invert([1, 2, 0, 2, 4, 0])).toThrow(/^transform: .* cannot be inverted/);
  });

  it("fit points by Umeyama's formulas", () => {
    // Three corners among them: of points on a line the literal formulas divide by nothing.
    const corners = [
      { x: 0, y: 0 },
      { x: 90, y: 0 },
      { x: 0, y: 90 },
    ];
    const noise = fc.record({ x: real(10), y: real(10) });
    fc.assert(
      fc.property(
        similarity,
        fc.array(point, { maxLength: 6 }),
        fc.array(noise, { minLength: 9, maxLength: 9 }),
        (map, others, off) => {
          const from = [...corners, ...others];
          const to = from.map((p, i) => {
            const { x, y } = apply(map, p);
            return { x: x + off[i].x, y: y + off[i].y };
          });
          expectNear(fitSimilarity(from, to), umeyama(from, to), 6);
        },
      ),
      options,
    );
  });

  it('find a similarity again, and no other', () => {
    fc.assert(
      fc.property(similarity, fc.array(point, { minLength: 2, maxLength: 6 }), (map, from) => {
        fc.pre(Math.hypot(from[0].x - from[1].x, from[0].y - from[1].y) > 1);
        const fitted = fitSimilarity(
          from,
          from.map((p) => apply(map, p)),
        );
        expectNear(fitted, map, 5);
      }),
      options,
    );
    const p = { x: 1, y: 2 };
    expect(() => fitSimilarity([p], [p])).toThrow(/^similarity: it needs two points/);
    expect(() => fitSimilarity([p, p], [p])).toThrow('similarity: 2 points for 1');
  });
});

describe('a picture that is drawn anew', () => {
  const picture = fc
    .record({
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
      seed: whole(999),
    })
    .map(({ width, height, seed: from }) => {
      const out = image(width, height);
      for (let i = 0; i < out.data.length; i++) out.data[i] = (from * 31 + i * i * 7 + i * 13) % 256;
      return out;
    });
  const beyond = fc.constantFrom('repeat' as const, 'nothing' as const);

  it('has the mean of bilinear samples over each pixel', () => {
    const size = fc.record({ width: fc.integer({ min: 1, max: 6 }), height: fc.integer({ min: 1, max: 6 }) });
    fc.assert(
      fc.property(picture, similarity, size, beyond, (source, map, extent, what) => {
        const out = warpImage(source, map, extent, what);
        warped(source, map, extent, what).forEach((value, i) => {
          expect(Math.abs(out.data[i] - value)).toBeLessThanOrEqual(0.501);
        });
      }),
      options,
    );
  });

  it('stays as it is where nothing is done, and a map of values is drawn alike', () => {
    fc.assert(
      fc.property(picture, similarity, (source, map) => {
        expect(warpImage(source, moving(0, 0), source)).toEqual(source);
        const { width, height } = source;
        const red = Float32Array.from({ length: width * height }, (_, i) => source.data[3 * i]);
        const values = warpMap({ width, height, data: red }, map, { width: 4, height: 3 });
        const drawn = warped(source, map, { width: 4, height: 3 }, 'nothing');
        values.data.forEach((value, i) => {
          expect(value).toBeCloseTo(drawn[3 * i], 3);
        });
      }),
      options,
    );
  });

  it('is not aliased: stripes of a pixel become grey', () => {
    const stripes = image(64, 64);
    for (let i = 0; i < 64 * 64; i++) stripes.data.fill(i % 2 === 0 ? 255 : 0, 3 * i, 3 * i + 3);
    const small = warpImage(stripes, scaling(8), { width: 8, height: 8 });
    for (const value of small.data) expect(Math.abs(value - 127.5)).toBeLessThan(1);
  });
});

describe('windows on a photo', () => {
  const extent = fc.record({
    width: fc.integer({ min: 8, max: 3000 }),
    height: fc.integer({ min: 8, max: 3000 }),
  });

  it('show every face whole and large enough, in every position of the photo', () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(extent, place, place, place, whole(3), (photo, across, down, large, turns) => {
        const minSize = 40;
        const smallest = 0.1;
        const longest = Math.min(photo.width, photo.height);
        fc.pre(longest > minSize);
        const side = minSize * (longest / minSize) ** large;
        const corner = { x: across * (photo.width - side), y: down * (photo.height - side) };
        const corners = [corner, { x: corner.x + side, y: corner.y + side }];
        const seen = windowsOf(photo, { minSize, smallest, turns }).some(({ toPhoto }) => {
          const inside = corners.map((p) => apply(invert(toPhoto), p));
          const held = inside.every(({ x, y }) => x > -1e-9 && y > -1e-9 && x < 1 + 1e-9 && y < 1 + 1e-9);
          return held && Math.abs(inside[1].x - inside[0].x) >= 0.8 * smallest - 1e-9;
        });
        expect(seen).toBe(true);
      }),
      { ...options, numRuns: 200 },
    );
  });

  it('is a single one where the smallest face is large in it', () => {
    expect(windowsOf({ width: 300, height: 200 }, { minSize: 40, smallest: 0.1 })).toHaveLength(1);
  });
});

describe('a face', () => {
  const asFace = (landmarks: readonly Point[], side: number) => ({
    landmarks,
    tilt: tiltOf(landmarks),
    box: { x: 100, y: 50, width: side, height: side * 1.2 },
  });

  it('that lies like the template comes back to it, however it was turned', () => {
    fc.assert(
      fc.property(similarity, fc.double({ min: 0, max: 1, noNaN: true }), (map, margin) => {
        const landmarks = templateOf(0.35).map((p) => apply(map, apply(scaling(200), p)));
        const { transform, size } = placeFace(asFace(landmarks, 100), {
          align: 'similarity',
          margin,
          size: 64,
        });
        expect(size).toBe(64);
        const template = templateOf(margin);
        landmarks.forEach((p, i) => {
          const { x, y } = apply(transform, p);
          expectNear([x / 64, y / 64], [template[i].x, template[i].y], 5);
        });
      }),
      options,
    );
  });

  it.each(['rotation', 'none'] as const)('is cut out by %s about the middle of its box', (align) => {
    fc.assert(
      fc.property(similarity, (map) => {
        const landmarks = templateOf(0.35).map((p) => apply(map, apply(scaling(200), p)));
        const face = asFace(landmarks, 80);
        const { transform, size } = placeFace(face, { align, margin: 0.25 });
        expect(size).toBe(Math.round(80 * 1.2 * 1.5));
        const centre = apply(transform, { x: 140, y: 98 });
        expectNear([centre.x, centre.y], [size / 2, size / 2], 6);
        const tilt = tiltOf(landmarks.map((p) => apply(transform, p)));
        const left = align === 'rotation' ? 0 : face.tilt;
        expect(Math.cos(((tilt - left) * Math.PI) / 180)).toBeCloseTo(1, 6);
      }),
      options,
    );
  });

  it('needs a margin that leaves something of it', () => {
    const face = asFace(templateOf(0.35), 100);
    expect(() => placeFace(face, { align: 'none', margin: -0.5 })).toThrow(/^margin: -0\.5 leaves nothing/);
  });

  it('lies in a square by its middle, its side and its angle', () => {
    const map: Affine = squareAround({ x: 10, y: 20 }, 4, 90);
    const { x, y } = apply(map, { x: 0.5, y: 0 });
    expectNear([x, y], [12, 20]);
  });
});
