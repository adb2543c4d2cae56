import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Detection,
  fiveOf,
  openCascade,
  openFaceFinder,
  placeFace,
  tiltOf,
} from '../../src/faces/index.ts';
import { pyramidOf, tilesOf } from '../../src/faces/pyramid.ts';
import { templateOf } from '../../src/faces/template.ts';
import { apply, compose, type Image, image, moving, scaling, turning } from '../../src/image/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { cascadeNetworks, type LinearCascade, linearCascade } from '../cascade.ts';
import { noise } from '../nets.ts';
import { cascadeLiterally, levelOf, scalesOf } from '../reference/cascade.ts';

const seed = Number(process.env.LIMN_SEED ?? 1);
const sides = [12, 6, 8] as const;

/** A photo of blots as large as faces, so that boxes near each other look alike. */
function blots(width: number, height: number, from: number): Image {
  const out = image(width, height);
  const values = noise([9, 4], from).data;
  for (let i = 0; i < out.data.length; i++) {
    const [x, y, channel] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    let sum = 0;
    for (let k = 0; k < 9; k++) {
      const [u, v, phase, strength] = values.subarray(4 * k, 4 * k + 4);
      sum += strength * Math.sin((u * x + v * y) / 4 + 6 * phase + channel);
    }
    out.data[i] = Math.round(127.5 + 60 * sum);
  }
  return out;
}

/** Networks of random weights, that let some boxes through. */
function randomCascade(from: number): LinearCascade {
  const scale = { scores: 4, offsets: 0.25, landmarks: 0.5 };
  const places = { scores: 0, offsets: 2, landmarks: 6 };
  return linearCascade(
    sides,
    (what, value, pixels) =>
      [...noise([pixels], from + 7919 * (places[what] + value) + pixels).data].map(
        (x) => (x * scale[what]) / Math.sqrt(pixels),
      ),
    (what, value) => (what === 'scores' ? value - 0.2 : what === 'landmarks' ? 0.5 : 0),
  );
}

async function detected(
  photo: Image,
  cascade: LinearCascade,
  asked: { minSize: number; minScore: number; turns?: number },
) {
  const detector = await openCascade(cascadeNetworks(cascade, 26), {
    runtime: nodeRuntime,
    session: { threads: 1 },
  });
  try {
    return await detector.detect(photo, asked);
  } finally {
    await detector.release();
  }
}

const photo = fc.record({
  width: fc.integer({ min: 30, max: 70 }),
  height: fc.integer({ min: 30, max: 70 }),
  from: fc.integer({ min: 1, max: 9999 }),
});

function expectAlike(found: readonly Detection[], expected: readonly Detection[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, { box, score, landmarks }] of found.entries()) {
    // Pixels are whole numbers: one may be rounded the other way.
    expect(score).toBeCloseTo(expected[i].score, 2);
    const numbers = [box.x, box.y, box.width, box.height, ...landmarks!.flatMap(({ x, y }) => [x, y])];
    const { box: b, landmarks: l } = expected[i];
    [b.x, b.y, b.width, b.height, ...l!.flatMap(({ x, y }) => [x, y])].forEach((value, k) => {
      expect(Math.abs(numbers[k] - value)).toBeLessThan(0.05);
    });
  }
}

describe('a cascade', () => {
  it('finds what the paper says, cell by cell', async () => {
    let [several, inAll] = [0, 0];
    await fc.assert(
      fc.asyncProperty(photo, fc.constantFrom(15, 20, 30), async ({ width, height, from }, minSize) => {
        const [picture, cascade] = [blots(width, height, from), randomCascade(from)];
        const asked = { minSize, minScore: 0.55 };
        const expected = cascadeLiterally(picture, cascade, asked);
        expectAlike(await detected(picture, cascade, asked), expected);
        inAll += expected.length;
        if (expected.length > 1) several += 1;
      }),
      { seed, numRuns: 12 },
    );
    // Not because nothing is found.
    expect(inAll).toBeGreaterThan(20);
    expect(several).toBeGreaterThan(3);
  });

  it('finds the same in a photo that lies on a side, told so', async () => {
    const [picture, cascade] = [blots(60, 44, 5), randomCascade(5)];
    const upright = await detected(picture, cascade, { minSize: 20, minScore: 0.55 });
    expect(upright.length).toBeGreaterThan(1);
    // A quarter turn counter-clockwise: what turns it clockwise is the picture.
    const lying = image(44, 60);
    for (let y = 0; y < 60; y++)
      for (let x = 0; x < 44; x++)
        lying.data.set(
          picture.data.subarray(3 * (x * 60 + 59 - y), 3 * (x * 60 + 59 - y) + 3),
          3 * (y * 44 + x),
        );
    const found = await detected(lying, cascade, { minSize: 20, minScore: 0.55, turns: 1 });
    const moved = upright.map(({ box, score, landmarks }) => ({
      score,
      box: { x: box.y, y: 60 - box.x - box.width, width: box.height, height: box.width },
      landmarks: landmarks!.map(({ x, y }) => ({ x: y, y: 60 - x })),
    }));
    expectAlike(found, moved);
  });

  it('has nothing to say of photos smaller than the smallest face, and can be stopped', async () => {
    const cascade = randomCascade(1);
    expect(await detected(blots(50, 19, 1), cascade, { minSize: 20, minScore: 0 })).toEqual([]);
    const detector = await openCascade(cascadeNetworks(cascade, 26), { runtime: nodeRuntime });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(detector.detect(blots(50, 50, 1), { minSize: 20, minScore: 0, signal })).rejects.toThrow(
      'enough',
    );
    await detector.release();
  });

  it('refuses networks with other outputs', async () => {
    const { proposal, refinement } = cascadeNetworks(randomCascade(1), 26);
    await expect(
      openCascade({ proposal, refinement, output: refinement }, { runtime: nodeRuntime }),
    ).rejects.toThrow(
      /^output network: it has no output of 10 values; a face detector's; it has offsets \[N, 4\], prob \[N, 2\]/,
    );
  });
});

