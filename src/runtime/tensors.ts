import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common';
import { fail } from '../common/error.ts';
import type { DataType, Tensor } from '../graph/index.ts';
import type { Tensors } from './session.ts';

const types: ReadonlySet<string> = new Set<DataType>([
  'float32',
  'float64',
  'int32',
  'int64',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'bool',
]);

/** Tensors as ONNX Runtime takes them: around the same memory, but for shared memory, which it refuses. */
export function toOrt(Ort: TensorConstructor, tensors: Tensors): Record<string, OrtTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, shape, data }]) => {
      const own = data.buffer instanceof ArrayBuffer ? data : data.slice();
      // The constructor's overloads tie each type to its array, as our tensors do already.
      return [name, new Ort(type as 'float32', own as Float32Array, shape)];
    }),
  );
}

/** ONNX Runtime's outputs as tensors around the same memory. */
export function fromOrt(outputs: InferenceSession.ReturnType): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      const { type, dims, data } = value;
      if (!types.has(type))
        fail(`output '${name}'`, `is of type ${type}`, `cast it to one of ${[...types].join(', ')}`);
      return [name, { type, shape: dims, data } as Tensor];
    }),
  );
}

/** The same tensor in memory of its own, no larger than it needs. */
export function copyOf(tensor: Tensor): Tensor {
  // A Buffer's slice would be a view of memory that it shares.
  const data = tensor.data instanceof Uint8Array ? new Uint8Array(tensor.data) : tensor.data.slice();
  return { ...tensor, data } as Tensor;
}

/** The memory of tensors that each own theirs: to hand it to another thread without a copy. */
export const buffersOf = (tensors: Tensors): ArrayBuffer[] =>
  Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer);
