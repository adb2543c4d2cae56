import { fail } from '../common/error.ts';
import { shapeText } from '../common/format.ts';
import type { Graph, Tensor, ValueInfo } from '../graph/index.ts';

/** The input of a graph that photos go into. Errors: it has none, or not one of float32 N×C×H×W. */
export function imageInput(graph: Graph, name: string): ValueInfo {
  const [input] = graph.inputs;
  if (!input) return fail(name, 'the model has no input');
  if (input.type !== 'float32' || input.shape.length !== 4) {
    fail(name, `its input '${input.name}' is ${input.type} [${input.shape}], not photos N×C×H×W`);
  }
  return input;
}

/** Holds a tensor against the shape that an input declares. */
export function checkShape(name: string, { shape }: Tensor, input: ValueInfo): void {
  const fits =
    shape.length === input.shape.length &&
    shape.every((n, axis) => n > 0 && (typeof input.shape[axis] === 'string' || input.shape[axis] === n));
  if (!fits) fail(name, `its shape is ${shapeText(shape)}, the model's input ${shapeText(input.shape)}`);
}
