import { fillNormal, fillUniform, nameHash } from '../common/random.ts';
import { imputer } from './imputation.ts';

/**
 * What stands where pixels are taken away.
 * - `mean`: the mean of the photo's channel.
 * - `zero`: 0, the mean image where preprocessing subtracts it.
 * - `blur`: the photo, blurred by a Gaussian whose standard deviation is a 20th of its shorter side (Petsiuk et al. 2018).
 * - `noise`: uniform numbers between the least and the largest of the photo's channel, the same for one seed (Samek et al. 2017).
 * - `imputation`: noisy linear imputation from what is left around it (Rong et al. 2022): see {@link imputer}.
 */
export const replacements = ['mean', 'zero', 'blur', 'noise', 'imputation'] as const;

/** What stands in the place of pixels that are taken away. */
export type Replacement = (typeof replacements)[number];

/** A photo as the network takes it, C×H×W. */
export interface NetworkPhoto {
  readonly data: Float32Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Its number in the data: with the seed, its random numbers follow from this alone. */
  readonly index: number;
}

/** Writes the photo without the pixels of a mask (1: taken away), C×H×W. */
export type Fill = (removed: Uint8Array, out: Float32Array) => void;

/**
 * Makes a replacement ready for a photo. The result may be called with masks in any order; where each mask holds the one
 * before, imputation goes on from what it found.
 */
export function fillBy(photo: NetworkPhoto, replacement: Replacement, seed: number): () => Fill {
  if (replacement === 'imputation') return () => imputing(photo, seed);
  const other = replaced(photo, replacement, seed);
  const plane = photo.height * photo.width;
  const fill: Fill = (removed, out) => {
    out.set(photo.data);
    for (let c = 0, i = 0; c < photo.channels; c++)
      for (let p = 0; p < plane; p++, i++) if (removed[p]) out[i] = other[i];
  };
  return () => fill;
}

/** What a photo becomes where all of it is taken away. */
export function replaced(
  photo: NetworkPhoto,
  replacement: Exclude<Replacement, 'imputation'>,
  seed: number,
): Float32Array {
  const { data, channels, height, width } = photo;
  const plane = height * width;
  const out = new Float32Array(data.length);
  if (replacement === 'zero') return out;
  if (replacement === 'noise') fillUniform(out, seed, nameHash(`noise ${photo.index}`), 0, 1);
  for (let c = 0; c < channels; c++) {
    const channel = data.subarray(c * plane, (c + 1) * plane);
    const target = out.subarray(c * plane, (c + 1) * plane);
    if (replacement === 'mean') target.fill(meanOf(channel));
    else if (replacement === 'blur')
      target.set(blurred(channel, height, width, Math.min(height, width) / 20));
    else {
      const [low, high] = extremes(channel);
      for (let i = 0; i < plane; i++) target[i] = low + (high - low) * target[i];
    }
  }
  return out;
}

/** How far imputation's noise goes: so much of the standard deviation of the photo's channel. */
const NOISE = 0.01;

function imputing(photo: NetworkPhoto, seed: number): Fill {
  const { data, channels, height, width } = photo;
  const plane = height * width;
  const noise = new Float32Array(data.length);
  fillNormal(noise, seed, nameHash(`imputation ${photo.index}`));
  const channelsOf = (all: Float32Array) =>
    Array.from({ length: channels }, (_, c) => all.subarray(c * plane, (c + 1) * plane));
  const deviations = channelsOf(data).map(deviationOf);
  const impute = imputer(channelsOf(data), height, width);
  return (removed, out) => {
    impute(removed).forEach((channel, c) => {
      for (let p = 0, i = c * plane; p < plane; p++, i++)
        out[i] = removed[p] ? channel[p] + NOISE * deviations[c] * noise[i] : data[i];
    });
  };
}

const meanOf = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function deviationOf(values: Float32Array): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** The least and the largest of some numbers. */
export const extremes = (values: Float32Array): [low: number, high: number] =>
  values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );

/** A channel under a Gaussian of standard deviation `sigma` pixels, cut off at 3 σ; pixels at the border go on beyond it. */
export function blurred(
  channel: ArrayLike<number>,
  height: number,
  width: number,
  sigma: number,
): Float64Array {
  const radius = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  const along = (source: ArrayLike<number>, length: number, step: number, first: (i: number) => number) => {
    const out = new Float64Array(height * width);
    for (let line = 0; line < (height * width) / length; line++) {
      const start = first(line);
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let k = -radius; k <= radius; k++)
          sum += kernel[k + radius] * source[start + step * Math.min(length - 1, Math.max(0, i + k))];
        out[start + step * i] = sum / total;
      }
    }
    return out;
  };
  const rows = along(channel, width, 1, (row) => row * width);
  return along(rows, height, width, (column) => column);
}
