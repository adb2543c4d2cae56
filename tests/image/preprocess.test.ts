import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Preprocessing } from '../../src/graph/info.ts';
import { float32 } from '../../src/graph/tensor.ts';
import { type Image, toGrey } from '../../src/image/image.ts';
import { readNpy } from '../../src/image/npy/npy.ts';
import { CROPS, type Crops, cropPositions } from '../../src/image/pixels/crops.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { networkViews, preprocess, preprocessShown, resizeMean } from '../../src/image/pixels/preprocess.ts';
import { coveringSize, resizeImage } from '../../src/image/pixels/resize.ts';
import { describeShared, shared } from '../shared.ts';
import { anyImage, noiseImage } from './pictures.ts';

/** Preprocessing, literally: whole planes of float64, subtract, cut out, mirror, scale. */
function reference(photo: Image, how: Preprocessing, crops: Crops): number[] {
  let picture = how.channels === 'gray' ? toGrey(photo) : photo;
  let crop = how.crop;
  if (how.resize?.mode === 'stretch') picture = resizeImage(picture, how.resize.height, how.resize.width);
  if (how.resize?.mode === 'shorter-side') {
    const { height, width } = coveringSize(picture, how.resize.height, how.resize.width);
    picture = resizeImage(picture, height, width);
    crop ??= how.resize;
  }
  const { height: h, width: w } = picture;
  const { height: H, width: W } = crop ?? picture;
  const order = { rgb: [0, 1, 2], bgr: [2, 1, 0], gray: [0] }[how.channels];
  const mean = how.mean && 'shape' in how.mean ? how.mean : undefined;
  const means = mean ? [] : ((how.mean as number[] | undefined) ?? []);
  const full = mean?.shape[1] === h && mean.shape[2] === w;
  const planes = order.map((source, c) =>
    Array.from({ length: h }, (_, y) =>
      Array.from({ length: w }, (_, x) => {
        const value = picture.data[(y * w + x) * 3 + source];
        if (mean) return full ? value - mean.data[(c * h + y) * w + x] : value;
        return value - (means[c] ?? means[0] ?? 0);
      }),
    ),
  );
  return cropPositions(picture, { height: H, width: W }, crops).flatMap(({ top, left, mirror }) =>
    planes.flatMap((plane, c) =>
      plane.slice(top, top + H).flatMap((row, y) => {
        const cut = row.slice(left, left + W);
        if (mirror) cut.reverse();
        return cut.map((v, x) => {
          const late = mean && !full ? mean.data[(c * H + y) * W + x] : 0;
          return ((v - late) * (how.scale ?? 1)) / (how.std?.[c] ?? 1);
        });
      }),
    ),
  );
}

const number = fc.double({ min: -200, max: 200, noNaN: true });
const size = fc.record({ height: fc.integer({ min: 6, max: 12 }), width: fc.integer({ min: 6, max: 12 }) });
const crop = fc.record({ height: fc.integer({ min: 1, max: 6 }), width: fc.integer({ min: 1, max: 6 }) });

const maybe = fc.record(
  {
    crop,
    scale: fc.double({ min: 0.001, max: 3, noNaN: true }),
    std: fc.array(fc.double({ min: 0.1, max: 90, noNaN: true }), { minLength: 3, maxLength: 3 }),
  },
  { requiredKeys: [] },
);

const setting = fc
  .record({
    maybe,
    resize: size.chain((s) =>
      fc.constantFrom({ ...s, mode: 'stretch' as const }, { ...s, mode: 'shorter-side' as const }),
    ),
    channels: fc.constantFrom('bgr' as const, 'rgb' as const, 'gray' as const),
    kind: fc.constantFrom('none', 'numbers', 'resized', 'cropped'),
    numbers: fc.array(number, { minLength: 3, maxLength: 3 }),
  })
  .map(({ kind, numbers, maybe: { std, ...given }, ...always }) => {
    const rest = { ...always, ...given };
    const channels = rest.channels === 'gray' ? 1 : 3;
    // A photo whose longer side is not known beforehand can only have a mean of the crop's size.
    const at =
      kind === 'cropped' || rest.resize.mode === 'shorter-side' ? (rest.crop ?? rest.resize) : rest.resize;
    const count = channels * at.height * at.width;
    const image = float32(
      [channels, at.height, at.width],
      Float32Array.from({ length: count }, (_, i) => numbers[i % 3] + i / 9),
    );
    return {
      ...rest,
      ...(std && { std: std.slice(0, channels) }),
      ...(kind !== 'none' && { mean: kind === 'numbers' ? numbers.slice(0, channels) : image }),
    } satisfies Preprocessing;
  });

test('agrees with the literal reference for every setting', () => {
  fc.assert(
    fc.property(anyImage(), setting, fc.constantFrom(...CROPS), (photo, how, crops) => {
      const got = preprocess([photo, photo], how, { crops });
      const expected = reference(photo, how, crops);
      expect(got.data.length).toBe(2 * expected.length);
      expect(got.shape[0]).toBe(crops === 'ten' ? 20 : 2);
      const worst = got.data.reduce((max, value, i) => {
        const want = expected[i % expected.length];
        return Math.max(max, Math.abs(value - want) / Math.max(1, Math.abs(want)));
      }, 0);
      expect(worst).toBeLessThanOrEqual(1e-6);
    }),
    { numRuns: 200 },
  );
});

