import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AdienceAlignment,
  census,
  type Fold,
  type ListOptions,
  listOf,
  listOverlap,
  parseFold,
  parseImageList,
  peopleInSeveralFolds,
  repeatedRows,
  shuffled,
  splitFolds,
  validationLeak,
  writeImageList,
} from '../../src/data/index.ts';
import { describeShared, shared } from '../shared.ts';

const header =
  'user_id\toriginal_image\tface_id\tage\tgender\tx\ty\tdx\tdy\ttilt_ang\tfiducial_yaw_angle\tfiducial_score';
const row = (user: string, image: string, age = '(25, 32)', gender = 'f') =>
  `${user}\t${image}\t7\t${age}\t${gender}\t0\t1\t2\t3\t0\t0\t5`;

describe('a fold', () => {
  it('is read line by line', () => {
    const { faces } = parseFold(
      `${header}\n${row('a@N00', 'b.jpg')}\n${row('c', 'd.jpg', 'None', '')}\n`,
      3,
      'fold',
    );
    expect(faces).toEqual([
      { user: 'a@N00', original: 'b.jpg', face: '7', age: '(25, 32)', gender: 'f' },
      { user: 'c', original: 'd.jpg', face: '7', age: 'None', gender: '' },
    ]);
  });

  it.each([
    [`${header}\n${row('a', 'b')}\tmore\n`, 'f.txt:2: 13 fields, expected 12'],
    [`${header}\n\n`, 'f.txt:2: 1 fields, expected 12'],
    [`${header}\n${row('', 'b')}\n`, 'f.txt:2: no user or no image'],
    [`${header}\n${row('..', 'b')}\n`, 'f.txt:2: a user or image with a slash'],
    [`${header}\n${row('a', 'b', '(25 23)')}\n`, "f.txt:2: age '(25 23)' is no number"],
    [`${header}\n${row('a', 'b', '3', 'x')}\n`, "f.txt:2: gender 'x' is not m, f, u or empty"],
    [
      `${header}\n${row('a', 'b')}\nx\n${row('a', 'b')}\ny\n`,
      'f.txt:3: 1 fields, expected 12 (2 broken lines: 3, 5)',
    ],
    ['', 'f.txt:1: not the header of an Adience fold'],
    [`${header}\n`, 'f.txt: no faces after the header'],
  ])('with a broken line is refused with its place', (text, message) => {
    expect(() => parseFold(text, 0, 'f.txt')).toThrow(message);
  });
});

describe('an image list', () => {
  it('is read back as written, spaces in paths included', () => {
    const path = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
    fc.assert(
      fc.property(fc.array(fc.record({ path, label: fc.nat(999) }), { minLength: 1 }), (images) => {
        expect(parseImageList(writeImageList(images), 'l.txt')).toEqual(images);
      }),
    );
  });

  it('with broken lines names them', () => {
    expect(() => parseImageList('a.jpg 1\nb.jpg\n\nc.jpg x\n d.jpg -1\n', 'l.txt')).toThrow(
      "l.txt:2: expected 'path label' with a whole number as label (3 such lines: 2, 4, 5)",
    );
    expect(() => parseImageList('\n', 'l.txt')).toThrow('the list is empty');
  });
});

describe('a shuffle', () => {
  it('keeps all items, follows from its seed, and reaches every order', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    expect([...shuffled(items, 1)].sort((a, b) => a - b)).toEqual(items);
    expect(shuffled(items, 1)).toEqual(shuffled(items, 1));
    expect(shuffled(items, 1)).not.toEqual(shuffled(items, 2));
    expect(shuffled(items, 1, 1)).not.toEqual(shuffled(items, 1, 2));
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const order = shuffled([0, 1, 2], seed).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    // Each of the six orders 1000 times, standard deviation 29.
    expect(counts.size).toBe(6);
    for (const n of counts.values()) expect(Math.abs(n - 1000)).toBeLessThan(150);
  });
});

/** Folds of people with several photos each. */
const smallFolds = (): Fold[] =>
  [0, 1, 2].map((index) => {
    const people = Array.from({ length: 12 }, (_, p) => p);
    const text = people.flatMap((p) =>
      Array.from({ length: 1 + (p % 4) }, (_, i) =>
        row(`u${index}_${p}`, `${i}.jpg`, p % 5 ? '(0, 2)' : '(25, 23)'),
      ),
    );
    return parseFold(`${[header, ...text].join('\n')}\n`, index, 'fold');
  });

describe('a split by person', () => {
  it('shares nobody, loses nothing, and takes about a tenth for validation', () => {
    const folds = smallFolds();
    for (const alignment of ['aligned', 'mixed'] as const) {
      for (let seed = 0; seed < 20; seed++) {
        const options: ListOptions = { alignment, labels: 'repaired', validation: 'by-person', seed };
        const { train, val, lost, test } = splitFolds(folds, 1, options);
        expect(listOverlap(train, val).people).toBe(0);
        expect(listOverlap([...train, ...val], test).people).toBe(0);
        const per = alignment === 'mixed' ? 2 : 1;
        expect([train.length + val.length, test.length, lost.length]).toEqual([60 * per, 30 * per, 0]);
        expect(val.length).toBeGreaterThanOrEqual(6 * per - per);
        expect(val.length).toBeLessThanOrEqual(6 * per);
        expect(splitFolds(folds, 1, options).val).toEqual(val);
      }
    }
  });
});

