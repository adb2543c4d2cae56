import type { LabelRange } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import type { Batch } from '../batch.ts';

/** Errors: a label that is none of a layer's classes. */
export function checkLabels(ranges: readonly LabelRange[], batch: Batch): void {
  for (const { label, classes, ignored, layer } of ranges) {
    const labels = batch[label];
    if (!labels) continue;
    labels.data.forEach((given: number | bigint, i: number) => {
      const value = Number(given);
      if (value === ignored || (Number.isInteger(value) && value >= 0 && value < classes)) return;
      fail(
        `layer '${layer}'`,
        `label ${given} of image ${Math.floor(i / (labels.data.length / labels.shape[0]))} in the batch ('${label}') is out of range`,
        `it takes labels from 0 to ${classes - 1}`,
      );
    });
  }
}