describe('crops', () => {
  const photo = { height: 9, width: 10 };
  const cut = { height: 4, width: 5 };

  test('ten: corners row by row, the centre, then all mirrored', () => {
    const at = cropPositions(photo, cut, 'ten');
    const five = [
      [0, 0],
      [0, 5],
      [5, 0],
      [5, 5],
      [2, 2],
    ];
    expect(at.map((p) => [p.top, p.left])).toEqual([...five, ...five]);
    expect(at.map((p) => p.mirror)).toEqual([...Array(5).fill(false), ...Array(5).fill(true)]);
  });

  test('published is the bottom right corner that the original took for the centre', () => {
    expect(cropPositions(photo, cut, 'published')).toEqual([{ top: 5, left: 5, mirror: false }]);
  });

  test('too large a crop names the photo', () => {
    expect(() => cropPositions(cut, photo, 'center', 'a.jpg')).toThrow(
      'a.jpg: a crop of 9×10 does not fit into 4×5',
    );
  });

  test('the views show what the network gets', () => {
    const how: Preprocessing = {
      resize: { height: 9, width: 10, mode: 'stretch' },
      crop: cut,
      channels: 'rgb',
    };
    const source = noiseImage(20, 30, 5);
    const input = preprocess([source], how, { crops: 'ten' });
    const views = networkViews(source, how, 'ten');
    views.forEach((view, n) => {
      for (let c = 0; c < 3; c++) {
        const plane = input.data.subarray((n * 3 + c) * 20, (n * 3 + c + 1) * 20);
        expect([...plane]).toEqual([...view.data].filter((_, i) => i % 3 === c));
      }
    });
  });

  test('a photo that is prepared to be shown has the inputs and the views that it has apart', () => {
    const modes = fc.constantFrom<'stretch' | 'pad' | 'shorter-side'>('stretch', 'pad', 'shorter-side');
    const channels = fc.constantFrom<Preprocessing['channels']>('rgb', 'bgr', 'gray');
    fc.assert(
      fc.property(
        anyImage(),
        modes,
        channels,
        fc.constantFrom(...CROPS),
        (picture, mode, channels, crops) => {
          const how: Preprocessing = {
            channels,
            resize: { height: 9, width: 11, mode },
            crop: { height: 5, width: 4 },
            mean: [3],
          };
          const { input, views } = preprocessShown(picture, how, crops, 'photo');
          expect(input).toEqual(preprocess([picture], how, { crops }));
          expect(views()).toEqual(networkViews(picture, how, crops));
        },
      ),
    );
  });
});

describe('errors', () => {
  const how: Preprocessing = { channels: 'bgr' };

  test('a mean of another size says all three sizes, and can be resized', () => {
    const mean = float32([3, 5, 5], new Float32Array(75).fill(3));
    const given: Preprocessing = {
      ...how,
      resize: { height: 8, width: 8, mode: 'stretch' },
      crop: { height: 6, width: 6 },
      mean,
    };
    const photo = noiseImage(9, 9, 1);
    expect(() => preprocess([photo], given, { names: 'a.png' })).toThrow(
      'a.png: the mean image is 5×5, the resized photo 8×8, its crop 6×6',
    );
    const resized = preprocess([photo], { ...given, mean: resizeMean(mean, 8, 8) });
    expect(resized.data).toEqual(preprocess([photo], { ...given, mean: [3] }).data);
  });

  test('photos of different sizes, no photos, numbers that do not fit', () => {
    const two = [noiseImage(3, 4, 1), noiseImage(4, 4, 1)];
    expect(() => preprocess(two, how, { names: ['a', 'b'] })).toThrow('b: its input is 4×4');
    expect(() => preprocess([], how)).toThrow('no photos');
    expect(() => preprocess([two[0]], { ...how, mean: [1, 2] })).toThrow('2 values for 3 channels');
    expect(() => preprocess([two[0]], { ...how, std: [0] })).toThrow('zero');
    expect(() => preprocess([two[0]], { ...how, mean: float32([1, 3, 4], new Float32Array(12)) })).toThrow(
      'it has 1 channels',
    );
  });
});

describeShared('the reference inputs', () => {
  test.each([
    ['googlenet_cat', 224],
    ['squeezenet_cat', 227],
  ])('%s/input.npy is reproduced to the bit from the JPEG', async (net, side) => {
    const cat = await decodeFile(shared('models/cat.jpg'));
    const input = preprocess([cat], {
      resize: { height: 256, width: 256, mode: 'stretch' },
      crop: { height: side, width: side },
      channels: 'bgr',
      mean: [104, 117, 123],
    });
    const expected = readNpy(readFileSync(shared(`reference/${net}/input.npy`)), net);
    expect(input.shape).toEqual(expected.shape);
    expect(Buffer.compare(Buffer.from(input.data.buffer), Buffer.from(expected.data.buffer))).toBe(0);
  });
});
