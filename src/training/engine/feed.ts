import type { TrainingNet } from '../../caffe/training/net.ts';
import { fixBatch, float32, type ValueInfo } from '../../graph/index.ts';
import type { Tensors } from '../../runtime/index.ts';
import { checkInputs } from '../../runtime/inputs.ts';
import type { Batch } from '../batch.ts';
import { checkLabels } from '../diagnosis/labels.ts';
import { normaliserOf } from './normaliser.ts';
import { batchSizeOf, cut, imagesOf } from './parts.ts';

/** Makes of a batch what each part of a net is fed with. */
export type Feed = (batch: Batch, parts: number) => Tensors[];

/**
 * The feed of a net: checked batches, cut into parts, with the normalisers of the batch as a whole.
 * Errors: inputs that are missing, unknown, or of another type or shape; labels out of range.
 */
export function feedOf(net: TrainingNet): Feed {
  const images = batchSizeOf(net);
  const wanted = new Set(
    net.data.flatMap(({ data, label }) => (label === undefined ? [data] : [data, label])),
  );
  const declared: readonly ValueInfo[] = fixBatch(net.graph, images).inputs.filter(({ name }) =>
    wanted.has(name),
  );
  return (batch, parts) => {
    checkInputs(net.name, declared, batch);
    checkLabels(net, batch);
    const normalisers = net.normalisers.map(
      (normaliser) => [normaliser.name, normaliserOf(normaliser, batch, images)] as const,
    );
    return Array.from({ length: parts }, (_, part) => ({
      ...cut(batch, ...imagesOf(images, part, parts)),
      ...Object.fromEntries(normalisers.map(([name, value]) => [name, float32([], [value])])),
    }));
  };
}
