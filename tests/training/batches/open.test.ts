import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatumSchema, parsePrototxt, upgradeNet, writeMean } from '../../../src/caffe/index.ts';
import { encodedDatum, imageDatum, planesOf } from '../../../src/data/lmdb/datum.ts';
import type { Planes } from '../../../src/data/pictures/content.ts';
import { float32 } from '../../../src/graph/index.ts';
import { decodeFile } from '../../../src/image/pixels/decode.node.ts';
import { resizeImage } from '../../../src/image/pixels/resize.ts';
import type { Batch } from '../../../src/training/batch.ts';
import {
  type BatchesOptions,
  openBatches,
  type PrefetchedBatches,
} from '../../../src/training/batches/open.node.ts';
import { recordIndex } from '../../../src/training/batches/order.ts';
import { viewAt } from '../../../src/training/batches/view.ts';
import { databaseFile } from '../../data/databasefile.ts';
import { saveDatabase } from '../../data/databases.ts';
import { gradient, savePicture } from '../../data/pictures.ts';
import { temporaryFolder } from '../../data/temporary.ts';
import { bundled } from '../../runtime/bundle.ts';
import { transformed } from './reference.ts';

const script = bundled('src/training/batches/worker.node.ts');
const folder = temporaryFolder();
const at = (path: string) => join(folder, path);
const key = (i: number) => new TextEncoder().encode(`${String(i).padStart(8, '0')}_${i}.jpg`);

const count = 23;
const pictures = Array.from({ length: count }, (_, i) => gradient(12, 10, i));
const meanImage = Array.from({ length: 360 }, (_, i) => Math.fround((i * 37) % 251) / 3);

beforeAll(async () => {
  saveDatabase(
    at('raw'),
    databaseFile(pictures.map((picture, i) => ({ key: key(i), value: imageDatum(picture, i % 8) }))),
  );
  writeFileSync(at('mean.binaryproto'), writeMean(float32([3, 10, 12], meanImage)));
  mkdirSync(at('pictures'));
  const lines: string[] = [];
  for (const [i, picture] of pictures.entries()) {
    const path = i % 2 ? `sub folder/${i}.png` : `${i}.jpg`;
    await savePicture(at('pictures'), path, picture);
    lines.push(`${path} ${i % 5}\n`);
  }
  writeFileSync(at('pictures/list.txt'), lines.join(''));
});

const layersOf = (text: string) => upgradeNet(parsePrototxt(text, 'net.prototxt'), 'net.prototxt').layer;

const opened: PrefetchedBatches[] = [];
afterAll(async () => {
  for (const each of opened) await each.close();
});

/** Opens layers in this thread unless told otherwise; they are closed after all tests. */
async function open(text: string, options: Partial<BatchesOptions> = {}): Promise<PrefetchedBatches> {
  const batches = await openBatches(layersOf(text), {
    phase: 'train',
    seed: 11,
    file: 'net.prototxt',
    threads: 0,
    ahead: 1,
    resolve: at,
    script,
    ...options,
  });
  opened.push(batches);
  return batches;
}

const raw = `layer { name: "data" type: "Data" top: "data" top: "label"
  transform_param { crop_size: 7 mirror: true mean_file: "mean.binaryproto" scale: 0.5 }
  data_param { source: "raw" backend: LMDB batch_size: 5 } }`;

const list = `layer { name: "faces" type: "ImageData" top: "picture" top: "class"
  transform_param { crop_size: 6 mean_value: 100 mean_value: 110 mean_value: 120 }
  image_data_param { source: "pictures/list.txt" batch_size: 4 new_height: 8 new_width: 9 shuffle: true } }`;

const numbers = (batch: Batch, name: string) => Array.from(batch[name].data as ArrayLike<number>, Number);

