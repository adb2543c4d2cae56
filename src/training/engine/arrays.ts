import type { MovingSum } from '../../caffe/training/net.ts';
import { float32, type Tensor } from '../../graph/index.ts';
import type { Tensors } from '../../runtime/session.ts';
import { type Layout, type Placed, pieces } from './layout.ts';
import type { Assignment } from './order.ts';

/** The arrays that one thread computes on: float32, in the layout's order. */
export interface ThreadArrays {
  readonly layout: Layout;
  /** The weights, and what the update rule keeps; all threads share them. */
  readonly master: Float32Array;
  readonly histories: readonly Float32Array[];
  /** The thread's own weights, as they were after the last update. */
  readonly weights: Float32Array;
  /** Of one pass. */
  readonly gradient: Float32Array;
  /** The gradient's sum over the passes of an iteration; the same array where there is only one. */
  readonly total: Float32Array;
  /** By the parameter's name: pieces of `master` and `weights`, and its shape. */
  readonly masterByName: ReadonlyMap<string, Float32Array>;
  readonly byName: ReadonlyMap<string, Float32Array>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/**
 * ONNX Runtime takes no shared memory, so each thread keeps the weights and its gradient in arrays of its own, which the
 * graph reads and writes in place, and takes the weights over after each update.
 */
export function threadArrays({ layout, iterSize, ...shared }: Assignment): ThreadArrays {
  const master = new Float32Array(shared.weights);
  const weights = new Float32Array(master);
  const gradient = new Float32Array(layout.trained);
  return {
    layout,
    master,
    histories: shared.histories.map((buffer) => new Float32Array(buffer)),
    weights,
    gradient,
    total: iterSize > 1 ? new Float32Array(layout.trained) : gradient,
    masterByName: pieces(layout, master),
    byName: pieces(layout, weights),
    shapes: new Map(layout.parameters.map(({ name, shape }) => [name, shape])),
  };
}

/** The parameters among the inputs of a graph, around the thread's own weights. */
export const parameterInputs = (
  { byName, shapes }: ThreadArrays,
  inputs: readonly { readonly name: string }[],
): Record<string, Tensor> =>
  Object.fromEntries(
    inputs.flatMap(({ name }) => {
      const data = byName.get(name);
      return data ? [[name, float32(shapes.get(name)!, data)]] : [];
    }),
  );

/** The gradients among the outputs of a graph, around the thread's own gradient. */
export function gradientOutputs(
  { layout, gradient }: ThreadArrays,
  outputs: readonly { readonly name: string }[],
): Record<string, Tensor> {
  const made = new Set(outputs.map(({ name }) => name));
  const named = ({ name, shape, from, to }: Placed) =>
    [`gradient:${name}`, float32(shape, gradient.subarray(from, to))] as const;
  const trained = layout.parameters.filter(({ to }) => to <= layout.trained);
  return Object.fromEntries(trained.map(named).filter(([name]) => made.has(name)));
}

/** Adds the gradient of a pass to that of those before it; the first, not `further`, begins anew. */
export function addPass({ total, gradient }: ThreadArrays, further: boolean): void {
  if (total === gradient) return;
  if (!further) total.set(gradient);
  else for (let i = 0; i < gradient.length; i++) total[i] += gradient[i];
}

/** BatchNorm's statistics, which the forward pass moves; what is not finite would spoil them for good. */
export function moveSums(
  { masterByName, byName }: ThreadArrays,
  moving: readonly MovingSum[],
  outputs: Tensors,
): void {
  for (const { parameter, output, fraction } of moving) {
    const added = outputs[output].data as Float32Array;
    if (!added.every(Number.isFinite)) continue;
    const kept = masterByName.get(parameter)!;
    added.forEach((value, i) => {
      kept[i] = kept[i] * fraction + value;
    });
    byName.get(parameter)!.set(kept);
  }
}
