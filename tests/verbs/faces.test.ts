import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFold, parseManifest } from '../../src/data/index.ts';
import { boxOverlap } from '../../src/faces/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { type AffineMap, apply } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import {
  classify,
  type FacesResult,
  faces,
  facesShard,
  merge,
  type PhotoFaces,
  saveExplanations,
} from '../../src/verbs/index.ts';
import { cascadeFiles, linearCascade } from '../cascade.ts';
import { tinyModel } from '../cli/limn.ts';

const portrait = fileURLToPath(new URL('../../demo/astronaut.jpg', import.meta.url));
/** The eyes of the portrait, by eye. */
const eyes = [
  { x: 203, y: 100.5 },
  { x: 246, y: 102.5 },
];

const folder = mkdtempSync(join(tmpdir(), 'limn-faces-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One photo of several: the portrait, a large one with two faces of which one lies on its side, the portrait with EXIF, no face. */
beforeAll(async () => {
  const head = await sharp(portrait).extract({ left: 90, top: 0, width: 240, height: 240 }).toBuffer();
  const lying = await sharp(head).rotate(90).toBuffer();
  const grey = { create: { width: 900, height: 600, channels: 3, background: '#70806c' } } as const;
  await sharp(grey)
    .composite([
      { input: head, left: 40, top: 30 },
      { input: await sharp(head).resize(120).toBuffer(), left: 700, top: 420 },
    ])
    .png()
    .toFile(at('two.png'));
  await sharp(lying).png().toFile(at('lying.png'));
  // Stored lying on its side, with the note that says so.
  await sharp(await sharp(portrait).rotate(-90).toBuffer())
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 95 })
    .toFile(at('exif.jpg'));
  await sharp({ ...grey, create: { ...grey.create, width: 300, height: 300 } })
    .png()
    .toFile(at('empty.png'));
  writeFileSync(at('broken.png'), 'no picture');
  writeFileSync(at('net.onnx'), writeOnnx(tinyModel({ faces: { align: 'none', margin: 0.1 } })).bytes);
});

/** The small networks, and no second look: enough for what does not depend on how well faces are found. */
const light = { detector: 'tiny', landmarks: 'tiny', turned: false, threads: 2 } as const;

const facesIn = (result: FacesResult, index: number) => (result.photos[index] as PhotoFaces).faces;

