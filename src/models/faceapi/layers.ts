import { fail } from '../../common/error.ts';
import { type Attributes, float32, type GraphBuilder, type Tensor } from '../../graph/index.ts';
import { reordered } from '../reordered.ts';

/** Weights by the names in face-api's manifests. */
export type FaceApiWeights = ReadonlyMap<string, Tensor<'float32'>>;

/** What TensorFlow calls "same" for a kernel of 3 with stride 2 on an even size: one more row and column, at the end. */
export const atTheEnd = [0, 0, 1, 1];

/** One on each side: "same" for a kernel of 3 with stride 1. */
export const aroundIt = [1, 1, 1, 1];

/** A kernel out×in×h×w and its bias, in ONNX's order. */
export interface Kernel {
  readonly weight: Tensor<'float32'>;
  readonly bias?: Tensor<'float32'> | undefined;
}

/** The layers that face-api's networks are made of, added to a graph under names of the caller's choice. */
export interface Layers {
  /** A file's weights as they are there. Errors: they are missing or of another shape. */
  take(name: string, shape: readonly number[]): Tensor<'float32'>;
  /** A kernel h×w×in×out of the file as ONNX has it. */
  kernel(name: string, shape: readonly [number, number, number, number]): Tensor<'float32'>;
  convolution(name: string, x: string, kernel: Kernel, attributes?: Attributes): string;
  /** A depthwise 3×3 and a pointwise convolution, `PATH/{depthwise_filter,pointwise_filter,bias}`. */
  separable(name: string, x: string, path: string, channels: Channels, attributes?: Attributes): string;
  /** `PATH/{weights,bias}` on flat rows. */
  dense(name: string, x: string, path: string, channels: Channels): string;
  /** A node of one output that is called as the node is. */
  node(op: string, name: string, inputs: readonly string[], attributes?: Attributes): string;
}

export interface Channels {
  readonly from: number;
  readonly to: number;
}

export function layersOf(b: GraphBuilder, weights: FaceApiWeights): Layers {
  const take: Layers['take'] = (name, shape) => {
    const found = weights.get(name) ?? fail(`weights '${name}'`, 'they are missing', 'reinstall face-api');
    return found.shape.join() === shape.join()
      ? found
      : fail(`weights '${name}'`, `expected [${shape}], got [${found.shape}]`);
  };
  const node: Layers['node'] = (op, name, inputs, attributes) =>
    b.node({ op, name, inputs, outputs: [name], ...(attributes && { attributes }) })[0];
  const convolution: Layers['convolution'] = (name, x, { weight, bias }, attributes) => {
    const inputs = [x, b.weight(`${name}.weight`, weight)];
    if (bias) inputs.push(b.weight(`${name}.bias`, bias));
    return node('Conv', name, inputs, attributes);
  };
  const kernel: Layers['kernel'] = (name, shape) => reordered(take(name, shape), [3, 2, 0, 1]);
  return {
    take,
    node,
    kernel,
    convolution,
    separable(name, x, path, { from, to }, attributes = { pads: aroundIt }) {
      const depthwise = reordered(take(`${path}/depthwise_filter`, [3, 3, from, 1]), [2, 3, 0, 1]);
      const spread = convolution(`${name}/dw`, x, { weight: depthwise }, { group: from, ...attributes });
      const weight = kernel(`${path}/pointwise_filter`, [1, 1, from, to]);
      return convolution(`${name}/pw`, spread, { weight, bias: take(`${path}/bias`, [to]) });
    },
    dense(name, x, path, { from, to }) {
      const weight = b.weight(`${name}.weight`, reordered(take(`${path}/weights`, [from, to]), [1, 0]));
      const bias = b.weight(`${name}.bias`, take(`${path}/bias`, [to]));
      return node('Gemm', name, [x, weight, bias], { transB: 1 });
    },
  };
}

/** Some rows of a tensor's first axis, in the order of `indices`: some outputs of a kernel. */
export function pick({ shape, data }: Tensor<'float32'>, indices: readonly number[]): Tensor<'float32'> {
  const size = data.length / shape[0];
  const out = new Float32Array(indices.length * size);
  for (const [i, row] of indices.entries()) out.set(data.subarray(row * size, (row + 1) * size), i * size);
  return float32([indices.length, ...shape.slice(1)], out);
}
