import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DatumSchema, decodeCaffe } from '../../src/caffe/index.ts';
import { nodeFiles } from '../../src/common/files.node.ts';
import {
  bytesAccess,
  datasetMean,
  type ListedImage,
  openLmdb,
  readDatum,
  shuffled,
  writeImageList,
} from '../../src/data/index.ts';
import { type BuildOptions, buildLmdb } from '../../src/data/lmdb/lmdb.node.ts';
import { openDataset } from '../../src/data/open.ts';
import { decodeBytes, decodeFile } from '../../src/image/pixels/decode.node.ts';
import { resizeImage } from '../../src/image/pixels/resize.ts';
import { describeLmdb, output, python, readAll } from './databases.ts';
import { gradient, savePicture } from './pictures.ts';
import { temporaryFolder } from './temporary.ts';

const folder = temporaryFolder();
const images = join(folder, 'images');
const list: ListedImage[] = Array.from({ length: 230 }, (_, i) => ({
  path: `user${i % 4}/face ${i}.${i % 9 ? 'jpg' : 'png'}`,
  label: i % 8,
}));

beforeAll(async () => {
  for (const [i, { path }] of list.entries()) await savePicture(images, path, gradient(12 + (i % 3), 10, i));
});

const build = (name: string, options: Partial<BuildOptions> = {}, some = list) =>
  buildLmdb(some, join(folder, name), { images, resize: { height: 8, width: 8 }, ...options });

const fileOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name, 'data.mdb')));

/** Breaks a picture while `run` runs. */
async function broken(path: string, run: () => Promise<void>): Promise<void> {
  const at = join(images, path);
  const whole = readFileSync(at);
  try {
    writeFileSync(at, whole.subarray(0, 200));
    await run();
  } finally {
    writeFileSync(at, whole);
  }
}

