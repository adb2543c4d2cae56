import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/common/files.node.ts';
import {
  adienceAges,
  adienceGenders,
  blobAccess,
  bytesAccess,
  type Dataset,
  encodedDatum,
  imageDatum,
  layoutSheet,
  openLmdb,
  pictureOf,
  planesImage,
  readDatum,
  relabel,
  type Sample,
  summarise,
} from '../../src/data/index.ts';
import { openDataset } from '../../src/data/open.ts';
import { drawLayout } from '../../src/image/figure/figure.node.ts';
import { decodeBytes, measureBytes } from '../../src/image/pixels/decode.node.ts';
import { databaseFile } from './databasefile.ts';
import { saveDatabase } from './databases.ts';
import { gradient, savePicture } from './pictures.ts';
import { temporaryFolder } from './temporary.ts';

const folder = temporaryFolder();

beforeAll(async () => {
  for (const n of [0, 1, 2])
    await savePicture(folder, `faces/${n % 2 ? 'cat' : 'bird'}/${n}.jpg`, gradient(10 + n, 9, n));
  writeFileSync(join(folder, 'list.txt'), 'faces/cat/1.jpg 3\nfaces/bird/2.jpg 0\nfaces/gone.jpg 1\n');
  writeFileSync(
    join(folder, 'm.csv'),
    'path,age,gender,race\nfaces/cat/1.jpg,20-29,male,1\nfaces/bird/2.jpg,41,,2\nfaces/bird/0.jpg,22,female,\n',
  );
});

async function all(dataset: Dataset, from?: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of dataset.samples(from)) samples.push(sample);
  return samples;
}

const labelsOf = async (dataset: Dataset) => (await all(dataset)).map(({ labels }) => labels);

describe('a data set', () => {
  it('of a list', async () => {
    const dataset = await openDataset(join(folder, 'list.txt'), nodeFiles);
    expect(dataset).toMatchObject({ kind: 'list', size: 3, labelColumns: ['label'], groupColumns: [] });
    expect(await dataset.missing()).toEqual(['faces/gone.jpg']);
    const samples = await all(dataset);
    expect(samples.map(({ name, labels }) => [name, labels.label])).toEqual([
      ['faces/cat/1.jpg', 3],
      ['faces/bird/2.jpg', 0],
      ['faces/gone.jpg', 1],
    ]);
    expect((await summarise(dataset, measureBytes)).sizes.get('9×11')).toBe(1);
    expect(await pictureOf(await samples[1].content(), 'x', decodeBytes)).toMatchObject({
      height: 9,
      width: 12,
    });
    await expect(samples[2].content()).rejects.toThrow(/gone.jpg: no such file or folder/);
    expect((await all(dataset, 2)).map(({ name }) => name)).toEqual(['faces/gone.jpg']);
  });

  it('of a folder per class, links followed', async () => {
    const linked = join(folder, 'linked');
    mkdirSync(linked);
    symlinkSync(join(folder, 'faces/bird'), join(linked, 'a bird'));
    symlinkSync(linked, join(folder, 'faces/bird/loop'));
    const dataset = await openDataset(linked, nodeFiles);
    expect(dataset).toMatchObject({ kind: 'folder', size: 2, classes: { label: ['a bird'] } });
    const faces = await openDataset(join(folder, 'faces'), nodeFiles);
    expect(faces.classes).toEqual({ label: ['bird', 'cat'] });
    expect((await all(faces)).map(({ name, labels }) => `${name} ${labels.label}`)).toContain('cat/1.jpg 1');
    await expect(openDataset(join(folder, 'faces/cat'), nodeFiles)).rejects.toThrow(
      /cat\/1.jpg: a picture in no class/,
    );
  });

  it('of a manifest, read as Adience classes by a rule that it tells', async () => {
    const dataset = await openDataset(join(folder, 'm.csv'), nodeFiles);
    expect(dataset).toMatchObject({
      kind: 'csv',
      size: 3,
      labelColumns: ['age', 'gender'],
      groupColumns: ['race'],
    });
    expect((await all(dataset)).map(({ groups }) => groups)).toEqual([{ race: '1' }, { race: '2' }, {}]);
    const ages = relabel(dataset, 'age', adienceAges());
    expect(ages.notes).toEqual([
      expect.stringMatching(/^age: an age belongs to the class that holds it .* are dropped$/),
    ]);
    expect(await labelsOf(ages)).toEqual([{ gender: 'male' }, { age: 5 }, { gender: 'female' }]);
    const both = relabel(
      relabel(dataset, 'age', adienceAges({ between: 'nearest' })),
      'gender',
      adienceGenders(),
    );
    expect(both.classes.gender).toEqual(['male', 'female']);
    expect(await labelsOf(both)).toEqual([{ age: 4, gender: 0 }, { age: 5 }, { age: 3, gender: 1 }]);
    await expect(all(relabel(dataset, 'gender', adienceAges()))).rejects.toThrow(
      /m.csv, faces\/cat\/1.jpg, gender: 'male' is no age/,
    );
  });

  it('of a database, on disk and in a File of the browser', async () => {
    const picture = gradient(6, 5, 1);
    const file = databaseFile([
      { key: new TextEncoder().encode('00000007_a/b c.jpg'), value: imageDatum(picture, 6) },
    ]);
    saveDatabase(join(folder, 'db'), file);
    for (const path of ['db', 'db/data.mdb']) {
      const dataset = await openDataset(join(folder, path), nodeFiles);
      expect(dataset).toMatchObject({ kind: 'lmdb', size: 1 });
      const [sample] = await all(dataset);
      expect([sample.name, sample.labels]).toEqual(['00000007_a/b c.jpg', { label: 6 }]);
      expect(await pictureOf(await sample.content(), 'x', decodeBytes)).toEqual(picture);
      expect(await all(dataset, 1)).toEqual([]);
    }
    const database = await openLmdb(
      blobAccess(new Blob([file as Uint8Array<ArrayBuffer>]), 'data.mdb'),
      'data.mdb',
    );
    for await (const { value } of database.iterate()) expect(readDatum(await value(), 'x').label).toBe(6);
    expect(database.entries).toBe(1);
  });

  it('of values that are no datums is refused with the key', async () => {
    const entry = (value: Uint8Array) => databaseFile([{ key: new TextEncoder().encode('k'), value }]);
    const complaint = async (value: Uint8Array) => {
      saveDatabase(join(folder, 'bad'), entry(value));
      return all(await openDataset(join(folder, 'bad'), nodeFiles)).then(
        () => '',
        (error: Error) => error.message,
      );
    };
    expect(await complaint(Uint8Array.of(255, 255))).toMatch(/bad, k/);
    expect(await complaint(Uint8Array.of(8, 3, 16, 2, 24, 2, 34, 1, 7))).toMatch(
      /bad, k: 1 values do not make 3×2×2/,
    );
    expect(await complaint(encodedDatum(new Uint8Array(0), 1))).toMatch(/an encoded image of no bytes/);
  });

  it('that is none is refused', async () => {
    await expect(openDataset(join(folder, 'absent'), nodeFiles)).rejects.toThrow('no such file or folder');
    writeFileSync(join(folder, 'binary.txt'), Uint8Array.of(0xff, 0xfd, 0));
    await expect(openDataset(join(folder, 'binary.txt'), nodeFiles)).rejects.toThrow(
      'not a text file in UTF-8',
    );
    mkdirSync(join(folder, 'empty'));
    await expect(openDataset(join(folder, 'empty'), nodeFiles)).rejects.toThrow('no pictures in its folders');
    await expect(openLmdb(bytesAccess(new Uint8Array(0)), 'x')).rejects.toThrow('x: too short');
  });
});