describe('the faces of photos', () => {
  let result: FacesResult;
  beforeAll(async () => {
    const photos = [portrait, ...['two.png', 'lying.png', 'exif.jpg', 'empty.png', 'broken.png'].map(at)];
    result = await faces({ photos, output: at('out'), size: 200, threads: 2 }, nodeHost);
  }, 240_000);

  const eyesOf = (landmarks: readonly number[]) =>
    [36, 42].map((from) => {
      const six = Array.from({ length: 6 }, (_, i) => [
        landmarks[2 * (from + i)],
        landmarks[2 * (from + i) + 1],
      ]);
      return { x: six.reduce((sum, [x]) => sum + x, 0) / 6, y: six.reduce((sum, [, y]) => sum + y, 0) / 6 };
    });

  it('are found where they are, with their eyes', () => {
    const [face, ...others] = facesIn(result, 0);
    expect(others).toEqual([]);
    expect(face.remarks).toEqual([]);
    expect(face.score).toBeGreaterThan(0.9);
    expect(face.tilt).toBeGreaterThan(0);
    expect(face.tilt).toBeLessThan(6);
    eyesOf(face.landmarks).forEach(({ x, y }, i) => {
      expect(Math.hypot(x - eyes[i].x, y - eyes[i].y)).toBeLessThan(3);
    });
  });

  it('are several in one photo, the largest first, whose levels of detail see each once', () => {
    const found = facesIn(result, 1);
    expect(found.map(({ face }) => face)).toEqual([1, 2]);
    const [large, small] = found;
    expect(large.box[2]).toBeGreaterThan(1.5 * small.box[2]);
    expect(Math.abs(large.box[0] - (179 - 90 + 40))).toBeLessThan(12);
    expect(Math.abs(small.box[0] - (700 + (179 - 90) / 2))).toBeLessThan(8);
  });

  it('are found on their side, and in photos that EXIF turns', () => {
    const [lying] = facesIn(result, 2);
    expect(Math.abs(lying.tilt - 93)).toBeLessThan(4);
    const [turned] = facesIn(result, 3);
    // The same but for what was encoded twice.
    turned.box.forEach((edge, i) => {
      expect(Math.abs(edge - facesIn(result, 0)[0].box[i])).toBeLessThan(4);
    });
  });

  it('are found where they fill the photo', async () => {
    await sharp(portrait)
      .extract({ left: 185, top: 55, width: 80, height: 110 })
      .png()
      .toFile(at('close.png'));
    const found = await faces({ photos: [at('close.png')], output: at('close'), threads: 2 }, nodeHost);
    const [{ score, remarks, landmarks }] = facesIn(found, 0);
    expect(score).toBeGreaterThan(0.9);
    expect(remarks).not.toContain('doubtful');
    eyesOf(landmarks).forEach(({ x, y }, i) => {
      expect(Math.hypot(x + 185 - eyes[i].x, y + 55 - eyes[i].y)).toBeLessThan(4);
    });
  });

  it('are cut out by the transform that the table has, so that eyes come to where Adience has them', async () => {
    for (const [photo, name] of [
      [0, 'astronaut'],
      [2, 'lying'],
    ] as const) {
      const [{ file, size, transform, landmarks }] = facesIn(result, photo);
      expect(file).toBe(`${name}_face1.png`);
      expect(await decodeFile(at(`out/${file}`))).toMatchObject({ width: size, height: size });
      const [left, right] = eyesOf(landmarks).map((eye) => apply(transform, eye));
      expect(Math.abs(left.x / size - 0.384)).toBeLessThan(0.03);
      expect(Math.abs(right.x / size - 0.618)).toBeLessThan(0.03);
      expect(Math.abs(left.y / size - 0.313)).toBeLessThan(0.03);
      expect(Math.abs(right.y / size - 0.313)).toBeLessThan(0.03);
    }
  });

  it('are missing from some photos, and some photos cannot be read', () => {
    expect(result.without).toEqual([at('empty.png')]);
    expect(result.photos[5]).toMatchObject({
      item: at('broken.png'),
      error: expect.stringMatching(/not an image/),
    });
    expect(result.cut).toBe(5);
  });

  it('are in a table that is a manifest, in a fold as Adience writes it, and on a contact sheet', async () => {
    const text = readFileSync(at('out/faces.csv'), 'utf8');
    const { rows } = parseManifest(text, 'faces.csv', { labels: ['photo'] });
    expect(rows.map(({ path }) => path)).toContain('two_face2.png');
    expect(rows).toHaveLength(5);
    for (const { groups } of rows) {
      expect(groups.landmarks.split(' ')).toHaveLength(136);
      expect(groups.transform.split(' ')).toHaveLength(6);
    }
    const fold = parseFold(readFileSync(at('out/faces.txt'), 'utf8'), 0, 'faces.txt');
    expect(fold.faces.map(({ original, face }) => `${original} ${face}`)).toContain('two.png 2');
    expect((await decodeFile(at('out/faces.png'))).width).toBeGreaterThan(500);
  });

  it('that are too small or doubtful are told of and not cut out', async () => {
    const asked = { photos: [portrait], output: at('strict'), ...light };
    const small = await faces({ ...asked, minSize: 200 }, nodeHost);
    expect(facesIn(small, 0)).toMatchObject([{ remarks: ['small'] }]);
    expect(small).toMatchObject({ cut: 0, without: [portrait] });
    const doubtful = await faces({ ...asked, minScore: 1 }, nodeHost);
    const told = facesIn(doubtful, 0);
    expect(told.length).toBeGreaterThan(0);
    for (const face of told) expect(face).toMatchObject({ remarks: ['doubtful'] });
    expect(doubtful).toMatchObject({ cut: 0, without: [portrait] });
  });
});