describe('a database', () => {
  it.each(['train', 'test'] as const)('gives what Caffe gives in phase %s, in key order', async (phase) => {
    const batches = await open(raw, { phase });
    expect(batches.shapes).toEqual(new Map([['data', [3, 7, 7]]]));
    for (const k of [0, 1, 4, 100]) {
      const batch = await batches.batch(k);
      expect(batch.data.shape).toEqual([5, 3, 7, 7]);
      expect(batch.label.shape).toEqual([5]);
      const positions = [0, 1, 2, 3, 4].map((j) => 5 * k + j);
      expect(numbers(batch, 'label')).toEqual(positions.map((p) => (p % count) % 8));
      const wanted = positions.flatMap((p) => {
        const planes = planesOf(pictures[p % count]);
        const rule = { crop: 7, mirror: true, phase };
        const { top, left, mirror } = viewAt(rule, planes, 11, `${phase} data`, p);
        if (phase === 'test') expect([top, left]).toEqual([1, 2]);
        return transformed(planes, { crop: 7, scale: 0.5, meanImage }, top, left, mirror);
      });
      const given = numbers(batch, 'data');
      expect(wanted.every((value, i) => Math.abs(value - given[i]) < 1e-4)).toBe(true);
    }
  });

  it('is shuffled anew in each epoch where that is wished for', async () => {
    const batches = await open(raw.replace('batch_size: 5', 'batch_size: 23'), { shuffle: true });
    const orders = await Promise.all([0, 1].map(async (k) => numbers(await batches.batch(k), 'label')));
    const plain = pictures.map((_, i) => i % 8);
    for (const order of orders) expect(order.toSorted()).toEqual(plain.toSorted());
    expect(new Set([...orders, plain].map(String)).size).toBe(3);
  });

  it('may hold floats, grey and encoded pictures', async () => {
    const grey = await sharp(
      Uint8Array.from({ length: 80 }, (_, i) => 3 * i),
      {
        raw: { width: 10, height: 8, channels: 1 },
      },
    )
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const floats = create(DatumSchema, {
      channels: 2,
      height: 1,
      width: 3,
      label: -1,
      floatData: new Uint8Array(Float32Array.of(1.5, -2, 3, 4, 5, 6.25).buffer),
    });
    const save = (name: string, value: Uint8Array) =>
      saveDatabase(at(name), databaseFile([{ key: key(0), value }]));
    save('floats', toBinary(DatumSchema, floats));
    save('grey', encodedDatum(grey, 6));
    save('jpeg', encodedDatum(readFileSync(at('pictures/0.jpg')), 3));
    const layer = (name: string, transform = '') =>
      open(`layer { name: "d" type: "Data" top: "x" top: "y" ${transform}
        data_param { source: "${name}" backend: LMDB batch_size: 1 } }`);

    const first = await (await layer('floats')).batch(0);
    expect([numbers(first, 'x'), numbers(first, 'y')]).toEqual([[1.5, -2, 3, 4, 5, 6.25], [-1]]);
    const stored = await layer('grey');
    expect(stored.shapes.get('d')).toEqual([1, 8, 10]);
    expect(numbers(await stored.batch(0), 'x')).toEqual(Array.from({ length: 80 }, (_, i) => 3 * i));
    expect((await layer('grey', 'transform_param { force_color: true }')).shapes.get('d')).toEqual([
      3, 8, 10,
    ]);
    const jpeg = await (await layer('jpeg')).batch(0);
    expect(numbers(jpeg, 'x')).toEqual([...planesOf(await decodeFile(at('pictures/0.jpg'))).data]);
    expect(numbers(jpeg, 'y')).toEqual([3]);
    const forced = await layer('jpeg', 'transform_param { force_gray: true }');
    expect(forced.shapes.get('d')).toEqual([1, 10, 12]);
  });
});

