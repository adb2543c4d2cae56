import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { cropImage, fromRgba, type Image, image, mirrorImage, toRgba } from '../../src/image/image.ts';
import { decodeBytes, decodeFile } from '../../src/image/pixels/decode.node.ts';
import { encodePng, writePng } from '../../src/image/pixels/encode.node.ts';
import { anyImage, mutated, noise, noiseImage } from './pictures.ts';

const pixels = (count: 1 | 2 | 3 | 4) =>
  sharp(noise(12 * count, 4), { raw: { width: 4, height: 3, channels: count } });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'limn-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('decoding', () => {
  const rgb = [...noise(36, 4)];
  const tripled = [...noise(12, 4)].flatMap((v) => [v, v, v]);

  test.each<[string, () => Promise<Buffer>, number[]]>([
    ['RGB PNG', () => pixels(3).png().toBuffer(), rgb],
    ['palette PNG', () => pixels(3).png({ palette: true, quality: 100, dither: 0 }).toBuffer(), rgb],
    ['16-bit PNG', () => pixels(3).toColourspace('rgb16').png().toBuffer(), rgb],
    ['grey PNG', () => pixels(1).toColourspace('b-w').png().toBuffer(), tripled],
    ['16-bit grey PNG', () => pixels(1).toColourspace('grey16').png().toBuffer(), tripled],
    ['lossless WebP', () => pixels(3).webp({ lossless: true }).toBuffer(), rgb],
  ])('%s', async (name, file, expected) => {
    const got = await decodeBytes(await file(), name);
    expect([got.width, got.height, got.channels]).toEqual([4, 3, 3]);
    expect([...got.data]).toEqual(expected);
  });

  test('transparency is composited on white, as in the browser', async () => {
    const got = await decodeBytes(await pixels(4).png().toBuffer(), 'a.png');
    const want = fromRgba({ width: 4, height: 3, data: noise(48, 4) });
    got.data.forEach((v, i) => {
      expect(Math.abs(v - want.data[i])).toBeLessThanOrEqual(1);
    });
  });

  test('that something was transparent is told, but not of an alpha that is opaque everywhere', async () => {
    const [clear, opaque] = [noise(48, 4), noise(48, 4)].map((data, i) =>
      i === 0 ? data : data.map((v, j) => (j % 4 === 3 ? 255 : v)),
    );
    for (const [data, expected] of [
      [clear, true],
      [opaque, undefined],
    ] as const) {
      const png = await sharp(data, { raw: { width: 4, height: 3, channels: 4 } })
        .png()
        .toBuffer();
      expect((await decodeBytes(png, 'a.png')).wasTransparent).toBe(expected);
      expect(fromRgba({ width: 4, height: 3, data }).wasTransparent).toBe(expected);
    }
    expect((await decodeBytes(await pixels(3).png().toBuffer(), 'a.png')).wasTransparent).toBeUndefined();
  });

  test('a BMP picture is named as one, with what to do', async () => {
    const bytes = new TextEncoder().encode(`BM${'\0'.repeat(60)}`);
    await expect(decodeBytes(bytes, 'a.bmp')).rejects.toThrow(
      /^a\.bmp: a BMP picture, which is not read here; save it as PNG$/,
    );
  });

  test.each(['heic', 'heix', 'mif1'])('a HEIC photo (%s) is named as one, with what to do', async (brand) => {
    const text = `....ftyp${brand}....mif1heic....meta`;
    const bytes = Uint8Array.from([0, 0, 0, 24, ...new TextEncoder().encode(text).subarray(4)]);
    await expect(decodeBytes(bytes, 'IMG_1.HEIC')).rejects.toThrow(
      /^IMG_1\.HEIC: a HEIC photo, whose compression \(HEVC\) cannot be read here; save it as JPEG/,
    );
  });

  test('grey and CMYK JPEGs become RGB', async () => {
    const flat = sharp({ create: { width: 16, height: 16, channels: 3, background: '#c02040' } });
    const grey = await decodeBytes(await flat.clone().greyscale().jpeg().toBuffer(), 'grey.jpg');
    expect(grey.data[0]).toBe(grey.data[1]);
    expect(grey.data[1]).toBe(grey.data[2]);
    const cmyk = await flat.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const [r, g, b] = (await decodeBytes(cmyk, 'cmyk.jpg')).data;
    expect(Math.abs(r - 0xc0) + Math.abs(g - 0x20) + Math.abs(b - 0x40)).toBeLessThan(40);
  });

  test('all eight EXIF orientations are undone', async () => {
    const upright = noiseImage(2, 3, 9);
    // How a viewer turns each orientation upright: output pixel (y, x) taken from the stored picture.
    const from: Record<number, (y: number, x: number, h: number, w: number) => [number, number]> = {
      1: (y, x) => [y, x],
      2: (y, x, _, w) => [y, w - 1 - x],
      3: (y, x, h, w) => [h - 1 - y, w - 1 - x],
      4: (y, x, h) => [h - 1 - y, x],
      5: (y, x) => [x, y],
      6: (y, x, h) => [h - 1 - x, y],
      7: (y, x, h, w) => [h - 1 - x, w - 1 - y],
      8: (y, x, _, w) => [x, w - 1 - y],
    };
    const source = sharp(upright.data, { raw: { width: 3, height: 2, channels: 3 } });
    for (const [orientation, at] of Object.entries(from)) {
      const file = await source
        .clone()
        .png()
        .withMetadata({ orientation: Number(orientation) })
        .toBuffer();
      const got = await decodeBytes(file, orientation);
      expect([got.width, got.height]).toEqual(Number(orientation) > 4 ? [2, 3] : [3, 2]);
      for (let y = 0; y < got.height; y++) {
        for (let x = 0; x < got.width; x++) {
          const [sy, sx] = at(y, x, 2, 3);
          expect(got.data[(y * got.width + x) * 3]).toBe(upright.data[(sy * 3 + sx) * 3]);
        }
      }
    }
  });

  test('a colour profile changes nothing, and neither does decoding again', async () => {
    const plain = await pixels(3).png().toBuffer();
    const tagged = await sharp(plain).withIccProfile('p3', { attach: true }).png().toBuffer();
    // Sharp converts while it attaches; what must not happen is a second conversion on reading.
    const stored = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer();
    expect((await sharp(tagged).metadata()).icc).toBeDefined();
    expect([...(await decodeBytes(tagged, 'p3.png')).data]).toEqual([...stored]);
    const jpeg = await sharp(noise(300 * 200 * 3, 1), { raw: { width: 300, height: 200, channels: 3 } })
      .jpeg()
      .toBuffer();
    const runs = await Promise.all(Array.from({ length: 4 }, () => decodeBytes(jpeg, 'a.jpg')));
    for (const run of runs) expect(Buffer.compare(Buffer.from(run.data), Buffer.from(runs[0].data))).toBe(0);
  });
});

