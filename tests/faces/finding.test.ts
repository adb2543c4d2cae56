import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../src/faces/box.ts';
import { type Detector, openFaceFinder } from '../../src/faces/index.ts';
import { type Image, image } from '../../src/image/index.ts';
import { nodeRuntime } from '../../src/node.node.ts';

const options = { seed: Number(process.env.LIMN_SEED ?? 1), numRuns: 40 };

/** A photo that is red in a box and black elsewhere. */
function marked(width: number, height: number, { x, y, width: across, height: down }: Box): Image {
  const photo = image(width, height);
  for (let row = y; row < y + down; row++)
    for (let column = x; column < x + across; column++) photo.data[3 * (row * width + column)] = 255;
  return photo;
}

/** The box around what is red, looked for pixel by pixel. */
function redIn({ width, height, data }: Image): Box {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (data[3 * (y * width + x)] < 128) continue;
      [left, top, right, bottom] = [
        Math.min(left, x),
        Math.min(top, y),
        Math.max(right, x + 1),
        Math.max(bottom, y + 1),
      ];
    }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Sees what is red with a score that depends on how much of the picture it fills; its landmarks are those of a face in that box. */
function detector(scoreOf: (filled: number, turns: number) => number) {
  const sizes: [number, number][] = [];
  const found: Detector = {
    async detect(picture, { minScore, turns = 0 }) {
      sizes.push([picture.width, picture.height]);
      const box = redIn(picture);
      const score = scoreOf(Math.max(box.width / picture.width, box.height / picture.height), turns);
      const at = (x: number, y: number) => ({ x: box.x + x * box.width, y: box.y + y * box.height });
      const landmarks = [at(0.3, 0.4), at(0.7, 0.4), at(0.5, 0.6), at(0.35, 0.8), at(0.65, 0.8)];
      return score >= minScore ? [{ box, score, landmarks }] : [];
    },
    release: async () => {},
  };
  return { found, sizes };
}

const scene = fc
  .record({
    width: fc.integer({ min: 60, max: 400 }),
    height: fc.integer({ min: 60, max: 400 }),
    margins: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 1, max: 8 }))),
  })
  .map(({ width, height, margins: [left, top, right, bottom] }) => ({
    width,
    height,
    box: { x: left, y: top, width: width - left - right, height: height - top - bottom },
  }));

describe('a face that fills its photo', () => {
  it('is found where it is, by a detector that needs surroundings', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ width, height, box }) => {
        const { found, sizes } = detector((filled) => (filled > 0.6 ? 0 : 0.9));
        const finder = await openFaceFinder({ detector: found, runtime: nodeRuntime });
        const [face, ...others] = await finder.find(marked(width, height, box), { turned: false });
        expect(others).toEqual([]);
        expect(face.score).toBe(0.9);
        // It is seen smaller than it is where the photo with its surroundings is shrunk, to the nearest pixel.
        const shrunk = Math.max(1, (3 * Math.max(width, height)) / 1024);
        for (const side of ['x', 'y', 'width', 'height'] as const)
          expect(Math.abs(face.box[side] - box[side])).toBeLessThanOrEqual(2 * shrunk);
        expect(face.landmarks).toHaveLength(5);
        expect(Math.abs(face.landmarks[0].x - (box.x + 0.3 * box.width))).toBeLessThanOrEqual(2 * shrunk);
        // Landmarks that are drawn out in length are doubted, and looked for in better light.
        expect(sizes).toHaveLength(face.remarks.includes('doubtful') ? 6 : 2);
        expect(Math.max(...sizes[1])).toBeLessThanOrEqual(1024);
      }),
      options,
    );
  });

  it('is found where the photo ends in its middle, with the border repeated around it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 8, max: 30 }),
        fc.integer({ min: 0, max: 900 }),
        async (seen, more) => {
          const [width, height] = [100 + more, 80 + more];
          // As high as what is left of it and its repetition are wide; nothing of that is seen without.
          const side = Math.round(seen + width / 2);
          const { found, sizes } = detector(() => 0.9);
          const detect: Detector['detect'] = async (picture, asked) => {
            const boxes = await found.detect(picture, asked);
            return boxes.filter(({ box }) => box.width > 0.8 * box.height);
          };
          const finder = await openFaceFinder({ detector: { ...found, detect }, runtime: nodeRuntime });
          const box = { x: width - seen, y: 8, width: seen, height: Math.min(side, height - 16) };
          const [face, ...others] = await finder.find(marked(width, height, box), { turned: false });
          expect(others).toEqual([]);
          expect(face.remarks).toEqual(['border']);
          // To the nearest pixel of the picture that is looked at.
          const shrunk = Math.max(1, (6 * width) / 1024);
          for (const edge of ['x', 'y', 'width', 'height'] as const)
            expect(Math.abs(face.box[edge] - box[edge])).toBeLessThanOrEqual(2 * shrunk);
          expect(sizes).toHaveLength(3);
          for (const size of sizes.slice(1)) expect(Math.max(...size)).toBeLessThanOrEqual(1024);
        },
      ),
      { ...options, numRuns: 10 },
    );
  });

  it('is not hidden by one in its place that is doubted, however sure the detector was of that', async () => {
    const { found, sizes } = detector((filled) => (filled > 0.6 ? 0.95 : 0.6));
    const detect: Detector['detect'] = async (picture, asked) => {
      const [face] = await found.detect(picture, asked);
      // On a line, as no face's are.
      const landmarks = face.landmarks?.map((_, i) => ({ x: face.box.x + i, y: face.box.y + 15 * i }));
      return [face.score > 0.9 ? { ...face, landmarks } : face];
    };
    const finder = await openFaceFinder({ detector: { ...found, detect }, runtime: nodeRuntime });
    const seen = await finder.find(marked(100, 80, { x: 4, y: 4, width: 90, height: 70 }));
    expect(seen.map(({ score, remarks }) => [score, remarks])).toEqual([[0.6, []]]);
    expect(sizes).toHaveLength(2);
  });

  it('costs no second look where the first one is sure', async () => {
    const { found, sizes } = detector(() => 0.8);
    const finder = await openFaceFinder({ detector: found, runtime: nodeRuntime });
    await finder.find(marked(100, 80, { x: 4, y: 4, width: 90, height: 70 }));
    expect(sizes).toEqual([[100, 80]]);
  });

  it('is one face, with the better score, where both looks see it', async () => {
    const { found } = detector((filled) => (filled > 0.6 ? 0.4 : 0.7));
    const finder = await openFaceFinder({ detector: found, runtime: nodeRuntime });
    const seen = await finder.find(marked(100, 80, { x: 4, y: 4, width: 90, height: 70 }));
    expect(seen.map(({ score, remarks }) => [score, remarks])).toEqual([[0.7, []]]);
  });

  it('is looked for lying on its side only after that', async () => {
    const { found, sizes } = detector((filled, turns) => (turns === 1 && filled > 0.6 ? 0.9 : 0));
    const finder = await openFaceFinder({ detector: found, runtime: nodeRuntime });
    const photo = marked(100, 80, { x: 4, y: 4, width: 90, height: 70 });
    expect(await finder.find(photo)).toHaveLength(1);
    // As it is and in better light, each from afar in two ways, too; then three turns.
    expect(sizes).toHaveLength(9);
    expect(await finder.find(photo, { turned: false })).toEqual([]);
  });
});

