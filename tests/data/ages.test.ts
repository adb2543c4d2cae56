import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AGE_CLASSES, AGE_LABELS, ageClass, genderClass, parseManifest } from '../../src/data/index.ts';
import { describeShared, shared } from '../shared.ts';

describe('an age', () => {
  it('in years belongs to the class that holds it', () => {
    for (let age = 0; age <= 120; age++) {
      const literal = AGE_CLASSES.findIndex(([from, to]) => age >= from && (age <= to || from === 60));
      expect(ageClass(`${age}`, 'x')).toBe(literal < 0 ? undefined : literal);
    }
    expect(ageClass('2.9', 'x')).toBe(0);
  });

  it('between classes goes to the nearest, the younger of two', () => {
    const nearest = (age: string) => ageClass(age, 'x', { between: 'nearest' });
    for (let age = 0; age <= 100; age++) {
      const distance = ([from, to]: readonly [number, number]) => Math.max(from - age, age - to, 0);
      const least = Math.min(...AGE_CLASSES.map(distance));
      expect(nearest(`${age}`)).toBe(AGE_CLASSES.findIndex((each) => distance(each) === least));
    }
    expect([nearest('3'), nearest('7'), nearest('56'), nearest('57')]).toEqual([0, 1, 6, 7]);
  });

  it('as one of the labels is its class', () => {
    expect(AGE_LABELS.map((label) => ageClass(label, 'x'))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ageClass('(25, 23)', 'x')).toBe(4);
    expect(ageClass('5', 'x', { notation: 'class' })).toBe(5);
    expect(() => ageClass('8', 'row 3', { notation: 'class' })).toThrow(
      "row 3: '8' is no Adience class from 0 to 7",
    );
  });

  it('as a band belongs to the class that holds it whole, or shares most years', () => {
    const both = (band: string) => [ageClass(band, 'x'), ageClass(band, 'x', { between: 'nearest' })];
    expect(both('0-2')).toEqual([0, 0]);
    expect(both('60–69')).toEqual([7, 7]);
    expect(both('70+')).toEqual([7, 7]);
    expect(both('more than 70')).toEqual([7, 7]);
    expect(both('(27, 32)')).toEqual([4, 4]);
    expect(both('20-29')).toEqual([undefined, 4]);
    expect(both('10-19')).toEqual([undefined, 3]);
    expect(both('3-9')).toEqual([undefined, 1]);
    expect(both('(38, 48)')).toEqual([undefined, 5]);
    expect(both('33-35')).toEqual([undefined, 4]);
  });

  it.each(['', 'old', '20-', '29-20', '-3', '1e2', '(8 12)'])("'%s' is none", (text) => {
    expect(() => ageClass(text, 'm.csv, row 2')).toThrow(`m.csv, row 2: '${text}' is no age`);
  });
});

describe('a gender', () => {
  it('is male 0, female 1, or unknown', () => {
    expect(['m', 'Male', 'f', 'female', 'u', ''].map((text) => genderClass(text, 'x'))).toEqual([
      0,
      0,
      1,
      1,
      undefined,
      undefined,
    ]);
    expect(() => genderClass('x', 'row 2')).toThrow("row 2: 'x' is no gender");
  });
});

describeShared('the manifests', () => {
  it.each([
    ['utkface', 'adience_class', 2100],
    ['fairface', 'adience_class_if_certain', 540],
  ])('%s say the same classes', (name, column, size) => {
    const path = shared(`faces/${name}/manifest.csv`);
    const { rows, labelColumns } = parseManifest(readFileSync(path, 'utf8'), path);
    expect(labelColumns).toEqual(['age', 'gender']);
    expect(rows).toHaveLength(size);
    for (const { labels, groups } of rows) {
      const expected = groups[column] === undefined ? undefined : Number(groups[column]);
      expect(ageClass(labels.age, path)).toBe(expected);
    }
  });
});