describe('what is no photo', () => {
  test('paths', async () => {
    const file = join(folder, 'notes.jpg');
    await writeFile(file, 'this is text');
    await writeFile(join(folder, 'empty.jpg'), '');
    await expect(decodeFile(file)).rejects.toThrow(
      `${file}: not an image; give a JPEG, PNG, WebP, GIF, TIFF or AVIF photo`,
    );
    await expect(decodeFile(folder)).rejects.toThrow(`${folder}: is a folder; give a file`);
    await expect(decodeFile(join(folder, 'none.jpg'))).rejects.toThrow('none.jpg: no such file');
    await expect(decodeFile(join(file, 'x'))).rejects.toThrow('a part of the path is a file');
    await expect(decodeFile(join(folder, 'empty.jpg'))).rejects.toThrow('the file is empty');
  });

  test('a drawing, and a photo of too many pixels, before any memory is asked for', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await expect(decodeBytes(svg, 'a.svg')).rejects.toThrow('a.svg: a file of type svg, no photo');
    for (const kind of ['png', 'jpeg'] as const) {
      const photo = await pixels(3).toFormat(kind).toBuffer();
      await expect(decodeBytes(photo, 'a', 11)).rejects.toThrow('a: 4×3 is 12 pixels, more than 11');
      expect((await decodeBytes(photo, 'a', 12)).width).toBe(4);
    }
  });

  test('truncated files of every kind', async () => {
    const source = sharp(noise(64 * 64 * 3, 1), { raw: { width: 64, height: 64, channels: 3 } });
    const files = await Promise.all([
      source.clone().jpeg().toBuffer(),
      source.clone().png().toBuffer(),
      source.clone().webp().toBuffer(),
    ]);
    for (const file of files) {
      for (const share of [0.02, 0.5, 0.9]) {
        const cut = decodeBytes(file.subarray(0, Math.floor(file.length * share)), 'cut');
        await expect(cut).rejects.toThrow(/^cut: (damaged or truncated image|not an image)/);
      }
    }
  });

  test('damaged files are read or refused, never anything else', async () => {
    const source = sharp(noise(16 * 16 * 3, 1), { raw: { width: 16, height: 16, channels: 3 } });
    const files = await Promise.all([
      source.clone().jpeg().toBuffer(),
      source.clone().png().toBuffer(),
      source.clone().webp().toBuffer(),
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files).chain((file) => mutated(file)),
        async (damaged) => {
          const got = await decodeBytes(damaged, 'x', 1e6).catch((error: unknown) => error);
          if (got instanceof Error) {
            expect(got).toBeInstanceOf(LimnError);
            expect(got.message).toMatch(/^x: [^\n]+$/);
          } else {
            expect((got as Image).channels).toBe(3);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('images', () => {
  test('survive PNG', async () => {
    await fc.assert(
      fc.asyncProperty(anyImage(), async (picture) => {
        const back = await decodeBytes(await encodePng(picture), 'x');
        expect([...back.data]).toEqual([...picture.data]);
      }),
      { numRuns: 20 },
    );
    const path = join(folder, 'out.png');
    await writePng(path, noiseImage(2, 2, 1));
    expect([...(await decodeFile(path)).data]).toEqual([...noiseImage(2, 2, 1).data]);
  });

  test('survive RGBA and two mirrors; crops stay inside', () => {
    fc.assert(
      fc.property(anyImage(), (picture) => {
        expect([...fromRgba(toRgba(picture)).data]).toEqual([...picture.data]);
        expect(mirrorImage(mirrorImage(picture)).data).toEqual(picture.data);
      }),
    );
    expect(() => cropImage(image(3, 3), { top: 1, left: 0, height: 3, width: 3 })).toThrow(
      'leaves the 3×3 image',
    );
    expect(() => image(2, 2, new Uint8Array(3))).toThrow('need 12 bytes, got 3');
    expect(() => image(0, 2)).toThrow('no image size');
  });
});
