import { expect, it } from 'vitest';
import { below, drawAt, fillNormal, nameHash, philox, randomWords } from '../../src/common/random.ts';

const words = (...numbers: number[]) => Uint32Array.from(numbers);
const draw = (counter: Uint32Array, key: Uint32Array) => {
  const out = new Uint32Array(4);
  philox(counter, key, out);
  return Array.from(out, (word) => word.toString(16).padStart(8, '0')).join(' ');
};

it("gives the generator's published numbers", () => {
  const ones = 0xffffffff;
  expect(draw(words(0, 0, 0, 0), words(0, 0))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  expect(draw(words(ones, ones, ones, ones), words(ones, ones))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
  expect(draw(words(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), words(0xa4093822, 0x299f31d0))).toBe(
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  );
});

it('gives normal numbers that follow from seed and stream only', () => {
  const normal = (length: number, seed: number, stream: number) => {
    const out = new Float32Array(length);
    fillNormal(out, seed, stream);
    return out;
  };
  const long = normal(100_001, 7, 3);
  expect(normal(50, 7, 3)).toEqual(long.subarray(0, 50));
  for (const other of [
    normal(50, 8, 3),
    normal(50, 7, 4),
    normal(50, 7 + 2 ** 32, 3),
    normal(50, 7, 3 + 2 ** 32),
  ]) {
    expect(other.filter((value, i) => value === long[i])).toHaveLength(0);
  }
  // Moments of 100,001 draws, within five standard errors.
  const moment = (power: number) => long.reduce((sum, value) => sum + value ** power, 0) / long.length;
  expect(Math.abs(moment(1))).toBeLessThan(0.016);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.023);
  expect(Math.abs(moment(3))).toBeLessThan(0.062);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.155);
  const product = long.reduce((sum, value, i) => sum + value * (long[i + 1] ?? 0), 0) / long.length;
  expect(Math.abs(product)).toBeLessThan(0.016);
});

it('draws words that follow from seed, name and place', () => {
  const at = (seed: number, name: string, place: number) => {
    const out = new Uint32Array(4);
    drawAt(seed, name, place, out);
    return Array.from(out).join();
  };
  expect(at(5, 'data', 9)).toBe(at(5, 'data', 9));
  const all = [
    at(5, 'data', 9),
    at(6, 'data', 9),
    at(5, 'date', 9),
    at(5, 'data', 10),
    at(5, 'data', 9 + 2 ** 32),
  ];
  expect(new Set(all).size).toBe(5);
  // FNV-1a's published value for 'foobar'.
  expect(nameHash('foobar')).toBe(0xbf9cf968);
});

it('takes all whole numbers below a limit alike', () => {
  expect(below(0, 7)).toBe(0);
  expect(below(0xffffffff, 7)).toBe(6);
  expect(below(0xffffffff, 2 ** 21)).toBe(2 ** 21 - 1);
  const counts = [0, 0, 0];
  for (let word = 0; word < 2 ** 32; word += 2 ** 20) counts[below(word, 3)]++;
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(2);
});

it('draws words one after the other as those of their places', () => {
  const draw = randomWords(7, 'some');
  const words = new Uint32Array(4);
  for (let place = 0; place < 5; place++) {
    drawAt(7, 'some', place, words);
    expect(Array.from({ length: 4 }, draw)).toEqual([...words]);
  }
});