describe('a face in the dark', () => {
  /** Sees a box that is as bright as can be, as those of {@link detector} see it. */
  function bright() {
    const { found, sizes } = detector(() => 0.9);
    const detect: Detector['detect'] = (picture, asked) => {
      const lit = image(
        picture.width,
        picture.height,
        picture.data.map((value) => (value > 160 ? 255 : 0)),
      );
      if (lit.data.includes(255)) return found.detect(lit, asked);
      sizes.push([0, 0]);
      return Promise.resolve([]);
    };
    return { detector: { ...found, detect }, sizes };
  }
  const dark = marked(200, 200, { x: 60, y: 70, width: 80, height: 70 });
  for (let i = 0; i < dark.data.length; i++) dark.data[i] = dark.data[i] ? 60 : Math.floor(i / 600) % 24;

  it('is found in better light, where it is', async () => {
    const { detector, sizes } = bright();
    const finder = await openFaceFinder({ detector, runtime: nodeRuntime });
    const [face, ...others] = await finder.find(dark, { turned: false });
    expect(others).toEqual([]);
    expect(face.remarks).toEqual([]);
    for (const [side, value] of Object.entries({ x: 60, y: 70, width: 80, height: 70 }))
      expect(Math.abs(face.box[side as keyof Box] - value)).toBeLessThan(12);
    expect(sizes).toHaveLength(4);
  });
});

describe('a small face in a large photo', () => {
  const photo = marked(1500, 900, { x: 700, y: 300, width: 50, height: 50 });

  it('is one if it is seen, though smaller ones are not looked for', async () => {
    const asked: number[] = [];
    const { found } = detector(() => 0.9);
    const finder = await openFaceFinder({
      detector: {
        ...found,
        detect(picture, each) {
          asked.push(each.minSize);
          return found.detect(picture, each);
        },
      },
      runtime: nodeRuntime,
    });
    expect((await finder.find(photo)).map(({ remarks }) => remarks)).toEqual([[]]);
    expect(asked).toEqual([60]);
  });

  it('is too small for who asks for larger ones, and below 40 pixels for all', async () => {
    const finder = await openFaceFinder({ detector: detector(() => 0.9).found, runtime: nodeRuntime });
    const remarks = async (picture: Image, minSize?: number) =>
      (await finder.find(picture, { minSize })).flatMap((face) => face.remarks);
    expect(await remarks(photo, 55)).toEqual(['small']);
    const tiny = marked(1500, 900, { x: 700, y: 300, width: 38, height: 38 });
    expect(await remarks(tiny)).toEqual(['small']);
    expect(await remarks(tiny, 30)).toEqual([]);
  });
});
