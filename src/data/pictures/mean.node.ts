import { availableParallelism } from 'node:os';
import { LimnError } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Dataset, Sample } from '../dataset.ts';
import { addToMean, finishMean, startMean } from './mean.ts';
import { contentPlanes, type Extent } from './pictures.node.ts';

export interface MeanOptions {
  readonly resize?: Extent | undefined;
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
  options: MeanOptions = {},
): Promise<{ mean: Tensor<'float32'>; count: number; skipped: LimnError[] }> {
  const sum = startMean();
  const skipped: LimnError[] = [];
  let done = 0;
  const one = async (sample: Sample) => {
    const name = `${dataset.name}, ${sample.name}`;
    try {
      return { name, planes: await contentPlanes(await sample.content(), name, options.resize) };
    } catch (error) {
      if (options.skipBad && error instanceof LimnError) return error;
      throw error;
    }
  };
  for await (const result of ordered(dataset.samples(), one, 2 * availableParallelism())) {
    if (result instanceof LimnError) skipped.push(result);
    else addToMean(sum, result.planes, result.name);
    done++;
    options.progress?.(done, dataset.size);
  }
  return { mean: finishMean(sum, dataset.name), count: sum.count, skipped };
}