describe('the pyramid of a photo', () => {
  it('has the levels in which faces are as large as a cell, from the smallest to the largest', () => {
    fc.assert(
      fc.property(photo, fc.constantFrom(12, 15, 20, 30), ({ width, height, from }, minSize) => {
        const picture = blots(width, height, from);
        const levels = pyramidOf(picture, { minSize, reach: 12 });
        const scales = scalesOf(Math.min(width, height), minSize);
        expect(levels.map(({ scale }) => scale)).toEqual(scales);
        levels.forEach((level, i) => {
          expect(level.picture).toEqual(levelOf(picture, minSize, scales[i]));
        });
        // The largest face that is whole in the photo is no larger than two levels' cells apart.
        const largest = 12 / (scales.at(-1) ?? Number.NaN);
        if (scales.length > 0) expect(largest / 0.709).toBeGreaterThan(Math.min(width, height) - 1e-6);
      }),
      { seed, numRuns: 20 },
    );
  });

  it('is looked at in tiles that have every cell once', () => {
    fc.assert(
      fc.property(photo, fc.constantFrom(12, 14, 26), ({ width, height, from }, side) => {
        const level = blots(width, height, from);
        const seen = new Map<string, number>();
        for (const { square, row, column, rows, columns } of tilesOf(level, { side, reach: 12 })) {
          for (let i = 0; i < rows; i++)
            for (let j = 0; j < columns; j++) {
              const [top, left] = [2 * (row + i), 2 * (column + j)];
              seen.set(`${top},${left}`, (seen.get(`${top},${left}`) ?? 0) + 1);
              const pixel = (picture: Image, y: number, x: number) =>
                picture.data[3 * (y * picture.width + x) + 1];
              for (const k of [0, 5, 11])
                expect(pixel(square, 2 * i + k, 2 * j + 11 - k)).toBe(pixel(level, top + k, left + 11 - k));
            }
        }
        const expected: string[] = [];
        for (let top = 0; top + 12 <= height; top += 2)
          for (let left = 0; left + 12 <= width; left += 2) expected.push(`${top},${left}`);
        expect([...seen.keys()].sort()).toEqual(expected.sort());
        expect([...seen.values()].every((count) => count === 1)).toBe(true);
      }),
      { seed, numRuns: 20 },
    );
  });
});

describe('five landmarks', () => {
  const similarity = fc
    .record({
      angle: fc.double({ min: -180, max: 180, noNaN: true }),
      scale: fc.double({ min: 0.2, max: 4, noNaN: true }),
      x: fc.integer({ min: -20, max: 20 }),
    })
    .map(({ angle, scale, x }) => compose(moving(x, 2 * x), compose(turning(angle), scaling(scale))));

  it('that lie like the template come back to it, as 68 do', () => {
    fc.assert(
      fc.property(similarity, fc.double({ min: 0, max: 1, noNaN: true }), (map, margin) => {
        const all = templateOf(0.35).map((p) => apply(map, apply(scaling(200), p)));
        const box = { x: 0, y: 0, width: 10, height: 10 };
        const of = (landmarks: readonly { x: number; y: number }[]) =>
          placeFace({ box, landmarks, tilt: tiltOf(landmarks) }, { margin, size: 64 }).transform;
        expect(tiltOf(fiveOf(all))).toBeCloseTo(tiltOf(all), 6);
        const expected = of(all);
        of(fiveOf(all)).forEach((value, i) => {
          expect(value).toBeCloseTo(expected[i], 5);
        });
      }),
      { seed, numRuns: 60 },
    );
  });

  it("are the detector's own where no network finds 68, doubtful where they are no face's", async () => {
    const face = fiveOf(templateOf(0.35)).map((p) =>
      apply(compose(moving(20, 10), compose(turning(30), scaling(80))), p),
    );
    const muddled = [face[3], face[1], face[0], face[4], face[2]];
    const box = { x: 10, y: 20, width: 60, height: 60 };
    const open = (landmarks: Detection['landmarks']) =>
      openFaceFinder({
        runtime: nodeRuntime,
        detector: { detect: async () => [{ box, score: 0.9, landmarks }], release: async () => {} },
      });
    const picture = image(120, 120);
    const [found] = await (await open(face)).find(picture);
    expect(found).toMatchObject({ landmarks: face, remarks: [] });
    expect(found.tilt).toBeCloseTo(30, 6);
    const [other] = await (await open(muddled)).find(picture, { turned: false });
    expect(other.remarks).toEqual(['doubtful']);
    await expect((await open(undefined)).find(picture)).rejects.toThrow(
      'landmarks: the detector finds none; give a network for them',
    );
  });
});
