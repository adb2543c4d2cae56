import type { DataTop, TrainingNet } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import { numbers } from '../../graph/index.ts';
import type { Batch } from '../batch.ts';

/**
 * Refuses labels that a network has no class for, before it sees them. `where` says which picture of a data layer's
 * batch it is, counted from 0: the file or the record, if that is known. Errors: the first such label, and the layer
 * that has no class for it.
 */
export function checkLabels(
  net: Pick<TrainingNet, 'data' | 'ranges'>,
  batch: Batch,
  where: (top: DataTop, image: number) => string = (top, image) =>
    `${top.where}: image ${image} of the batch`,
): void {
  for (const { label, classes, ignored, layer } of net.ranges) {
    const top = net.data.find((data) => data.label === label);
    const tensor = batch[label];
    if (!top || !tensor) continue;
    const labels = numbers(tensor);
    const at = labels.findIndex(
      (value) => value !== ignored && !(Number.isInteger(value) && value >= 0 && value < classes),
    );
    if (at < 0) continue;
    const image = Math.floor((at * tensor.shape[0]) / labels.length);
    fail(
      where(top, image),
      `the label ${labels[at]} is none of the ${classes} classes of layer '${layer}'`,
      classes === 1 ? 'labels can only be 0' : `labels go from 0 to ${classes - 1}`,
    );
  }
}
