import { float32, GraphBuilder, type Model, type Preprocessing, type Tensor } from '../../src/graph/index.ts';
import { noise } from '../nets.ts';

/**
 * A small network twice: as a model, and literally in float64. conv1, relu1, pool1 (max), conv2, relu2 (5×4×4),
 * pool2 (average), fc (4 classes), prob; input N×3×8×8.
 */
export const inputShape = [3, 8, 8] as const;
export const labels = ['tabby, tabby cat', 'tiger cat', 'catamaran', 'dog'];

export const weights = {
  conv1: noise([4, 3, 3, 3], 11),
  bias1: noise([4], 12),
  conv2: noise([5, 4, 3, 3], 13),
  bias2: noise([5], 14),
  fc: noise([4, 20], 15),
  bias3: noise([4], 16),
};
export function smallModel(
  options: { preprocessing?: Preprocessing; batch?: number; labels?: readonly string[] } = {},
): Model {
  const b = new GraphBuilder('small');
  const w = Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [name, b.weight(`${name}.weight`, tensor)]),
  );
  const n = options.batch ?? 'N';
  const add = (name: string, op: string, inputs: string[], attributes = {}) =>
    b.node({ name, op, inputs, outputs: [name], attributes })[0];
  let x = b.input({ name: 'data', type: 'float32', shape: [n, ...inputShape] });
  x = add('conv1', 'Conv', [x, w.conv1, w.bias1], { pads: [1, 1, 1, 1] });
  x = add('relu1', 'Relu', [x]);
  x = add('pool1', 'MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  x = add('conv2', 'Conv', [x, w.conv2, w.bias2], { pads: [1, 1, 1, 1] });
  x = add('relu2', 'Relu', [x]);
  x = add('pool2', 'AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  x = add('flat', 'Flatten', [x], { axis: 1 });
  x = add('fc', 'Gemm', [x, w.fc, w.bias3], { transB: 1 });
  x = add('prob', 'Softmax', [x], { axis: 1 });
  b.output(x, { name: 'prob', type: 'float32', shape: [n, 4] });
  return {
    graph: b.build(),
    info: {
      heads: [{ name: 'class', output: 'prob', kind: 'classes', labels: options.labels ?? labels }],
      provenance: {},
      ...(options.preprocessing && { preprocessing: options.preprocessing }),
    },
  };
}

/** A 3×3 convolution with padding 1: C·side² numbers to K·side². Plain loops: thousands are needed. */
export function convolved(
  x: Float64Array,
  side: number,
  { data: w, shape }: Tensor<'float32'>,
  bias: Tensor<'float32'>,
) {
  const [outputs, channels] = shape;
  const out = new Float64Array(outputs * side * side);
  for (let k = 0; k < outputs; k++) {
    for (let y = 0; y < side; y++) {
      for (let z = 0; z < side; z++) {
        let sum = bias.data[k];
        for (let c = 0; c < channels; c++) {
          for (let dy = 0; dy < 3; dy++) {
            for (let dz = 0; dz < 3; dz++) {
              const [row, column] = [y + dy - 1, z + dz - 1];
              if (row < 0 || row >= side || column < 0 || column >= side) continue;
              sum += x[(c * side + row) * side + column] * w[((k * channels + c) * 3 + dy) * 3 + dz];
            }
          }
        }
        out[(k * side + y) * side + z] = sum;
      }
    }
  }
  return out;
}

const rectified = (x: Float64Array) => x.map((value) => Math.max(0, value));

/** The cells of each window of 2×2, in planes of side². */
export const windows = (cells: number, side: number): number[][] =>
  Array.from({ length: cells / 4 }, (_, i) => {
    const half = side / 2;
    const channel = Math.floor(i / (half * half));
    const at = channel * side * side + 2 * Math.floor((i % (half * half)) / half) * side + 2 * (i % half);
    return [at, at + 1, at + side, at + side + 1];
  });

/** Pools windows of 2×2. */
const halved = (x: Float64Array, side: number, pool: (window: readonly number[]) => number): Float64Array =>
  Float64Array.from(windows(x.length, side), (cells) => pool(cells.map((cell) => x[cell])));

/** The feature maps of relu2, 5×4×4, of one image. */
export function featureMaps(image: ArrayLike<number>): Float64Array {
  const first = rectified(convolved(Float64Array.from(image), 8, weights.conv1, weights.bias1));
  const pooled = halved(first, 8, (window) => Math.max(...window));
  return rectified(convolved(pooled, 4, weights.conv2, weights.bias2));
}

/** Average pooling of feature maps of 4×4 to 2×2. */
export const averaged = (maps: Float64Array): Float64Array =>
  halved(maps, 4, ([a, b, c, d]) => (a + b + c + d) / 4);

/** The dense layer. */
export const dense = (pooled: Float64Array): Float64Array =>
  Float64Array.from(weights.bias3.data, (start, k) =>
    pooled.reduce((sum, value, i) => sum + value * weights.fc.data[k * 20 + i], start),
  );

/** The four scores from the feature maps of relu2. */
export const scoresFrom = (maps: Float64Array): number[] => Array.from(dense(averaged(maps)));

/** The four scores of one image. */
export const scoresOf = (image: ArrayLike<number>): number[] => scoresFrom(featureMaps(image));

export function softmax(scores: readonly number[]): number[] {
  const powers = scores.map((score) => Math.exp(score));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

/** The gradient of a function of many numbers by central differences. */
export function slopes(f: (x: Float64Array) => number, at: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(at);
  const step = 1e-5;
  return x.map((value, i) => {
    x[i] = value + step;
    const up = f(x);
    x[i] = value - step;
    const down = f(x);
    x[i] = value;
    return (up - down) / (2 * step);
  });
}

/** Images with numbers between −1 and 1. */
export const images = (count: number, seed: number): Tensor<'float32'> => noise([count, ...inputShape], seed);

/** One image's numbers out of a batch. */
export function imageOf({ shape, data }: Tensor, image: number): Float32Array {
  const n = data.length / shape[0];
  return (data as Float32Array).subarray(image * n, (image + 1) * n);
}

/** The largest difference, as a share of the largest expected value. */
export function error(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [most, worst] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    most = Math.max(most, Math.abs(expected[i]));
    const d = Math.abs(actual[i] - expected[i]);
    if (!(d <= worst)) worst = d;
  }
  return worst / most;
}

export const constant = (value: number): Tensor<'float32'> =>
  float32(inputShape, new Float32Array(192).fill(value));
