import { float32, type Tensor } from '../graph/index.ts';

/** The tensor with its axes in the order `order`: TensorFlow's height, width, in, out to ONNX's out, in, height, width. */
export function reordered(given: Tensor<'float32'>, order: readonly number[]): Tensor<'float32'> {
  const shape = order.map((axis) => given.shape[axis]);
  const strides = order.map((axis) => given.shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const data = new Float32Array(given.data.length);
  let written = 0;
  // Along the last axis in a loop of its own: weights have millions of values.
  const copy = (axis: number, from: number): void => {
    const [length, stride] = [shape[axis], strides[axis]];
    if (axis < shape.length - 1) for (let i = 0; i < length; i++) copy(axis + 1, from + i * stride);
    else for (let i = 0; i < length; i++) data[written++] = given.data[from + i * stride];
  };
  if (shape.length === 0) data[0] = given.data[0];
  else copy(0, 0);
  return float32(shape, data);
}
