import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Face, split } from '../../bench/faces/split.ts';

const faces = fc
  .array(
    fc.record({
      gender: fc.integer({ min: 0, max: 1 }),
      ageClass: fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined }),
    }),
    { maxLength: 300 },
  )
  .map((list) => list.map((face, i): Face => ({ ...face, path: `${i}.jpg`, age: '30', race: '0' })));
const seeds = fc.nat();

describe('the split of the faces', () => {
  it('puts every photo into one part', () => {
    fc.assert(
      fc.property(faces, seeds, (all, seed) => {
        const parts = split(all, seed);
        const paths = Object.values(parts).flatMap((part) => part.map(({ path }) => path));
        expect(paths.sort()).toEqual(all.map(({ path }) => path).sort());
      }),
    );
  });

  it('takes a fifth of each class of each gender for testing, and a tenth to watch by', () => {
    fc.assert(
      fc.property(faces, seeds, (all, seed) => {
        const { test, val } = split(all, seed);
        for (const { gender, ageClass } of all) {
          const of = (part: readonly Face[]) =>
            part.filter((face) => face.gender === gender && face.ageClass === ageClass).length;
          expect(of(test)).toBe(Math.round(of(all) / 5));
          expect(of(val)).toBe(Math.floor(of(all) / 10));
        }
      }),
    );
  });

  it('follows from the seed', () => {
    const all = Array.from({ length: 200 }, (_, i): Face => {
      return { path: `${i}.jpg`, age: '30', ageClass: 4, gender: i % 2, race: '0' };
    });
    expect(split(all, 3)).toEqual(split(all, 3));
    expect(split(all, 3)).not.toEqual(split(all, 4));
  });
});
