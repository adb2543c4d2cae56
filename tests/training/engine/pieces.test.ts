import fc from 'fast-check';
import { expect, it } from 'vitest';
import { int64 } from '../../../src/graph/index.ts';
import { layOut, pieces, share } from '../../../src/training/engine/layout.ts';
import { fillMask } from '../../../src/training/engine/mask.ts';
import { normaliserOf } from '../../../src/training/engine/normaliser.ts';
import { chooseParts, imagesOf } from '../../../src/training/engine/parts.ts';
import { trainingNet } from '../pass.ts';
import { batchOf, dropping, normalising } from './net.ts';

const mask = { name: 'mask:drop', ratio: 0.3 };
const filled = (length: number, { seed = 1, pass = 0, from = 0, of = mask } = {}) => {
  const out = new Float32Array(length);
  fillMask(out, of, seed, pass, from);
  return out;
};

it('makes any piece of a mask as the whole has it', () => {
  fc.assert(
    fc.property(
      fc.record({ seed: fc.maxSafeNat(), pass: fc.nat(1e6) }),
      fc.nat(60),
      fc.nat(60),
      (key, from, length) => {
        expect(filled(length, { ...key, from })).toEqual(filled(120, key).subarray(from, from + length));
      },
    ),
  );
});

it('keeps the share of elements that the ratio says, scaled, and others for every seed, pass and name', () => {
  const many = 100_000;
  const ways = [
    filled(many),
    filled(many, { seed: 2 }),
    filled(many, { seed: 1 + 2 ** 32 }),
    filled(many, { pass: 1 }),
    filled(many, { of: { ...mask, name: 'mask:drop7' } }),
  ];
  const kept = ways.map((values) => values.map((value) => (value > 0 ? 1 : 0)));
  for (const [i, values] of ways.entries()) {
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    // Five standard deviations of a mean of so many.
    expect(Math.abs(kept[i].reduce((a, b) => a + b) / many - 0.7)).toBeLessThan(5 * Math.sqrt(0.21 / many));
    for (const other of kept.slice(i + 1)) {
      const both = kept[i].reduce((sum, value, k) => sum + value * other[k], 0) / many;
      expect(Math.abs(both - 0.49)).toBeLessThan(5 * Math.sqrt((0.49 * 0.51) / many));
    }
  }
  expect(new Set(filled(100, { of: { name: 'a', ratio: 0 } }))).toEqual(new Set([1]));
});

it('counts what losses divide by over the whole batch, and never less than 1', () => {
  const normaliser = { name: 'n', label: 'label', ignored: 2, by: 'labels', perImage: 1 } as const;
  const batch = { label: int64([5], [0, 2, 2, 1, 2]) };
  expect(normaliserOf(normaliser, batch, 5)).toBe(2);
  expect(normaliserOf({ ...normaliser, ignored: undefined }, batch, 5)).toBe(5);
  expect(normaliserOf({ ...normaliser, ignored: undefined, label: undefined, perImage: 6 }, batch, 5)).toBe(
    30,
  );
  expect(normaliserOf({ ...normaliser, by: 'batch' }, batch, 5)).toBe(5);
  expect(normaliserOf({ ...normaliser, by: 'one' }, batch, 5)).toBe(1);
  expect(normaliserOf(normaliser, { label: int64([2], [2, 2]) }, 2)).toBe(1);
});

it('lays out every parameter once, the trained ones first, and shares all of these out', () => {
  const net = trainingNet(dropping);
  const layout = layOut(net, [trainingNet(dropping, 'test')]);
  expect(layout.parameters.map(({ name }) => name).sort()).toEqual(
    net.parameters.map(({ name }) => name).sort(),
  );
  const whole = new Float32Array(layout.length);
  for (const [name, piece] of pieces(layout, whole)) {
    expect(piece.length).toBe(net.parameters.find((p) => p.name === name)!.shape.reduce((a, b) => a * b));
    expect(
      piece.every((value) => value === 0),
      'no two overlap',
    ).toBe(true);
    piece.fill(1);
  }
  for (const { name, to } of layout.parameters) expect(to <= layout.trained).toBe(!name.startsWith('frozen'));
  for (const parts of [1, 2, 3, 50]) {
    const shares = Array.from({ length: parts }, (_, part) => share(layout, part, parts));
    expect(shares.flat()).toEqual([0, ...shares.slice(1).flatMap(([from]) => [from, from]), layout.trained]);
  }
  const images = [0, 1, 2].map((part) => imagesOf(7, part, 3));
  expect(images).toEqual([
    [0, 2],
    [2, 4],
    [4, 7],
  ]);
});

it('refuses a parameter of two shapes', () => {
  const other = trainingNet(dropping.replace('num_output: 6', 'num_output: 5'), 'test');
  expect(() => layOut(trainingNet(dropping), [other])).toThrow(
    "parameter 'fc1.weight': is [6,16] in training and [5,16] in the test net 'dropping'",
  );
});

it('takes as many parts as threads, but not more than images, memory or batch statistics allow', () => {
  const net = trainingNet(dropping);
  const layout = layOut(net, []);
  const wanted = { threads: 3, iterSize: 1, histories: 1 };
  expect(batchOf(0).data.shape[0]).toBe(7);
  expect(chooseParts(net, layout, wanted)).toBe(3);
  expect(chooseParts(net, layout, { ...wanted, threads: 50 })).toBe(7);
  expect(chooseParts(trainingNet(normalising), layout, wanted)).toBe(1);
  // AdienceNet, CaffeNet, VGG16: 11, 57 and 134 million weights.
  const large = (length: number) => ({ ...layout, length, trained: length });
  expect(chooseParts(net, large(11.4e6), { ...wanted, threads: 2 })).toBe(2);
  expect(chooseParts(net, large(57e6), { ...wanted, threads: 2 })).toBe(1);
  expect(chooseParts(net, large(134e6), { ...wanted, threads: 8 })).toBe(1);
});