describe('a database of an image list', () => {
  it("holds what Caffe's convert_imageset would: keys by line, pixels resized, blue first", async () => {
    expect(await build('pixels')).toEqual({ entries: 230, skipped: [], resumed: 0, present: false });
    const database = await openLmdb(bytesAccess(fileOf('pixels')), 'pixels');
    let i = 0;
    for await (const { key, value } of database.iterate()) {
      const { path, label } = list[i];
      expect(new TextDecoder().decode(key)).toBe(`${String(i).padStart(8, '0')}_${path}`);
      const datum = decodeCaffe(DatumSchema, await value(), 'datum');
      expect([datum.channels, datum.height, datum.width, datum.label, datum.encoded]).toEqual([
        3,
        8,
        8,
        label,
        false,
      ]);
      const picture = resizeImage(await decodeFile(join(images, path)), 8, 8);
      for (let y = 0; y < 8; y++)
        for (let x = 0; x < 8; x++)
          for (let c = 0; c < 3; c++)
            if (datum.data[(c * 8 + y) * 8 + x] !== picture.data[(y * 8 + x) * 3 + 2 - c]) expect.fail(path);
      i++;
    }
    expect(i).toBe(230);
  });

  it('is shuffled by its seed, the numbers of the keys ascending all the same', async () => {
    await build('shuffled', { seed: 4 });
    const keys = (await readAll(fileOf('shuffled'))).map(([key]) => key);
    expect(keys).toEqual(shuffled(list, 4).map(({ path }, i) => `${String(i).padStart(8, '0')}_${path}`));
  });

  it('holds one grey channel if told to, grey before it is resized, whose mean has one channel', async () => {
    const some = list.slice(0, 12);
    const literal = async (path: string, size?: number) => {
      const { height, width, data } = await decodeFile(join(images, path));
      // OpenCV's cvtColor, in 15 bits.
      const grey = Uint8Array.from({ length: 3 * height * width }, (_, i) => {
        const [r, g, b] = data.subarray(i - (i % 3), i - (i % 3) + 3);
        return Math.floor((9798 * r + 19235 * g + 3735 * b) / 32768 + 0.5);
      });
      const picture = { height, width, channels: 3 as const, data: grey };
      return (size ? resizeImage(picture, size, size) : picture).data.filter((_, i) => i % 3 === 0);
    };
    await build('grey', { gray: true }, some);
    const database = await openLmdb(bytesAccess(fileOf('grey')), 'grey');
    const sum = new Float64Array(64);
    let i = 0;
    for await (const { value } of database.iterate()) {
      const { channels, height, width, data, label } = decodeCaffe(DatumSchema, await value(), 'datum');
      expect([channels, height, width, label]).toEqual([1, 8, 8, some[i].label]);
      const expected = await literal(some[i++].path, 8);
      expect([...data]).toEqual([...expected]);
      for (const [k, each] of expected.entries()) sum[k] += each;
    }
    expect(i).toBe(12);
    // Of the database and of the list.
    const mean = Float32Array.from(sum, (each) => each / 12);
    const { mean: made } = await datasetMean(await openDataset(join(folder, 'grey'), nodeFiles), decodeBytes);
    expect([made.shape, [...made.data]]).toEqual([[1, 8, 8], [...mean]]);
    const listed = join(folder, 'some.txt');
    writeFileSync(listed, writeImageList(some));
    const dataset = await openDataset(listed, nodeFiles, { images });
    const options = { resize: { height: 8, width: 8 }, gray: true };
    expect((await datasetMean(dataset, decodeBytes, options)).mean).toEqual(made);
    // Another database than the one in colour.
    await expect(build('grey', {}, some)).rejects.toThrow('something else is there');
  });

  it('keeps JPEG files as they are, and encodes what is resized or of another kind', async () => {
    await build('encoded', { encoded: true, resize: undefined });
    const dataset = await openDataset(join(folder, 'encoded'), nodeFiles);
    let i = 0;
    for await (const sample of dataset.samples()) {
      const content = await sample.content();
      const { path } = list[i++];
      if (content.kind !== 'file') return expect.fail('not encoded');
      expect(Buffer.from(content.bytes.subarray(0, 2)).toString('hex')).toBe('ffd8');
      if (path.endsWith('jpg'))
        expect(Buffer.compare(content.bytes, readFileSync(join(images, path)))).toBe(0);
    }
    expect(i).toBe(230);
  });

  it('is there only when it is whole; the second run finishes it, byte for byte the same', async () => {
    await build('undisturbed');
    await broken(list[170].path, async () => {
      await expect(build('interrupted')).rejects.toThrow(/face 170.jpg: damaged or truncated image/);
    });
    expect(existsSync(join(folder, 'interrupted'))).toBe(false);
    const part = join(folder, '.interrupted.part');
    await expect(openDataset(part, nodeFiles)).rejects.toThrow(/not an LMDB database/);
    // As if the power had failed amid the next batch: bytes and half a line that the journal does not count.
    writeFileSync(join(part, 'data.mdb'), Buffer.alloc(5000, 1), { flag: 'a' });
    writeFileSync(join(part, 'journal'), '{"done":2', { flag: 'a' });
    expect(await build('interrupted')).toEqual({ entries: 230, skipped: [], resumed: 100, present: false });
    expect(Buffer.compare(fileOf('interrupted'), fileOf('undisturbed'))).toBe(0);
    expect(readdirSync(join(folder, 'interrupted')).sort()).toEqual(['data.mdb', 'limn.json']);
    expect(existsSync(part)).toBe(false);
  });

  it.each([
    ['its bytes are gone', (part: string) => truncateSync(join(part, 'data.mdb'), 0)],
    ['its journal is damaged', (part: string) => writeFileSync(join(part, 'journal'), 'x\n', { flag: 'a' })],
    ['its journal is of another build', (part: string) => writeFileSync(join(part, 'journal'), 'x\n')],
  ])('starts anew where %s', async (_, damage) => {
    await broken(list[170].path, async () => {
      await expect(build('anew')).rejects.toThrow(/face 170/);
    });
    damage(join(folder, '.anew.part'));
    expect(await build('anew')).toMatchObject({ entries: 230, resumed: 0 });
    expect(Buffer.compare(fileOf('anew'), fileOf('undisturbed'))).toBe(0);
    rmSync(join(folder, 'anew'), { recursive: true });
  });

  it('is left alone by the same call, and in the way of another', async () => {
    await build('twice');
    expect(await build('twice')).toEqual({ entries: 230, skipped: [], resumed: 0, present: true });
    await expect(build('twice', { seed: 1 })).rejects.toThrow(
      /twice: something else is there; remove it or choose another output/,
    );
    await expect(build('twice', {}, list.slice(1))).rejects.toThrow(/something else is there/);
  });

  it('goes on without bad pictures if told to; lines keep their numbers', async () => {
    const some = [list[0], { path: 'not/there.jpg', label: 1 }, list[1]];
    await expect(build('stops', {}, some)).rejects.toThrow(/not\/there.jpg: no such file/);
    const { entries, skipped } = await build('goes on', { skipBad: true }, some);
    expect([entries, skipped.length]).toEqual([2, 1]);
    expect(skipped[0]).toMatch(/there.jpg: no such file/);
    expect((await readAll(fileOf('goes on'))).map(([key]) => key)).toEqual([
      `00000000_${list[0].path}`,
      `00000002_${list[1].path}`,
    ]);
    await expect(build('nothing', { skipBad: true }, some.slice(1, 2))).rejects.toThrow(
      'none of the pictures can be read',
    );
  });
});

describeLmdb('py-lmdb', () => {
  it('sees the same datums', async () => {
    await build('seen');
    const script = `
import lmdb, sys
with lmdb.open(sys.argv[1], readonly=True, lock=False) as env, env.begin() as txn:
    for key, value in txn.cursor():
        print(key.decode(), value.hex())
`;
    const lines = output(python, ['-c', script, join(folder, 'seen')])
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(230);
    // Tags and numbers as protobuf's C++ library writes Caffe's Datum: channels, height, width, data, label, encoded.
    expect(lines[9]).toMatch(
      new RegExp(`^00000009_${list[9].path} 08031008180822c001[0-9a-f]{384}28013800$`),
    );
    for (const [i, line] of lines.entries()) {
      const datum = readDatum(new Uint8Array(Buffer.from(line.split(' ').at(-1)!, 'hex')), line);
      expect(datum.label).toBe(list[i].label);
    }
  });
});
