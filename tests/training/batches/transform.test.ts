import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Planes } from '../../../src/data/pictures/content.ts';
import { float32 } from '../../../src/graph/index.ts';
import { checkPlanes, viewShape, writeView } from '../../../src/training/batches/transform.ts';
import { type Parameters, transformed } from './reference.ts';

const size = fc.integer({ min: 1, max: 9 });

const cases = fc
  .record({
    channels: fc.integer({ min: 1, max: 4 }),
    height: size,
    width: size,
    float: fc.boolean(),
    cropped: fc.boolean(),
    crop: size,
    room: fc.tuple(fc.nat(), fc.nat()),
    mirror: fc.boolean(),
    scale: fc.constantFrom(1, 0.00390625, 0.017, -2.5),
    mean: fc.constantFrom('none', 'one', 'each', 'image'),
    seed: fc.nat(),
  })
  .map((drawn) => {
    const { channels, height, width, float, mean, scale } = drawn;
    // Numbers that differ everywhere, so that none can stand for another.
    const number = (i: number) => ((i + 1) * 48271 * (drawn.seed + 1)) % 2147483647;
    const count = channels * height * width;
    const data = float
      ? Float32Array.from({ length: count }, (_, i) => (number(i) % 2000) / 7 - 100)
      : Uint8Array.from({ length: count }, (_, i) => number(i) % 256);
    const planes: Planes = { kind: 'planes', channels, height, width, data };
    const crop = drawn.cropped ? Math.min(drawn.crop, height, width) : 0;
    const means = Array.from({ length: count }, (_, i) => Math.fround((number(i + count) % 2550) / 10));
    const parameters: Parameters = {
      crop,
      scale,
      ...(mean === 'image' && { meanImage: means }),
      ...(mean === 'one' && { meanValues: means.slice(0, 1) }),
      ...(mean === 'each' && { meanValues: means.slice(0, channels) }),
    };
    const view = {
      top: crop ? drawn.room[0] % (height - crop + 1) : 0,
      left: crop ? drawn.room[1] % (width - crop + 1) : 0,
      height: crop || height,
      width: crop || width,
      mirror: drawn.mirror,
    };
    return { planes, parameters, view };
  });

describe('a view of a picture', () => {
  it("is what Caffe's DataTransformer makes of it, and touches nothing beside its place", () => {
    fc.assert(
      fc.property(cases, ({ planes, parameters, view }) => {
        const { scale, meanImage, meanValues } = parameters;
        const { channels, height, width } = planes;
        const mean = meanImage ? float32([channels, height, width], meanImage) : meanValues;
        const length = channels * view.height * view.width;
        const out = new Float32Array(length + 5).fill(7);
        writeView(planes, view, { scale, ...(mean && { mean }), meanName: 'mean' }, out, 2);
        const wanted = transformed(planes, parameters, view.top, view.left, view.mirror);
        const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - out[i + 2])), 0);
        // Two roundings to float32 of numbers below 700.
        expect(worst).toBeLessThanOrEqual(700 * Math.max(1, Math.abs(scale)) * 2 ** -23);
        expect(wanted.every((value) => !Number.isNaN(value))).toBe(true);
        expect([...out.subarray(0, 2), ...out.subarray(length + 2)]).toEqual([7, 7, 7, 7, 7]);
      }),
      { numRuns: 500 },
    );
  });

  it('is computed in float32, bit for bit', () => {
    const planes: Planes = {
      kind: 'planes',
      channels: 1,
      height: 1,
      width: 256,
      data: Uint8Array.from({ length: 256 }, (_, i) => i),
    };
    const mean = Float32Array.from({ length: 256 }, (_, i) => 104.00699 + i / 3);
    const out = new Float32Array(256);
    const view = { top: 0, left: 0, height: 1, width: 256, mirror: false };
    writeView(planes, view, { scale: 0.017, mean: float32([1, 1, 256], mean), meanName: 'mean' }, out, 0);
    const scale = Math.fround(0.017);
    expect([...out]).toEqual([...mean].map((value, i) => Math.fround(Math.fround(i - value) * scale)));
  });
});

describe('a picture that does not fit', () => {
  const planes = (channels: number, height: number, width: number): Planes => ({
    kind: 'planes',
    channels,
    height,
    width,
    data: new Uint8Array(channels * height * width),
  });
  const plain = { scale: 1, meanName: 'mean.binaryproto' };

  it('is named, with its size', () => {
    expect(() => checkPlanes(planes(3, 5, 8), plain, 6, [3, 6, 6], 'a.jpg')).toThrow(
      'a.jpg: 3×5×8 is smaller than crop_size 6; crop less, or make the pictures larger',
    );
    expect(() => checkPlanes(planes(3, 5, 8), plain, undefined, [3, 5, 5], 'a.jpg')).toThrow(
      'a.jpg: 3×5×8, where the first picture is 3×5×5; bring all to one size',
    );
    expect(() => checkPlanes(planes(1, 8, 8), plain, 6, [3, 6, 6], 'a.jpg')).toThrow(
      'a.jpg: 1×8×8, where the first picture is 3 channels',
    );
    const mean = float32([3, 8, 8], new Float32Array(192));
    expect(() => checkPlanes(planes(3, 8, 9), { ...plain, mean }, 6, [3, 6, 6], 'a.jpg')).toThrow(
      'a.jpg: 3×8×9, but the mean image mean.binaryproto is 3×8×8',
    );
    expect(() => checkPlanes(planes(3, 8, 9), { ...plain, mean: [1, 2] }, 6, [3, 6, 6], 'a.jpg')).toThrow(
      'mean.binaryproto: 2 mean values for 3 channels; give one, or one per channel',
    );
  });

  it('may be of another size where it is cropped and has no mean image', () => {
    checkPlanes(planes(3, 9, 12), { ...plain, mean: [1, 2, 3] }, 6, viewShape(planes(3, 6, 6), 6), 'a.jpg');
  });
});
