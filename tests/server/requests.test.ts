import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathParts } from '../../src/server/paths.ts';
import { byteRangeOf } from '../../src/server/ranges.ts';

describe('a path of a URL', () => {
  it.each([
    '..',
    'a/../b',
    '%2e%2e',
    '%2e%2e/a',
    'a/..%2f..%2fetc/passwd',
    '..%5c..%5cwindows',
    'a%00.png',
    'a//b',
    '',
    '/etc/passwd',
    '%2fetc/passwd',
    'C:/windows',
    'c%3a/windows',
    'C:%5cwindows',
    'a\\b',
    '.git/config',
    'a/.env',
    '%e0%a4%a',
    'a%0d%0ab',
    '%7f',
  ])('%j is none of a folder', (path) => {
    expect(pathParts(path)).toBeUndefined();
  });

  it('is what it was made of', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    const part = fc.string({ minLength: 1 }).filter((text) => !/^\.|^[a-z]:|[/\\\x00-\x1f\x7f]/i.test(text));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        expect(pathParts(parts.map(encodeURIComponent).join('/'))).toEqual(parts);
      }),
    );
  });

  it('never leads upwards or elsewhere, whatever is asked', () => {
    const pieces = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E',
      '/',
      '%2f',
      '\\',
      '%5c',
      '%',
      'a',
      '%00',
      'C:',
      '~',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (some) => {
        for (const part of pathParts(some.join('')) ?? []) {
          expect(part).not.toMatch(/^\.|[/\\\0]/);
          expect(part).not.toBe('');
        }
      }),
    );
  });
});

describe('a range of a file', () => {
  /** The bytes that RFC 9110, 14.1.2, says, one by one. */
  function literal(first: number | undefined, last: number | undefined, bytes: number): number[] {
    const all = Array.from({ length: bytes }, (_, i) => i);
    if (first === undefined) return last === undefined ? all : all.filter((i) => i >= bytes - last);
    return all.filter((i) => i >= first && (last === undefined || i <= last));
  }

  const end = fc.option(fc.nat(30), { nil: undefined });

  it('is what the standard says', () => {
    fc.assert(
      fc.property(end, end, fc.nat(20), (first, last, bytes) => {
        fc.pre(first !== undefined || last !== undefined);
        fc.pre(first === undefined || last === undefined || first <= last);
        const range = byteRangeOf(`bytes=${first ?? ''}-${last ?? ''}`, bytes);
        const expected = literal(first, last, bytes);
        const wanted = expected.length > 0 ? { from: expected[0], to: expected.at(-1)! + 1 } : 'none';
        expect(range).toEqual(wanted);
      }),
    );
  });

  it.each([
    undefined,
    '',
    'bytes',
    'bytes=-',
    'bytes=5-2',
    'bytes=0-1,4-5',
    'items=0-1',
    'bytes=a-b',
    'bytes=-1-2',
  ])('%j is answered with the whole', (header) => {
    expect(byteRangeOf(header, 10)).toBe('all');
  });
});
