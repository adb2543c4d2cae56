import { size, type Tensor } from '../../graph/index.ts';
import { type Exportation, reshapedTo } from './exporter.ts';

/** A constant as the blob of a Scale or Bias layer, and where it stands; what is Caffe's default is left out. */
export interface BlobPlacement {
  readonly blob: Tensor<'float32'>;
  readonly axes: { readonly axis?: number; readonly numAxes?: number };
}

/** Where a constant stands that broadcasts to `x`. Errors: one that has its dimensions here and there. */
export function placement(e: Exportation, x: string, constant: Tensor<'float32'>): BlobPlacement {
  const to = e.shape(x);
  const number = () => ({ blob: reshapedTo([], constant), axes: { numAxes: 0 } });
  // Ones in front, along the batch, say nothing.
  let dims = [...constant.shape];
  while (dims.length >= to.length && dims[0] === 1) dims = dims.slice(1);
  if (dims.length <= 1 && size(dims) === 1) return number();
  const axis = to.length - dims.length;
  let count = dims.length;
  while (count > 1 && dims[count - 1] === 1) count--;
  const own = dims.slice(0, count);
  if (axis < 1 || own.some((dim, i) => dim !== to[axis + i])) {
    if (size(constant.shape) === 1) return number();
    return e.fail(`its constant [${constant.shape}] repeats in a way that Caffe has no word for`);
  }
  return {
    blob: reshapedTo(own, constant),
    axes: { ...(axis !== 1 && { axis }), ...(count !== 1 && { numAxes: count }) },
  };
}
