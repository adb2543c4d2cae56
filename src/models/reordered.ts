import { float32, type Tensor } from '../graph/index.ts';

/** The tensor with its axes in the order `order`: TensorFlow's height, width, in, out to ONNX's out, in, height, width. */
export function reordered(given: Tensor<'float32'>, order: readonly number[]): Tensor<'float32'> {
  const shape = order.map((axis) => given.shape[axis]);
  const strides = order.map((axis) => given.shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const index = new Array<number>(shape.length).fill(0);
  const data = Float32Array.from(given.data, () => {
    const value = given.data[index.reduce((at, n, axis) => at + n * strides[axis], 0)];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] += 1;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
    return value;
  });
  return float32(shape, data);
}
