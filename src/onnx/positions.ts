import { addDims, type Dim, multiplyDims, productOf } from '../graph/dim.ts';
import type { Node, Shape } from '../graph/graph.ts';
import { countOf } from '../graph/stored.ts';
import { numbers, type Tensor } from '../graph/tensor.ts';
import type { Growing } from '../operators/index.ts';

/**
 * An array of positions, perhaps as long as the batch: start + Σ step·index over the axes. Exporters write views of a
 * tensor's memory (`as_strided`) as a Gather by such arrays.
 */
export interface Positions {
  readonly shape: Shape;
  readonly steps: readonly Dim[];
  readonly start: Dim;
}

/** What a node makes of such arrays and constants; undefined where that is none. */
export function positionsOf(
  { op, inputs }: Node,
  output: Shape,
  known: Pick<Growing, 'constants' | 'elements' | 'shapes'>,
  found: ReadonlyMap<string, Positions>,
): Positions | undefined {
  const [first = '', second = ''] = inputs;
  const elementOf = (value: string): Dim | undefined => {
    const constant = known.constants.get(value);
    if (constant) return countOf(constant) === 1 ? numbers(constant)[0] : undefined;
    return known.elements.get(value)?.data[0];
  };
  const arrayOf = (value: string): Positions | undefined => {
    const constant = known.constants.get(value);
    return found.get(value) ?? (constant && ofConstant(constant));
  };
  const x = arrayOf(first);
  switch (op) {
    case 'Range': {
      const [start, step] = [elementOf(first), elementOf(inputs[2] ?? '')];
      return start === undefined || step === undefined ? undefined : { shape: output, steps: [step], start };
    }
    case 'Mul': {
      const [array, factor] = found.has(first) ? [x, elementOf(second)] : [arrayOf(second), elementOf(first)];
      if (!array || factor === undefined) return undefined;
      const by = (n: Dim) => multiplyDims(n, factor);
      return { ...array, steps: array.steps.map(by), start: by(array.start) };
    }
    case 'Add': {
      const y = arrayOf(second);
      return x && y && added(x, y, output);
    }
    case 'Unsqueeze':
    case 'Squeeze':
    case 'Reshape':
      return x && withOnes(x, output);
    case 'Cast':
    case 'Identity':
      return x;
    default:
      return undefined;
  }
}

/** Whether an array counts all positions of its own shape in order: a Gather by it changes the shape only. */
export function countsInOrder({ shape, steps, start }: Positions): boolean {
  return (
    start === 0 && shape.every((dim, axis) => dim === 1 || steps[axis] === productOf(shape.slice(axis + 1)))
  );
}

function ofConstant(tensor: Tensor): Positions | undefined {
  const { shape } = tensor;
  const values = numbers(tensor);
  if (values.length === 0 || !values.every(Number.isInteger)) return undefined;
  const inner = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const [start] = values as [number];
  const steps = shape.map((n, axis) => (n === 1 ? 0 : values[inner[axis]] - start));
  const fits = values.every(
    (value, i) =>
      value ===
      steps.reduce((sum, step, axis) => sum + step * (Math.floor(i / inner[axis]) % shape[axis]), start),
  );
  return fits ? { shape, steps, start } : undefined;
}

function added(x: Positions, y: Positions, shape: Shape): Positions {
  const stepsIn = (array: Positions): Dim[] =>
    shape.map((_, axis) => {
      const own = axis - shape.length + array.shape.length;
      return own < 0 || array.shape[own] === 1 ? 0 : array.steps[own];
    });
  const other = stepsIn(y);
  return {
    shape,
    steps: stepsIn(x).map((step, axis) => addDims(step, other[axis])),
    start: addDims(x.start, y.start),
  };
}

/** The array with other axes of length 1; undefined if others change, too. */
function withOnes(x: Positions, shape: Shape): Positions | undefined {
  const long = (dims: Shape) => dims.filter((dim) => dim !== 1);
  if (long(x.shape).join() !== long(shape).join()) return undefined;
  const steps = x.steps.filter((_, axis) => x.shape[axis] !== 1);
  return { shape, steps: shape.map((dim) => (dim === 1 ? 0 : steps.shift()!)), start: x.start };
}
