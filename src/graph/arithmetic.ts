import { float32, type Tensor } from './tensor.ts';

const unary: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Neg: (x) => -x,
  Relu: (x) => Math.max(x, 0),
  Sqrt: Math.sqrt,
};

const binary: Readonly<Record<string, (x: number, y: number) => number>> = {
  Add: (x, y) => x + y,
  Div: (x, y) => x / y,
  Max: Math.max,
  Min: Math.min,
  Mul: (x, y) => x * y,
  Sub: (x, y) => x - y,
};

/** Above this many elements arithmetic is left to ONNX Runtime, which does it when it loads the graph. */
const most = 4096;

/**
 * What an operation makes of small float32 constants of equal shapes, or one and a scalar, rounded as ONNX Runtime
 * rounds. Undefined where it cannot be said: other operations, shapes and types.
 */
export function computeSmall(
  op: string,
  inputs: readonly (Tensor | undefined)[],
): Tensor<'float32'> | undefined {
  if (inputs.some((t) => t?.type !== 'float32' || t.data.length > most)) return undefined;
  const [x, y, ...more] = inputs as Tensor<'float32'>[];
  if (x && !y && Object.hasOwn(unary, op)) return float32(x.shape, x.data.map(unary[op]));
  if (!x || !y || more.length > 0 || !Object.hasOwn(binary, op)) return undefined;
  const of = binary[op];
  if (y.shape.length === 0)
    return float32(
      x.shape,
      x.data.map((value) => of(value, y.data[0])),
    );
  if (x.shape.length === 0)
    return float32(
      y.shape,
      y.data.map((value) => of(x.data[0], value)),
    );
  return x.shape.join() === y.shape.join()
    ? float32(
        x.shape,
        x.data.map((value, i) => of(value, y.data[i])),
      )
    : undefined;
}