describe('a cascade from Caffe files', () => {
  /** Bright squares are faces, whose landmarks are always at the same places. */
  const bright = linearCascade(
    [12, 24, 48],
    (what, value, pixels) =>
      new Array<number>(pixels).fill(what === 'scores' ? ((2 * value - 1) * 5) / pixels : 0),
    (what, value) => (what === 'landmarks' ? [0.3, 0.7, 0.5, 0.35, 0.65, 0.4, 0.4, 0.6, 0.8, 0.8][value] : 0),
  );
  beforeAll(async () => {
    const square = { create: { width: 60, height: 60, channels: 3, background: 'white' } } as const;
    await sharp({ create: { ...square.create, width: 220, height: 160, background: 'black' } })
      .composite([{ input: await sharp(square).png().toBuffer(), left: 90, top: 50 }])
      .png()
      .toFile(at('bright.png'));
    for (const [i, { prototxt, caffemodel }] of cascadeFiles(bright).entries()) {
      writeFileSync(at(`mtcnn_det${i + 1}.prototxt`), prototxt);
      writeFileSync(at(`mtcnn_det${i + 1}.caffemodel`), caffemodel);
    }
  });
  const asked = {
    photos: [],
    output: '',
    ...light,
    detector: 'mtcnn',
    landmarks: 'five',
    mtcnn: folder,
  } as const;

  it('finds faces and cuts them out by five landmarks of its own', async () => {
    const result = await faces(
      { ...asked, photos: [at('bright.png')], output: at('bright'), minSize: 50, size: 60 },
      nodeHost,
    );
    const [face] = facesIn(result, 0).toSorted((a, b) => b.score - a.score);
    const [x, y, width, height] = face.box;
    // Of boxes in the square none is brighter.
    const square = { x: 90, y: 50, width: 60, height: 60 };
    expect(boxOverlap({ x, y, width, height }, square, 'smaller')).toBeGreaterThan(0.9);
    expect(face).toMatchObject({ tilt: 0, remarks: [], file: `bright_face${face.face}.png`, size: 60 });
    expect(face.landmarks).toHaveLength(10);
    // A similarity from five points, without a turn here.
    const [left, right] = [0, 1].map((i) =>
      apply(face.transform, { x: face.landmarks[2 * i], y: face.landmarks[2 * i + 1] }),
    );
    expect(left.y).toBeCloseTo(right.y, 1);
    expect((left.x + right.x) / 2 / 60).toBeCloseTo(0.5, 2);
  });

  it('is refused without its files, and its options with another detector', async () => {
    const refused = (fields: object) =>
      expect(faces({ ...asked, photos: [at('bright.png')], output: at('none'), ...fields }, nodeHost))
        .rejects;
    await refused({ mtcnn: undefined }).toThrow('detector: mtcnn needs its files; give mtcnn, their folder');
    await refused({ detector: 'ssd' }).toThrow('mtcnn: ssd finds the faces; give mtcnn as detector');
    await refused({ detector: 'ssd', mtcnn: undefined }).toThrow(
      'landmarks: ssd finds none by itself; give full or tiny',
    );
    expect(existsSync(at('none'))).toBe(false);
    await refused({ mtcnn: at('out') }).toThrow(
      `${at('out')}: there is no det1.prototxt, a file of MTCNN; give the folder of det1, det2 and det3`,
    );
    writeFileSync(at('det2.prototxt'), readFileSync(at('mtcnn_det1.prototxt')));
    await refused({}).toThrow(/^det2|mtcnn_det2\.caffemodel/);
    rmSync(at('det2.prototxt'));
  });
});