const published: Record<AdienceAlignment, string> = {
  aligned: 'train_val_txt_files_per_fold',
  unaligned: 'squared_unaligned_train_val_txt_files_per_fold',
  mixed: 'mixed_train_val_txt_files_per_fold',
};

const sharedFolds = (): Fold[] =>
  [0, 1, 2, 3, 4].map((k) => {
    const path = `adience/folds/fold_${k}_data.txt`;
    return parseFold(readFileSync(shared(path), 'utf8'), k, path);
  });

describeShared("Adience's folds", () => {
  it('hold as many rows and classes as counted', () => {
    const folds = sharedFolds();
    expect(folds.map(({ faces }) => faces.length)).toEqual([4496, 3745, 3953, 3459, 3834]);
    const labelled = (target: 'age' | 'gender', labels: ListOptions['labels']) =>
      folds.map((fold) => census([fold], target, labels).labelled);
    expect(labelled('age', 'as-published')).toEqual([4316, 3101, 3339, 2975, 3693]);
    expect(labelled('gender', 'as-published')).toEqual([4007, 3624, 3191, 3318, 3463]);
    const ages = census(folds, 'age', 'as-published');
    expect(ages.labelled + ages.dropped.reduce((sum, { rows }) => sum + rows, 0)).toBe(19487);
    expect(ages.dropped.find(({ label }) => label === '(25, 23)')?.rows).toBe(72);
    expect(census(folds, 'age', 'repaired').labelled).toBe(ages.labelled + 72);
    expect(peopleInSeveralFolds(folds)).toEqual([]);
    expect(repeatedRows(folds)).toBe(117);
  });

  it.each(['aligned', 'unaligned', 'mixed'] as const)('become the published lists: %s', (alignment) => {
    const folds = sharedFolds();
    const options: ListOptions = { alignment, labels: 'as-published', validation: 'as-published', seed: 5 };
    const split = splitFolds(folds, 0, options);
    const rows = (19487 - 4496) * (alignment === 'mixed' ? 2 : 1);
    const tenth = Math.floor(rows / 10);
    expect([split.val.length, split.train.length, split.lost.length]).toEqual([tenth, rows - tenth - 1, 1]);
    expect(split.trainSubset).toEqual(split.train.slice(0, tenth - 1));
    for (const target of ['age', 'gender'] as const) {
      const list = (name: string) =>
        parseImageList(
          readFileSync(
            shared(`adience/lists/${published[alignment]}/test_fold_is_0/${target}_${name}.txt`),
            'utf8',
          ),
          name,
        );
      const lines = (images: ReturnType<typeof list>) =>
        images.map(({ path, label }) => `${path} ${label}`).sort();
      expect(lines(listOf(split.test, target, 'as-published'))).toEqual(lines(list('test')));

      // One row is lost by each shuffle, theirs and ours: with both of ours the union is whole, theirs lacks one.
      const ours = lines(listOf([...split.train, ...split.val, ...split.lost], target, 'as-published'));
      const theirs = lines([...list('train'), ...list('val')]);
      const left = new Map<string, number>();
      for (const line of ours) left.set(line, (left.get(line) ?? 0) + 1);
      for (const line of theirs) left.set(line, (left.get(line) ?? 0) - 1);
      const counts = [...left.values()];
      expect(Math.min(...counts)).toBe(0);
      expect(counts.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(1);

      // Rows without a class drop out after the shuffle, so sizes scatter around the published ones.
      const sizes = { train: split.train, val: split.val, train_subset: split.trainSubset };
      const total = ours.length;
      for (const [name, files] of Object.entries(sizes)) {
        const expected = list(name).length;
        const share = total / rows;
        const deviation = Math.sqrt(files.length * share * (1 - share) * (1 - files.length / rows));
        expect(Math.abs(listOf(files, target, 'as-published').length - expected)).toBeLessThan(6 * deviation);
      }
    }
  });

  it('leak as published, and do not by person', () => {
    const folds = sharedFolds();
    const leak = (alignment: AdienceAlignment, validation: ListOptions['validation']) =>
      validationLeak(
        splitFolds(folds, 0, { alignment, labels: 'as-published', validation, seed: 0 }),
        'age',
        'as-published',
      );
    const aligned = leak('aligned', 'as-published');
    expect(aligned.filesOfSharedPeople / aligned.files).toBeGreaterThan(0.97);
    const mixed = leak('mixed', 'as-published');
    // The other crop of the same face is in training nine times out of ten.
    expect(mixed.filesOfSharedPhotos / mixed.files).toBeGreaterThan(0.85);
    expect(leak('mixed', 'by-person')).toMatchObject({
      filesOfSharedPeople: 0,
      filesOfSharedPhotos: 0,
      sharedFiles: 0,
    });
  });
});
