import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseFold, parseImageList } from '../../src/data/index.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { decodeBytes } from '../../src/image/pixels/decode.node.ts';
import { dataAdience, dataJoin, dataSample } from '../../src/verbs/data/index.ts';
import { dataLmdb } from '../../src/verbs/data/lmdb.node.ts';
import { evenly } from '../../src/verbs/data/sample.ts';
import { filesIn, folder } from '../cli/limn.ts';
import { gradient, savePicture } from '../data/pictures.ts';
import { writeTree } from '../plan/madestudy.ts';

it('joins folders of pictures, each under its own path', async () => {
  const dir = folder();
  writeTree(dir, { 'a/x/1.png': 'one', 'b/x/2.png': 'two', 'b/3.jpg': 'three', 'b/note.txt': 'no picture' });
  const output = join(dir, 'out');
  const made = await dataJoin({ folders: [join(dir, 'a'), join(dir, 'b')], output }, nodeHost);
  expect(made.pictures).toBe(3);
  expect(filesIn(output)).toEqual(['3.jpg', 'x/1.png', 'x/2.png']);
  expect(readFileSync(join(output, 'x/2.png'), 'utf8')).toBe('two');
});

it('joins nothing that would hide something', async () => {
  const dir = folder();
  writeTree(dir, { 'a/1.png': 'one', 'b/1.png': 'two' });
  const output = join(dir, 'out');
  await expect(dataJoin({ folders: [join(dir, 'a'), join(dir, 'b')], output }, nodeHost)).rejects.toThrow(
    /1\.png is in .*a and in .*b/,
  );
  expect(readdirSync(dir)).not.toContain('out');
});

it('makes no encoded database in grey, whose files keep their colours', async () => {
  const dir = folder();
  writeTree(dir, { 'list.txt': 'a.jpg 0\n' });
  const asked = { lists: [join(dir, 'list.txt')], images: dir, output: join(dir, 'db') };
  await expect(dataLmdb({ ...asked, gray: true, encoded: true }, nodeHost)).rejects.toThrow(
    'gray: encoded pictures keep their colours; leave out encoded, or',
  );
  expect(readdirSync(dir)).toEqual(['list.txt']);
});

it('takes a sample as evenly as classes allow', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 0, max: 1000 }),
      (labels, wanted, seed) => {
        const images = labels.map((label, i) => ({ path: `${i}.png`, label }));
        const sample = evenly(images, wanted, seed);
        expect(sample).toHaveLength(Math.min(wanted, images.length));
        expect(new Set(sample.map(({ path }) => path)).size).toBe(sample.length);
        const of = (all: readonly { readonly label: number }[], label: number) =>
          all.filter((each) => each.label === label).length;
        // Who has fewer in the sample by two than another has no more to give.
        const counts = [0, 1, 2, 3, 4].map((label) => [of(sample, label), of(images, label)]);
        const most = Math.max(...counts.map(([taken]) => taken));
        for (const [taken, all] of counts) expect(taken >= most - 1 || taken === all).toBe(true);
      },
    ),
  );
});

it('copies a sample with a list of it', async () => {
  const dir = folder();
  writeTree(dir, {
    'pictures/u/1.png': 'one',
    'pictures/v/1.png': 'two',
    'list.txt': 'u/1.png 0\nv/1.png 3\n',
  });
  const made = await dataSample(
    { list: join(dir, 'list.txt'), images: join(dir, 'pictures'), count: 2, output: join(dir, 'out') },
    nodeHost,
  );
  expect(made.classes).toEqual({ 0: 1, 3: 1 });
  expect(parseImageList(readFileSync(join(dir, 'out/sample.txt'), 'utf8'), '')).toEqual([
    { path: 'u_1.png', label: 0 },
    { path: 'v_1.png', label: 3 },
  ]);
  expect(readFileSync(join(dir, 'out/v_1.png'), 'utf8')).toBe('two');
});

it('lays photos out as Adience is, each person in one fold', async () => {
  const dir = folder();
  mkdirSync(join(dir, 'in'));
  const rows = Array.from({ length: 24 }, (_, i) => [
    `in/${i}.png`,
    [1, 30, 35, 70][i % 4],
    i % 2 ? 'f' : 'm',
    `p${i % 9}`,
  ]);
  for (const [path] of rows) await savePicture(dir, String(path), gradient(12, 10, 1));
  writeFileSync(join(dir, 'faces.csv'), `path,age,sex,who\n${rows.map((row) => row.join(',')).join('\n')}\n`);
  const made = await dataAdience(
    { manifest: join(dir, 'faces.csv'), person: 'who', gender: 'sex', folds: 3, output: join(dir, 'out') },
    nodeHost,
  );
  expect(made).toMatchObject({ people: 9, unlabelled: 0, failed: [] });
  const folds = [0, 1, 2].map((k) =>
    parseFold(readFileSync(join(dir, `out/folds/fold_${k}_data.txt`), 'utf8'), k, ''),
  );
  expect(folds.map(({ faces }) => faces.length)).toEqual(made.folds);
  expect(Math.max(...made.folds) - Math.min(...made.folds)).toBeLessThanOrEqual(3);
  const home = new Map<string, number>();
  for (const { index, faces } of folds) {
    for (const { user, original, face, age } of faces) {
      expect(home.get(user) ?? index).toBe(index);
      home.set(user, index);
      // Between two classes there is none, which leaves the face its gender.
      expect(['(0, 2)', '(25, 32)', '(60, 100)', 'None']).toContain(age);
      for (const [place, kind] of [
        ['aligned', 'landmark'],
        ['faces', 'coarse_tilt'],
      ])
        expect(readdirSync(join(dir, 'out', place, user))).toContain(
          `${kind}_aligned_face.${face}.${original}`,
        );
    }
  }
});

it('cuts faces out in both ways, and tells of photos without one', async () => {
  const dir = folder();
  const portrait = readFileSync(new URL('../../demo/astronaut-face.png', import.meta.url));
  writeTree(dir, { 'a.png': portrait, 'b.png': portrait });
  await savePicture(dir, 'none.png', gradient(90, 90, 1));
  writeFileSync(join(dir, 'm.csv'), 'path,age,gender\na.png,38,f\nb.png,38,f\nnone.png,30,m\n');
  const made = await dataAdience(
    { manifest: join(dir, 'm.csv'), folds: 2, align: true, size: 64, output: join(dir, 'out') },
    nodeHost,
  );
  expect(made.failed).toEqual([{ item: 'none.png', error: expect.stringMatching(/no face is found/) }]);
  expect(made.folds).toEqual([1, 1]);
  const cut = async (path: string) => decodeBytes(readFileSync(join(dir, 'out', path)), path);
  const aligned = await cut('aligned/a.png/landmark_aligned_face.1.a.png');
  const rotated = await cut('faces/a.png/coarse_tilt_aligned_face.1.a.png');
  expect([aligned, rotated].map(({ width, height }) => [width, height])).toEqual([
    [64, 64],
    [64, 64],
  ]);
  expect(aligned.data).not.toEqual(rotated.data);
});
