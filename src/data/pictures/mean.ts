import { fail, LimnError } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import { field, words } from '../../common/words.ts';
import { type Extent, float32, type Tensor } from '../../graph/index.ts';
import { type Image, image } from '../../image/index.ts';
import type { Dataset, Sample } from '../dataset.ts';
import type { Decode, Planes } from './content.ts';
import { contentPlanes, PICTURES_AHEAD } from './pictures.ts';

/** A mean image that is being summed up. */
export interface MeanSum {
  count: number;
  /** Of the first picture; all others must have them. */
  shape?: readonly [channels: number, height: number, width: number];
  /**
   * Caffe's `compute_image_mean` adds up in float32, which is exact as long as sums are below 2²⁴: 65,793 pictures at
   * least. Float64 gives the same bits there, and the exact sum beyond.
   */
  sum: Float64Array;
}

/** The sum of no pictures. */
export const startMean = (): MeanSum => ({ count: 0, sum: new Float64Array(0) });

/** Adds a picture. Errors: it has another size than the first. */
export function addToMean(mean: MeanSum, { channels, height, width, data }: Planes, name: string): void {
  if (!mean.shape) {
    mean.shape = [channels, height, width];
    mean.sum = new Float64Array(data.length);
  }
  const [c, h, w] = mean.shape;
  if (c !== channels || h !== height || w !== width) {
    fail(
      name,
      `${channels}×${height}×${width} where the pictures before it are ${c}×${h}×${w}`,
      words`give ${field('resize')}, one size for all`,
    );
  }
  const { sum } = mean;
  for (let i = 0; i < data.length; i++) sum[i] += data[i];
  mean.count++;
}

/** The mean, float32 C×H×W, correctly rounded as Caffe's division is. Errors: nothing was added. */
export function finishMean({ count, shape, sum }: MeanSum, name: string): Tensor<'float32'> {
  if (!shape) return fail(name, 'there are no pictures to average');
  return float32(
    [...shape],
    Float32Array.from(sum, (value) => value / count),
  );
}

/** How pictures are averaged. */
export interface MeanOptions {
  /** The size of all pictures, as Caffe resizes them; their own unless given. */
  readonly resize?: Extent | undefined;
  /** Averages what pictures are in grey, as `compute_image_mean` over a database of `convert_imageset --gray`. */
  readonly gray?: boolean | undefined;
  /** Go on after a picture that cannot be read; the result names it. */
  readonly skipBad?: boolean | undefined;
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

/**
 * The per-pixel mean over a data set, float32 C×H×W in the order blue, green, red, as Caffe's `compute_image_mean`
 * over its database. Errors: pictures of several sizes; a picture that cannot be read, unless it is to be skipped.
 */
export async function datasetMean(
  dataset: Dataset,
  decode: Decode,
  { resize, gray, skipBad = false, progress }: MeanOptions = {},
): Promise<{ mean: Tensor<'float32'>; count: number; skipped: LimnError[] }> {
  const sum = startMean();
  const skipped: LimnError[] = [];
  let done = 0;
  const one = async (sample: Sample) => {
    const name = `${dataset.name}, ${sample.name}`;
    try {
      return {
        name,
        planes: await contentPlanes(await sample.content(), name, decode, { size: resize, gray }),
      };
    } catch (error) {
      if (skipBad && error instanceof LimnError) return error;
      throw error;
    }
  };
  for await (const result of ordered(dataset.samples(), one, PICTURES_AHEAD)) {
    if (result instanceof LimnError) skipped.push(result);
    else addToMean(sum, result.planes, result.name);
    done++;
    progress?.(done, dataset.size);
  }
  return { mean: finishMean(sum, dataset.name), count: sum.count, skipped };
}

/** The mean of each channel. */
export function channelMeans({ shape, data }: Tensor<'float32'>): number[] {
  const [channels, height, width] = shape as [number, number, number];
  const plane = height * width;
  return Array.from(
    { length: channels },
    (_, c) => data.subarray(c * plane, (c + 1) * plane).reduce((sum, value) => sum + value, 0) / plane,
  );
}

/** A mean image C×H×W of one or three (blue, green, red) channels as a picture. */
export function meanPicture({ shape, data }: Tensor<'float32'>, name: string): Image {
  const [channels, height, width] = shape as [number, number, number];
  if (channels !== 1 && channels !== 3) fail(name, `${channels} channels are no picture`);
  const plane = height * width;
  const out = image(width, height);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) {
      out.data[3 * i + c] = Math.round(
        Math.min(Math.max(data[channels === 3 ? (2 - c) * plane + i : i], 0), 255),
      );
    }
  }
  return out;
}
