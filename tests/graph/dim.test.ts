import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDims,
  compareDims,
  type Dim,
  dimName,
  dimNames,
  divideDims,
  multiplyDims,
  substitute,
  subtractDims,
} from '../../src/graph/index.ts';

/** A dimension made by sums and products, and the function of N and H that it stands for. */
interface Made {
  readonly dim: Dim;
  readonly at: (n: number, h: number) => number;
}

const leaf = fc.oneof(
  fc.integer({ min: -5, max: 9 }).map((value): Made => ({ dim: value, at: () => value })),
  fc.constantFrom<Made>({ dim: 'N', at: (n) => n }, { dim: 'H', at: (_, h) => h }),
);

const made: fc.Arbitrary<Made> = fc.letrec<{ made: Made }>((tie) => ({
  made: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.tuple(fc.constantFrom('+', '-', '*'), tie('made'), tie('made')).map(([sign, a, b]): Made => {
      const of = { '+': addDims, '-': subtractDims, '*': multiplyDims }[sign];
      const numbers = { '+': addDims, '-': subtractDims, '*': multiplyDims }[sign];
      const dim = of(a.dim, b.dim);
      return { dim: dim === 0 ? 0 : dim, at: (n, h) => Number(numbers(a.at(n, h), b.at(n, h))) };
    }),
  ),
})).made;

const sizes = fc.integer({ min: 1, max: 50 });
const valueAt = (dim: Dim, n: number, h: number): Dim =>
  substitute(
    dim,
    new Map([
      ['N', n],
      ['H', h],
    ]),
  );

describe('dimensions', () => {
  test('are what their sums, differences and products are for every value of their names', () => {
    fc.assert(
      fc.property(made, sizes, sizes, ({ dim, at }, n, h) => {
        expect(valueAt(dim, n, h)).toBe(at(n, h) + 0);
        expect(dimNames(dim).every((name) => name === 'N' || name === 'H')).toBe(true);
      }),
    );
  });

  test('have one text each: equal polynomials are equal strings', () => {
    fc.assert(
      fc.property(made, made, made, ({ dim: a }, { dim: b }, { dim: c }) => {
        expect(multiplyDims(a, addDims(b, c))).toBe(addDims(multiplyDims(c, a), multiplyDims(b, a)));
      }),
    );
  });

  test('divide where a product has the factor, and only there', () => {
    fc.assert(
      fc.property(made, made, ({ dim: a }, { dim: b }) => {
        fc.pre(b !== 0);
        expect(divideDims(multiplyDims(a, b), b)).toBe(a);
      }),
    );
    expect(divideDims('N', 2)).toBeUndefined();
    expect(divideDims('4*N', 'N*N')).toBeUndefined();
    expect(divideDims('N+1', 'N')).toBeUndefined();
    expect(divideDims(3, 0)).toBeUndefined();
  });

  test('compare as they do for every value of their names from 1 on', () => {
    fc.assert(
      fc.property(made, made, sizes, sizes, (a, b, n, h) => {
        const order = compareDims(a.dim, b.dim);
        if (order !== undefined) expect(Math.sign(a.at(n, h) - b.at(n, h)) + 0).toBe(order);
      }),
    );
    expect(compareDims('N', -1)).toBe(1);
    expect(compareDims('4*N', 'N')).toBe(1);
    expect(compareDims('N', 1)).toBeUndefined();
    expect(compareDims('N', 'H')).toBeUndefined();
  });

  test('get names of letters that polynomials leave free', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const name = dimName(text);
        expect(dimNames(name)).toEqual([name]);
        expect(multiplyDims(2, name)).toBe(`2*${name}`);
      }),
    );
    expect(dimName('batch_size')).toBe('batch_size');
  });
});
