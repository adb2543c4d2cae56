import { fail } from '../common/error.ts';
import { readBytes } from '../common/file.node.ts';
import { shapeText } from '../common/format.ts';
import type { Graph, Tensor, ValueInfo } from '../graph/index.ts';

/** Reads an `.npy` file. */
export async function readTensor(path: string): Promise<Tensor> {
  const { readNpy } = await import('../image/npy.ts');
  return readNpy(await readBytes(path), path);
}

/** Reads an `.npy` file of numbers as float32. Errors: whole numbers too large for it, values that are not finite. */
export async function readFloats(path: string): Promise<Tensor<'float32'>> {
  const tensor = await readTensor(path);
  const data =
    tensor.type === 'float32' ? (tensor.data as Float32Array) : Float32Array.from(tensor.data, Number);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail(path, `element ${bad} is ${data[bad]}`, 'give finite numbers');
  return { type: 'float32', shape: tensor.shape, data };
}

/** The input of a graph that photos go into. Errors: it has none, or not one of float32 N×C×H×W. */
export function imageInput(graph: Graph, path: string): ValueInfo {
  const [input] = graph.inputs;
  if (!input) return fail(path, 'the model has no input');
  if (input.type !== 'float32' || input.shape.length !== 4) {
    fail(path, `its input '${input.name}' is ${input.type} [${input.shape}], not photos N×C×H×W`);
  }
  return input;
}

/** Holds a tensor against the shape that an input declares. */
export function checkShape(path: string, tensor: Tensor, input: ValueInfo): void {
  const { shape } = tensor;
  const fits =
    shape.length === input.shape.length &&
    shape.every((n, axis) => n > 0 && (typeof input.shape[axis] === 'string' || input.shape[axis] === n));
  if (!fits) fail(path, `its shape is ${shapeText(shape)}, the model's input ${shapeText(input.shape)}`);
}