describe('planes', () => {
  it('of one channel are a grey picture; of two, or floats, none', () => {
    const one = { kind: 'planes', channels: 1, height: 1, width: 2, data: Uint8Array.of(9, 200) } as const;
    expect([...planesImage(one, 'x').data]).toEqual([9, 9, 9, 200, 200, 200]);
    expect(() => planesImage({ ...one, channels: 2, width: 1 }, 'k')).toThrow(
      'k: 2 channels of 8-bit values are no picture',
    );
    expect(() => planesImage({ ...one, data: Float32Array.of(1, 2) }, 'k')).toThrow(
      'k: 1 channels of float values',
    );
  });
});

describe('a contact sheet', () => {
  it('has a row per label, pictures in their places, words as SVG', async () => {
    const layout = layoutSheet(
      'photos',
      [
        { title: 'label 0: 2 pictures', pictures: [gradient(200, 100, 0), gradient(5, 9, 1)] },
        { title: 'label 1', pictures: [] },
      ],
      40,
    );
    const picture = await drawLayout(layout);
    expect([picture.width, picture.height]).toEqual([2 * 16 + 4 * 44 - 4, 2 * 16 + 2 * 72 - 4]);
    expect(layout.elements).toContain('aria-label="label 0: 2 pictures"');
    const at = (x: number, y: number) => [
      ...picture.data.subarray((y * picture.width + x) * 3, (y * picture.width + x) * 3 + 3),
    ];
    // The first picture is twice as wide as high: white above and below it.
    expect(at(17, 16 + 28 + 5)).toEqual([255, 255, 255]);
    expect(at(17, 16 + 28 + 20)).not.toEqual([255, 255, 255]);
    expect(at(17, 16 + 28 + 35)).toEqual([255, 255, 255]);
  });
});