describe('an image list', () => {
  it('gives resized pictures and labels, in a new order in each epoch', async () => {
    const batches = await open(list);
    const order = { size: count, seed: 11, stream: 'train faces', shuffle: true, randomSkip: 0 };
    for (const k of [9, 2]) {
      const batch = await batches.batch(k);
      for (let j = 0; j < 4; j++) {
        const i = recordIndex(order)(4 * k + j);
        const picture = await decodeFile(at(i % 2 ? `pictures/sub folder/${i}.png` : `pictures/${i}.jpg`));
        const planes: Planes = planesOf(resizeImage(picture, 8, 9));
        const rule = { crop: 6, mirror: false, phase: 'train' } as const;
        const { top, left } = viewAt(rule, planes, 11, 'train faces', 4 * k + j);
        const wanted = transformed(
          planes,
          { crop: 6, scale: 1, meanValues: [100, 110, 120] },
          top,
          left,
          false,
        );
        expect(numbers(batch, 'picture').slice(j * 108, (j + 1) * 108)).toEqual(wanted);
        expect(numbers(batch, 'class')[j]).toBe(i % 5);
      }
    }
  });

  it('takes paths with root_folder before them, and greys pictures', async () => {
    writeFileSync(at('bare.txt'), '0.jpg 1\n2.jpg 2\n');
    const batches = await open(`layer { name: "d" type: "ImageData" top: "x"
      image_data_param { source: "bare.txt" root_folder: "pictures" batch_size: 2 is_color: false } }`);
    expect(batches.shapes.get('d')).toEqual([1, 10, 12]);
    expect(Object.keys(await batches.batch(0))).toEqual(['x']);
  });
});

describe('worker threads', () => {
  it('give the same batches in any order of asking, of several layers', async () => {
    const here = await open(raw + list);
    const there = await open(raw + list, { threads: 2, ahead: 2 });
    expect(there.shapes).toEqual(here.shapes);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 }), async (asked) => {
        for (const k of asked) {
          const batch = await there.batch(k);
          expect(Object.keys(batch).sort()).toEqual(['class', 'data', 'label', 'picture']);
          const same = await here.batch(k);
          expect(batch).toEqual(same);
          // Given back, even twice, their memory is used again.
          for (const each of [batch, batch]) there.recycle(each);
          here.recycle(same);
        }
      }),
      { numRuns: 8 },
    );
    expect(there.waited).toBeGreaterThan(0);
  });

  it('name a picture that cannot be read, and go on', async () => {
    mkdirSync(at('torn'));
    for (const i of [0, 1, 2, 3]) await savePicture(at('torn'), `${i}.png`, pictures[i]);
    writeFileSync(at('torn/2.png'), readFileSync(at('torn/2.png')).subarray(0, 90));
    writeFileSync(at('torn/list'), [0, 1, 2, 3].map((i) => `${i}.png ${i}\n`).join(''));
    const batches = await open(
      'layer { name: "d" type: "ImageData" top: "x" image_data_param { source: "torn/list" } }',
      { threads: 1, ahead: 2 },
    );
    await batches.batch(1);
    await expect(batches.batch(2)).rejects.toThrow(/torn\/2\.png: damaged or truncated image/);
    await batches.batch(3);
  });

  it('say why they cannot start, and refuse when they are closed', async () => {
    await expect(open(raw, { threads: 1, script: new URL('none.mjs', script) })).rejects.toThrow(
      /^batches: a worker thread ended: /,
    );
    const batches = await open(raw, { threads: 1 });
    const waiting = batches.batch(0);
    await Promise.all([expect(waiting).rejects.toThrow('batches: they are closed'), batches.close()]);
    await expect(batches.batch(5)).rejects.toThrow('batches: they are closed');
  });
});