describe('a model that is asked about faces', () => {
  it('sees each as it was trained to, and photos without one are told of', async () => {
    const asked = { model: at('net.onnx'), photos: [at('two.png'), at('empty.png')], ...light };
    const { photos } = await classify({ ...asked, faces: 'all' }, nodeHost);
    const [first, second, none] = photos;
    expect(photos).toHaveLength(3);
    expect(first.item).toBe(`${at('two.png')}, face 1`);
    // No turning, a border of a tenth, at the size that the model resizes to.
    expect(first).toMatchObject({ face: { face: 1, size: 20 } });
    const [a, b, , d, e] = (first as { face: { transform: AffineMap } }).face.transform;
    expect([b, d].map((x) => x + 0)).toEqual([0, 0]);
    expect(a).toBe(e);
    expect(Object.keys((second as { outputs: object }).outputs)).toEqual(['class']);
    expect(none).toEqual({
      item: at('empty.png'),
      error: `${at('empty.png')}: no face is found in it`,
    });
    const largest = await classify({ ...asked, faces: 'largest' }, nodeHost);
    expect(largest.photos.map(({ item }) => item)).toEqual([at('two.png'), at('empty.png')]);
  }, 120_000);

  it('is explained on the whole photo', async () => {
    const record = await saveExplanations(
      { model: at('net.onnx'), photos: [at('two.png')], faces: 'all', output: at('explained'), ...light },
      nodeHost,
    );
    expect(record.photos).toHaveLength(2);
    for (const [i, each] of record.photos.entries()) {
      if ('error' in each) throw new Error(each.error);
      expect(each.files.photo).toBe(at(`explained/two_face${i + 1}_photo.png`));
      const drawn = await decodeFile(each.files.photo!);
      const [photo, [x, y, width, height]] = [await decodeFile(at('two.png')), each.face!.box];
      expect([drawn.width, drawn.height]).toEqual([photo.width, photo.height]);
      // Colour is only where the face is; all else is the photo in grey.
      const coloured = (column: number, row: number) => {
        const from = (row * drawn.width + column) * 3;
        const [r, g, b] = drawn.data.subarray(from, from + 3);
        return r !== g || g !== b;
      };
      let [inside, outside] = [0, 0];
      for (let row = 0; row < drawn.height; row += 2) {
        for (let column = 0; column < drawn.width; column += 2) {
          if (!coloured(column, row)) continue;
          const near =
            Math.abs(column - (x + width / 2)) <= height && Math.abs(row - (y + height / 2)) <= height;
          if (near) inside += 1;
          else outside += 1;
        }
      }
      expect(inside).toBeGreaterThan(20);
      expect(outside).toBe(0);
    }
  }, 120_000);

  it('is not asked about faces in a prepared tensor', async () => {
    const asked = classify({ model: at('net.onnx'), photos: ['x.npy'], faces: 'all' }, nodeHost);
    await expect(asked).rejects.toMatchObject({
      kind: 'request',
      message: 'faces: a prepared tensor has no faces to find; give photos',
    });
  });
});

describe('shards of a search for faces', () => {
  const photos = () => [at('two.png'), at('empty.png'), at('broken.png'), portrait];
  /** Every file of a folder; what it says of where it is left out. */
  const contents = (output: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(output)
        .sort()
        .map((name) => [name, readFileSync(join(output, name), 'latin1')]),
    );

  it.each([1, 2, 4])('come to the same files as one piece, to the last bit: %s', async (of) => {
    const asked = { ...light, photos: photos(), parquet: true };
    const whole = await faces({ ...asked, output: at(`whole-${of}`) }, nodeHost);
    const shards = Array.from({ length: of }, (_, i) => at(`part-${of}-${i + 1}`));
    for (const [i, output] of shards.entries()) {
      const done = await facesShard({ ...asked, output, shard: { index: i + 1, of } }, nodeHost);
      expect(done.photos).toBe(4 / of);
    }
    const output = at(`merged-${of}`);
    const merged = await merge({ shards: shards.reverse(), output }, nodeHost);
    const placed = whole.files.map((file) => file.replace(at(`whole-${of}`), output));
    expect(merged).toEqual({ kind: 'faces', found: { ...whole, files: placed } });
    expect(whole.cut).toBeGreaterThan(1);
    expect(contents(output)).toEqual(contents(at(`whole-${of}`)));
  });

  it('are refused where they do not belong together, and nothing is written', async () => {
    const part = async (name: string, index: number, more: object = {}) => {
      const asked = { ...light, photos: photos(), output: at(name), shard: { index, of: 2 } };
      await facesShard({ ...asked, ...more }, nodeHost);
      return at(name);
    };
    const [first, second] = [await part('half-1', 1), await part('half-2', 2)];
    const merged = (...shards: string[]) => merge({ shards, output: at('never') }, nodeHost);
    await expect(merged(first, await part('small', 2, { size: 64 }))).rejects.toThrow(
      /small: made with another size than .*half-1/,
    );
    await expect(merged(first, await part('for', 2, { for: at('net.onnx') }))).rejects.toThrow(
      /for: made with another (size, )?.*model.* than .*half-1/,
    );
    await expect(merged(second)).rejects.toThrow(/half-2: of 2 shards, 1 is missing/);
    const [gone] = readdirSync(first).filter((name) => name.endsWith('.png'));
    rmSync(join(first, gone));
    await expect(merged(first, second)).rejects.toThrow(/two_face\d\.png: a file of this shard is not there/);
    expect(existsSync(at('never'))).toBe(false);
  });
});
