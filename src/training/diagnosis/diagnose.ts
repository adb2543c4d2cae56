import type { Mask, TrainingNet } from '../../caffe/training/net.ts';
import { fail, type LimnError } from '../../common/error.ts';
import { float32, size, type Tensor } from '../../graph/index.ts';
import type { Runtime, SessionOptions, Tensors } from '../../runtime/index.ts';
import type { Batch } from '../batch.ts';
import { feedOf } from '../engine/feed.ts';
import { fillMask } from '../engine/mask.ts';
import { batchSizeOf, imagesOf } from '../engine/parts.ts';
import { nonFiniteError } from './message.ts';
import { firstNonFinite } from './nonfinite.ts';

/** An iteration after which the loss or the weights are not finite, and what it computed with. */
export interface FailedIteration {
  readonly net: TrainingNet;
  /** By parameter name: before the update, or after it where that is what made them non-finite. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** The batches of the iteration: iter_size of them. */
  readonly batches: readonly Batch[];
  /** Counted from 0. */
  readonly iteration: number;
  /** In how many parts batches were computed, and the seed of the masks, as the engine had them. */
  readonly parts: number;
  readonly seed: number;
  /** What showed first: the loss, and the parameter whose gradient or new weights are not finite. */
  readonly loss: number;
  readonly bad?: string;
  /** The last snapshot, from which one can go on. */
  readonly snapshot?: string;
}

/**
 * The error that ends such a training: it computes the iteration once more, each batch in the same parts with the same
 * masks, until it finds where the first value arises that is not finite. Errors: weights or inputs that are missing.
 */
export async function diagnoseIteration(
  { net, weights, batches, iteration, parts, seed, loss, bad, snapshot }: FailedIteration,
  runtime: Runtime,
  options?: SessionOptions,
): Promise<LimnError> {
  const feed = feedOf(net);
  const images = batchSizeOf(net);
  const symptom = symptomOf(loss, bad);
  for (const [i, batch] of batches.entries()) {
    const pass = iteration * batches.length + i;
    for (const [part, inputs] of feed(batch, parts).entries()) {
      const [from, to] = imagesOf(images, part, parts);
      const masks = net.masks.map(
        (mask) => [mask.name, maskOf(net, mask, { seed, pass, from, to })] as const,
      );
      const feeds: Tensors = { ...inputs, ...Object.fromEntries(masks) };
      const found = await firstNonFinite(net, { weights, feeds }, runtime, options);
      if (found) return nonFiniteError(iteration, symptom, found, snapshot);
    }
  }
  return nonFiniteError(iteration, symptom, undefined, snapshot);
}

function symptomOf(loss: number, bad: string | undefined): string {
  if (!Number.isFinite(loss)) return `loss is ${loss}`;
  return bad === undefined
    ? 'gradients are not finite'
    : `the gradient or the new weights of '${bad}' are not finite`;
}

/** The mask of the images [from, to) of a batch. */
function maskOf(
  { graph }: TrainingNet,
  mask: Mask,
  { seed, pass, from, to }: { seed: number; pass: number; from: number; to: number },
): Tensor {
  const info =
    graph.inputs.find(({ name }) => name === mask.name) ?? fail(`mask '${mask.name}'`, 'is no input');
  const shape = [to - from, ...info.shape.slice(1).map(Number)];
  const data = new Float32Array(size(shape));
  fillMask(data, mask, seed, pass, from * size(shape.slice(1)));
  return float32(shape, data);
}