describe('what cannot be opened', () => {
  it('names the database', async () => {
    mkdirSync(at('nothing'));
    saveDatabase(at('empty'), databaseFile([]));
    const unlabelled = create(DatumSchema, { channels: 1, height: 1, width: 1, data: new Uint8Array(1) });
    saveDatabase(at('unlabelled'), databaseFile([{ key: key(0), value: toBinary(DatumSchema, unlabelled) }]));
    const using = (source: string) => open(raw.replace('"raw"', `"${source}"`));
    await expect(using('absent')).rejects.toThrow(/absent: no such file or folder/);
    await expect(using('nothing')).rejects.toThrow(/nothing: no LMDB database: it has no data\.mdb/);
    await expect(using('empty')).rejects.toThrow(/data\.mdb: the database is empty/);
    await expect(using('unlabelled')).rejects.toThrow(/unlabelled.*00000000_0\.jpg: it has no label/);
    await expect(open(raw.replace('crop_size: 7', 'crop_size: 11'))).rejects.toThrow(
      /00000000_0\.jpg: 3×10×12 is smaller than crop_size 11/,
    );
    await expect(open(raw.replace('mean.binaryproto', 'absent'))).rejects.toThrow(/absent: no such file/);
    await expect(open(raw, { threads: -1 })).rejects.toThrow('threads: expected 0 or more, got -1');
  });

  it('names all missing pictures of a list', async () => {
    const lines = Array.from({ length: 6 }, (_, i) => `pictures/${i}.jpg ${i}\n`);
    writeFileSync(at('some.txt'), lines.join(''));
    const told: string[] = [];
    const layer = 'layer { name: "d" type: "ImageData" top: "x" image_data_param { source: "some.txt" } }';
    const resolve = (path: string) => {
      if (path.includes('.jpg')) throw new Error('not there');
      return at(path);
    };
    await expect(open(layer, { complain: (line) => told.push(line), resolve })).rejects.toThrow(
      /some\.txt: 3 of 6 pictures are missing: .*1\.jpg, .*3\.jpg, .*5\.jpg; check the list and its root_folder/,
    );
    expect(told).toEqual([1, 3, 5].map((i) => `${at(`pictures/${i}.jpg`)}: no such file`));
  });
});

describe('what is known of the pictures beforehand', () => {
  it('are all labels of a list, and some of a database', async () => {
    const batches = await open(raw + list);
    const [database, listed] = [batches.summaries.get('data')!, batches.summaries.get('faces')!];
    expect(database).toMatchObject({ source: at('raw/data.mdb'), pictures: count });
    expect(database.labels.map(({ label }) => label)).toEqual(pictures.map((_, i) => i % 8));
    expect(database.labels[9].where).toBe(`${at('raw/data.mdb')}, 00000009_9.jpg`);
    expect(listed).toMatchObject({ source: at('pictures/list.txt'), pictures: count });
    expect(listed.labels[3]).toEqual({
      label: 3,
      where: `${at('pictures/list.txt')}, ${at('pictures/sub folder/3.png')}`,
    });
  });

  it('are evenly spread over a large database, and none where there is no top for them', async () => {
    saveDatabase(
      at('large'),
      databaseFile(
        Array.from({ length: 1000 }, (_, i) => ({ key: key(i), value: imageDatum(pictures[0], i) })),
      ),
    );
    const layer = (top: string) => `layer { name: "d" type: "Data" top: "x" ${top}
      data_param { source: "large" backend: LMDB batch_size: 1 } }`;
    const { labels } = (await open(layer('top: "y"'))).summaries.get('d')!;
    expect(labels.map(({ label }) => label)).toEqual(Array.from({ length: 100 }, (_, i) => 10 * i));
    expect((await open(layer(''))).summaries.get('d')!.labels).toEqual([]);
  });

  it.each([0, 1, 2])('names the pictures of any batch, with %s threads', async (threads) => {
    const batches = await open(raw + list, { threads, shuffle: true });
    const whole = await batches.batch(3);
    for (const [layer, label, size] of [
      ['data', 'label', 5],
      ['faces', 'class', 4],
    ] as const) {
      const { labels } = batches.summaries.get(layer)!;
      for (let image = 0; image < size; image++) {
        const name = batches.nameOf(layer, 3, image);
        const entry = /, entry (\d+)$/.exec(name)?.[1];
        const found =
          entry === undefined ? labels.find(({ where }) => where === name) : labels[Number(entry)];
        expect(found!.label).toBe(numbers(whole, label)[image]);
      }
    }
  });
});
