import { fail } from '../../common/error.ts';
import type { Shape } from '../../graph/index.ts';

/** An axis counted from 0; negative ones count from the end, as Caffe counts them. Errors: no such axis. */
export function blobAxis(where: string, axis: number, rank: number, name = 'axis'): number {
  if (axis < -rank || axis >= rank) fail(where, `${name} ${axis} is not one of ${rank} axes`);
  return axis < 0 ? axis + rank : axis;
}

/**
 * The fixed dimensions of a shape from `axis` on, `count` of them (−1: all). Errors: the batch among them, which is
 * free, or more than there are.
 */
export function fixedDims(where: string, shape: Shape, axis: number, count = -1): number[] {
  const end = count === -1 ? shape.length : axis + count;
  if (count < -1 || end > shape.length) {
    fail(
      where,
      `num_axes ${count} from axis ${axis} on reaches beyond the ${shape.length} axes of its bottom`,
    );
  }
  return shape.slice(axis, end).map((dim) => {
    return typeof dim === 'number'
      ? dim
      : fail(where, 'its weights would depend on the number of images', 'start at axis 1 or later');
  });
}
