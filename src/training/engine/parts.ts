import type { TrainingNet } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Batch } from '../batch.ts';
import type { Layout } from './layout.ts';

/** The images per batch of a net's data layers. Errors: none, or layers that do not agree. */
export function batchSizeOf({ name, data }: TrainingNet): number {
  const [first, ...others] = data;
  if (!first) return fail(name, 'has no data layer', 'add one: without, there is nothing to train on');
  const odd = others.find(({ batchSize }) => batchSize !== first.batchSize);
  if (odd)
    fail(odd.where, `batch_size is ${odd.batchSize}, but ${first.batchSize} in layer '${first.layer.name}'`);
  return first.batchSize;
}

/** What may be held beside four times the weights and the activations. */
const spare = 500e6;

export interface PartsWanted {
  readonly threads: number;
  readonly iterSize: number;
  /** Arrays that the update rule keeps. */
  readonly histories: number;
}

/**
 * In how many parts, each on a thread of its own, batches of a net are computed: as many as there are threads, but one
 * where the net needs the batch as a whole, and fewer where the weights are so large that every thread's copies of them
 * and of their gradient would need more than 4 × the weights + 500 MB.
 */
export function chooseParts(
  net: TrainingNet,
  layout: Layout,
  { threads, iterSize, histories }: PartsWanted,
): number {
  if (net.wholeBatch) return 1;
  const bytes = layout.length * 4;
  const trained = layout.trained * 4;
  // Each part: the weights, their gradient, what it hands to the others, and the sum over several batches.
  const needed = (parts: number) =>
    bytes +
    histories * trained +
    parts * (bytes + trained + (iterSize > 1 ? trained : 0)) +
    (parts - 1) * trained;
  let parts = Math.min(threads, batchSizeOf(net));
  while (parts > 1 && needed(parts) > 4 * bytes + spare) parts--;
  return parts;
}

/** The images [from, to) of the `part`-th of `parts`. */
export function imagesOf(
  batchSize: number,
  part: number,
  parts: number,
): readonly [from: number, to: number] {
  return [Math.floor((batchSize * part) / parts), Math.floor((batchSize * (part + 1)) / parts)];
}

/** Some images of a batch, in memory of their own. */
export function cut(batch: Batch, from: number, to: number): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(batch).map(([name, tensor]) => {
      const each = tensor.data.length / tensor.shape[0];
      const data = tensor.data.slice(from * each, to * each);
      return [name, { ...tensor, shape: [to - from, ...tensor.shape.slice(1)], data } as Tensor];
    }),
  );
}
