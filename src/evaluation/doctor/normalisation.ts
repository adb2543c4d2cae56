import { float32, type Preprocessing, type Tensor } from '../../graph/index.ts';
import type { PixelStatistics } from './pixels.ts';
import type { MistakeKind, Setup, SetupVariant } from './setup.ts';

/** Of ImageNet's photos, red, green, blue: as Caffe's users subtract it, and as torchvision states it. */
const caffeMean = [123, 117, 104];
const torchMean = [123.675, 116.28, 103.53];
const torchStd = [58.395, 57.12, 57.375];

interface Numbers {
  readonly channels: Preprocessing['channels'];
  readonly mean: Preprocessing['mean'] | undefined;
  readonly scale: number | undefined;
  readonly std: readonly number[] | undefined;
}

/** Numbers that may be meant instead, before it is known whether they compute anything else. */
interface NumbersVariant extends Omit<SetupVariant, 'setup'> {
  readonly numbers: Numbers;
}

/**
 * Every other channel order, mean, scale and standard deviation that people confuse with the one that a model states,
 * and the data's own. Those that compute the same numbers are there once, and none that computes those of `setup`.
 */
export function normalisations(setup: Setup, pixels: PixelStatistics): SetupVariant[] {
  const { how } = setup;
  const found: NumbersVariant[] = [];
  const add = (kind: MistakeKind, what: string, changes: number, numbers: Partial<Numbers>) =>
    found.push({ kind, what, changes, numbers: { ...numbersOf(how), ...numbers } });
  const order = (rgb: readonly number[]) => inOrder(rgb, how.channels);

  if (how.channels !== 'gray') {
    const channels = how.channels === 'rgb' ? 'bgr' : 'rgb';
    const wrong = `the network takes ${channels}, but is fed ${how.channels}`;
    add('channels', wrong, 1, { channels });
    const reversed = { mean: how.mean && reverse(how.mean), std: how.std && [...how.std].reverse() };
    add('mean', `mean and std are in the order ${channels}, the network takes ${how.channels}`, 1, reversed);
    add('channels', `${wrong}; mean and std, too, are in that order`, 2, { channels, ...reversed });
  }

  const stated = how.mean === undefined ? 'no mean is subtracted' : `the mean is not this network's`;
  const means: readonly (readonly [string, readonly number[] | undefined])[] = [
    ["that of the data's photos fits", order(pixels.mean)],
    ["ImageNet's fits", order(caffeMean)],
    ['half the range, 127.5, fits', order([127.5, 127.5, 127.5])],
    ['it takes pixels without one', undefined],
  ];
  for (const [fits, mean] of means) add('mean', `${stated}: ${fits}`, 1, { mean });

  const scale = how.scale ?? 1;
  const scales = [scale / 255, scale * 255, 1 / 255, 1 / 127.5, 1].filter((each) => each !== scale);
  for (const each of scales) {
    add('scale', `pixels are times ${brief(scale)}; the network takes them times ${brief(each)}`, 1, {
      scale: each,
    });
  }

  const was = how.std ? `the std is not this network's` : 'pixels are not divided by a std';
  add('std', `${was}: ImageNet's fits`, 1, { std: order(torchStd) });
  add('std', `${was}: that of the data's photos fits`, 1, { std: order(pixels.std) });
  add('std', `${was}: it takes pixels undivided`, 1, { std: undefined });

  const conventions: readonly (readonly [string, Partial<Numbers>])[] = [
    ["torchvision's mean and std", { mean: order(torchMean), std: order(torchStd) }],
    ['pixels from 0 to 1', { scale: 1 / 255 }],
    ['pixels from −1 to 1', { mean: order([127.5, 127.5, 127.5]), scale: 1 / 127.5 }],
    ['pixels from 0 to 255', {}],
    ["minus Caffe's mean of ImageNet", { mean: order(caffeMean) }],
    ["minus the data's mean", { mean: order(pixels.mean) }],
    ["minus the data's mean, from 0 to 1", { mean: order(pixels.mean), scale: 1 / 255 }],
    ["standardised by the data's mean and std", { mean: order(pixels.mean), std: order(pixels.std) }],
  ];
  for (const [name, numbers] of conventions) {
    const all = { mean: undefined, scale: undefined, std: undefined, ...numbers };
    add('normalisation', `the network takes ${name}`, 2, all);
  }

  return distinctSetups(setup, found);
}

/** The setups with these numbers, each once, and none that is as `setup`. */
function distinctSetups(setup: Setup, found: readonly NumbersVariant[]): SetupVariant[] {
  const { how } = setup;
  const seen = new Set([keyOf(how)]);
  return found.flatMap(({ numbers, ...rest }) => {
    const { mean: _m, scale: _s, std: _d, ...others } = how;
    const next = { ...others, ...defined(numbers) } as Preprocessing;
    const key = keyOf(next);
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ ...rest, setup: { ...setup, how: next } }];
  });
}

/** Numbers for red, green and blue in a network's order; for grey, their mean. */
export function inOrder(rgb: readonly number[], channels: Preprocessing['channels']): number[] {
  if (channels === 'gray') return [rgb.reduce((sum, value) => sum + value, 0) / 3];
  return channels === 'rgb' ? [...rgb] : [...rgb].reverse();
}

const numbersOf = ({ channels, mean, scale, std }: Preprocessing): Numbers => ({
  channels,
  mean,
  scale,
  std,
});

const defined = (numbers: Numbers) =>
  Object.fromEntries(
    Object.entries(numbers).filter(
      ([key, value]) => value !== undefined && !(key === 'scale' && value === 1),
    ),
  );

function reverse(mean: NonNullable<Preprocessing['mean']>): readonly number[] | Tensor<'float32'> {
  if (!('data' in mean)) return [...mean].reverse();
  const [channels, height, width] = mean.shape;
  const plane = height * width;
  const data = new Float32Array(mean.data.length);
  for (let c = 0; c < channels; c++) {
    data.set(mean.data.subarray(c * plane, (c + 1) * plane), (channels - 1 - c) * plane);
  }
  return float32(mean.shape, data);
}

/** Equal for preparations that compute the same numbers. */
function keyOf({ channels, mean, scale = 1, std }: Preprocessing): string {
  const count = channels === 'gray' ? 1 : 3;
  const factors = Array.from({ length: count }, (_, c) => scale / (std?.[c] ?? 1));
  const subtracted =
    mean && 'data' in mean ? `image ${checksum(mean.data)}` : (mean ?? factors.map(() => 0)).map(brief);
  return JSON.stringify([channels, subtracted, factors.map(brief)]);
}

/** Tells an image from the one with its planes reversed. */
const checksum = (data: Float32Array): number => data.reduce((sum, value, i) => sum + value * (i + 1), 0);

const brief = (x: number): string => String(Number(x.toPrecision(4)));
