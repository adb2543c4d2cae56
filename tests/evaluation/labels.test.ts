import { describe, expect, it } from 'vitest';
import { listDataset, manifestDataset, parseManifest } from '../../src/data/index.ts';
import { readingOf, survey } from '../../src/evaluation/index.ts';
import type { Head } from '../../src/graph/index.ts';

const classes = (labels?: string[]): Head => ({
  name: 'class',
  output: 'prob',
  kind: 'classes',
  ...(labels && { labels }),
});
const years: Head = { name: 'age', output: 'fc', kind: 'number' };
const bands = ['(0, 2)', '(4, 6)', '(8, 13)', '(15, 20)', '(25, 32)', '(38, 43)', '(48, 53)', '(60, 100)'];
const noFiles = { read: async () => new Uint8Array(), missing: async () => [] };

describe('labels', () => {
  it('are matched by name, or else by index', () => {
    const { truth } = readingOf(classes(['ant', 'Bee fly', 'cat']), 3, { target: 'label' });
    expect(['ANT', 'bee_fly', '2', 1].map((label) => truth(label, 'x'))).toEqual([0, 1, 2, 1]);
    expect(() => truth('dog', 'x')).toThrow(
      "x: the model has no class 'dog'; its classes: ant, Bee fly, cat",
    );
    expect(() => truth(3, 'x')).toThrow("x: label 3 is none of the model's classes 0–2");
    expect(() => truth('3', 'x')).toThrow("label '3' is none");
    expect(() => readingOf(classes(), 3, { target: 'label' }).truth('ant', 'x')).toThrow('have no names');
  });

  it('that are numbers with names go by the names', () => {
    const head = classes(['bee', 'ant']);
    const named = readingOf(head, 2, { target: 'label', names: ['ant', 'bee'] });
    expect([0, 1].map((label) => named.truth(label, 'x'))).toEqual([1, 0]);
    const other = readingOf(head, 2, { target: 'label', names: ['x', 'y'] });
    expect([0, 1].map((label) => other.truth(label, 'x'))).toEqual([0, 1]);
    expect(other.notes[0]).toContain('by index');
    expect(() => readingOf(head, 2, { target: 'label', names: ['ant', 'wasp'] })).toThrow('no class wasp');
    expect(() => readingOf(head, 2, { target: 'label', names: ['x', 'y', 'z'] })).toThrow('no class x, y, z');
  });

  it('of gender are read in any words, and put where the model has them', () => {
    const { truth } = readingOf(classes(['Woman', 'Man']), 2, { target: 'gender' });
    expect(['m', 'male', 0, '1', 'female', 'f', 'u'].map((label) => truth(label, 'x'))).toEqual([
      1,
      1,
      1,
      0,
      0,
      0,
      undefined,
    ]);
    const plain = readingOf(classes(), 2, { target: 'gender' });
    expect(['m', 'f'].map((label) => plain.truth(label, 'x'))).toEqual([0, 1]);
    expect(() => truth('x', 'row 5')).toThrow("row 5: 'x' is no gender");
  });

  it("of age are Adience's classes for a model of eight, whatever it calls them", () => {
    const reading = readingOf(classes(bands), 8, { target: 'age' });
    expect(reading.ordered).toBe(true);
    expect([7, '35', '(25, 23)', '8', '12', '70+'].map((label) => reading.truth(label, 'x'))).toEqual([
      7,
      undefined,
      4,
      2,
      2,
      7,
    ]);
    const nearest = readingOf(classes(bands), 8, { target: 'age', between: 'nearest' });
    expect(nearest.truth('35', 'x')).toBe(4);
    expect(() => readingOf(classes(bands.toReversed()), 8, { target: 'age' })).toThrow(
      'not in the order of age',
    );
    expect(() => readingOf(classes(), 3, { target: 'age', as: 'adience' })).toThrow("are not Adience's");
  });

  it("of age sort a regression's number into Adience's classes by the printed rule", () => {
    const reading = readingOf(years, 1, { target: 'age', as: 'adience' });
    expect(reading.head).toMatchObject({ name: 'age', kind: 'classes' });
    expect(reading.head.labels).toHaveLength(8);
    expect(reading.probabilities).toBe(false);
    const classOf = (x: number) => reading.scores([x]).indexOf(1);
    // Whole years; between (25, 32) and (38, 43) lie 33–37, whose middle goes to the younger.
    expect([-3, 2.99, 3, 3.5, 32.9, 35, 35.99, 36, 59, 130].map(classOf)).toEqual([
      0, 0, 0, 0, 4, 4, 4, 5, 7, 7,
    ]);
    expect(reading.scores([20]).reduce((a, b) => a + b)).toBe(1);
  });

  it('of a regression are numbers, of bands their middle', () => {
    const { truth } = readingOf(years, 1, { target: 'age' });
    expect(['35', '-1.5', 20, '20-29', '(25, 32)', '70+', 'more than 70'].map((x) => truth(x, 'x'))).toEqual([
      35,
      -1.5,
      20,
      24.5,
      28.5,
      undefined,
      undefined,
    ]);
    expect(() => truth('old', 'row 2')).toThrow("row 2: 'old' is no number");
  });
});

describe('a survey', () => {
  const csv = 'path,gender,age,fold,person,race\na,m,3,0,p,x\nb,u,4,1,q,y\nc,f,5,1,,\n';
  const data = (text = csv) =>
    manifestDataset(parseManifest(text, 'm.csv', { labels: ['gender'] }), noFiles, 'm.csv');
  const reading = readingOf(classes(['male', 'female']), 2, { target: 'gender' });

  it('asks about every image that has a label, with all else that is known', async () => {
    const notes: string[] = [];
    const { questions, unlabelled, mapping } = await survey(data(), 'gender', reading, (text) =>
      notes.push(text),
    );
    expect(questions).toEqual([
      { index: 0, image: 'a', truth: 0, person: 'p', fold: '0', groups: { age: '3', race: 'x' } },
      { index: 2, image: 'c', truth: 1, fold: '1', groups: { age: '5' } },
    ]);
    expect(unlabelled).toBe(1);
    expect(notes.join('')).toBe('["a","m"]\n["c","f"]\n');
    expect([...mapping].map(([index, labels]) => [index, [...labels]])).toEqual([
      [0, [['m', 1]]],
      [1, [['f', 1]]],
    ]);
  });

  it("knows people by Adience's folders", async () => {
    const list = [{ path: 'x/30601258@N03/landmark_aligned_face.1.123_o.jpg', label: 1 }];
    const { questions } = await survey(listDataset(list, noFiles, 'l.txt'), 'label', reading, () => {});
    expect(questions[0]).toMatchObject({ person: '30601258@N03', truth: 1 });
  });

  it('names all labels that are wrong, columns that are not there, and data without labels', async () => {
    const wrong = survey(data(csv.replace(',m,', ',x,').replace(',f,', ',y,')), 'gender', reading, () => {});
    await expect(wrong).rejects.toThrow(
      /a, gender: 'x' is no gender.*2 such labels.*c, gender: 'y' is no gender/,
    );
    const column = survey(data(), 'gender', reading, () => {}, { person: 'who' });
    await expect(column).rejects.toThrow("m.csv: there is no column 'who'");
    const none = survey(data(csv.replace(/,[mf],/g, ',u,')), 'gender', reading, () => {});
    await expect(none).rejects.toThrow("none of its 3 images has a usable label in 'gender'");
  });
});
