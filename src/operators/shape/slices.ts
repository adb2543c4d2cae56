import type { Site } from '../site.ts';
import { type Elements, numbersOf, stridesOf } from '../value.ts';

/** Slices of an array that indices along its first axes name. */
export interface NamedSlices {
  readonly shape: readonly number[];
  /** Elements of each. */
  readonly length: number;
  /** The place of each one's first element, in the order of the indices. */
  readonly starts: readonly number[];
}

/**
 * The slices that indices name, as ONNX's GatherND and ScatterND do; undefined where some index is not known. Errors: one that
 * does not exist.
 */
export function namedSlices(site: Site, x: Elements, indices: Elements): NamedSlices | undefined {
  const at = numbersOf(indices);
  if (!at) return undefined;
  const depth = indices.shape.at(-1) ?? 0;
  if (depth > x.shape.length) site.fail(`indices of ${depth} axes for a tensor that has ${x.shape.length}`);
  const strides = stridesOf(x.shape);
  const shape = x.shape.slice(depth);
  const starts: number[] = [];
  for (let i = 0; i * depth < at.length; i++) {
    let start = 0;
    for (let axis = 0; axis < depth; axis++) {
      const index = at[i * depth + axis];
      const length = x.shape[axis];
      if (index < -length || index >= length)
        site.fail(`index ${index} does not exist on axis ${axis}, which has ${length}`);
      start += (index < 0 ? index + length : index) * strides[axis];
    }
    starts.push(start);
  }
  return { shape, length: shape.reduce((product, n) => product * n, 1), starts };
}
