import { fail } from '../../common/error.ts';
import {
  type Attributes,
  float,
  float32,
  type Graph,
  GraphBuilder,
  int64,
  type Tensor,
} from '../../graph/index.ts';
import { reordered } from '../reordered.ts';
import { type TfWindow, windowsOver } from './windows.ts';

/** A dimension as TensorFlow counts them; the batch is open. */
export type TfDim = number | 'N';

/**
 * A value of a network in TensorFlow's shape, N×H×W×C for images. The graph that is made holds all values of four
 * dimensions as N×C×H×W, as ONNX has images; others are held as they are.
 */
export interface TfValue {
  readonly name: string;
  readonly shape: readonly TfDim[];
}

/** Where TensorFlow's axis of an image is in ONNX's. */
const imageAxis = [0, 2, 3, 1];

/** Builds a network in ONNX's layout from operations in TensorFlow's. Nodes get the names of the source's layers. */
export class TfBuilder {
  readonly #b: GraphBuilder;
  readonly #names = new Set<string>();
  #layer = '';

  /** `file` is what errors call the source. */
  constructor(
    name: string,
    readonly file: string,
  ) {
    this.#b = new GraphBuilder(name);
  }

  /** What is made from here on belongs to the layer of this name. */
  layer(name: string): void {
    this.#layer = name;
  }

  fail(what: string, fix?: string): never {
    return fail(`${this.file}: layer '${this.#layer}'`, what, fix);
  }

  input(name: string, shape: readonly TfDim[]): TfValue {
    this.#names.add(name);
    this.#b.input({ name, type: 'float32', shape: heldShape(shape) });
    return { name, shape };
  }

  /** The finished graph. `outputs` get these names where they are free. */
  build(outputs: readonly TfValue[]): Graph {
    for (const { name, shape } of outputs)
      this.#b.output(name, { name, type: 'float32', shape: heldShape(shape) });
    return this.#b.build();
  }

  /** A constant of TensorFlow's shape that is held as ONNX has it. */
  constant(given: Tensor<'float32'>): TfValue {
    const held = given.shape.length === 4 ? reordered(given, [0, 3, 1, 2]) : given;
    return { name: this.#weight('constant', held), shape: given.shape };
  }

  conv(
    x: TfValue,
    kernel: Tensor<'float32'>,
    bias: Tensor<'float32'> | undefined,
    window: TfWindow,
  ): TfValue {
    this.#checkRank(kernel, 4);
    const [height, width, , out] = kernel.shape as [number, number, number, number];
    return this.#convolution(x, reordered(kernel, [3, 2, 0, 1]), bias, window, [height, width], out, 1);
  }

  /** Kernels of height×width×in×multiplier: every channel by itself. */
  depthwise(
    x: TfValue,
    kernel: Tensor<'float32'>,
    bias: Tensor<'float32'> | undefined,
    window: TfWindow,
  ): TfValue {
    this.#checkRank(kernel, 4);
    const [height, width, channels, multiplier] = kernel.shape as [number, number, number, number];
    const turned = reordered(kernel, [2, 3, 0, 1]);
    const out = channels * multiplier;
    const weight = float32([out, 1, height, width], turned.data);
    return this.#convolution(x, weight, bias, window, [height, width], out, channels);
  }

  #checkRank({ shape }: Tensor, rank: number): void {
    if (shape.length !== rank) this.fail(`its weights are [${shape}], not of ${rank} dimensions`);
  }

  #convolution(
    x: TfValue,
    weight: Tensor<'float32'>,
    bias: Tensor<'float32'> | undefined,
    window: TfWindow,
    size: readonly [number, number],
    channels: number,
    group: number,
  ): TfValue {
    const { attributes, spatial } = this.#windows(x, size, window);
    const inputs = [x.name, this.#weight('weight', weight)];
    if (bias) inputs.push(this.#weight('bias', bias));
    const shape: TfDim[] = [x.shape[0], ...spatial, channels];
    return this.#node('Conv', inputs, shape, { ...attributes, ...(group > 1 && { group }) });
  }

  pool(
    kind: 'MaxPool' | 'AveragePool',
    x: TfValue,
    size: readonly [number, number],
    window: TfWindow,
  ): TfValue {
    const { attributes, spatial } = this.#windows(x, size, window);
    const kernel_shape = [...size];
    // Cells beyond the border count for neither kind.
    const shape: TfDim[] = [x.shape[0], ...spatial, x.shape[3]];
    return this.#node(kind, [x.name], shape, { ...attributes, kernel_shape });
  }

  #windows(x: TfValue, size: readonly [number, number], window: TfWindow) {
    if (x.shape.length !== 4) this.fail(`it takes images, not [${x.shape}]`);
    const made = windowsOver([this.#fixed(x.shape[1]), this.#fixed(x.shape[2])], size, window);
    if (made.spatial.some((n) => n < 1))
      this.fail(`windows of ${size.join('×')} do not fit into [${x.shape}]`);
    return made;
  }

  #fixed(dim: TfDim | undefined): number {
    return typeof dim === 'number' ? dim : this.fail('its input has no fixed size');
  }

  #product(dims: readonly TfDim[]): number {
    return dims.reduce<number>((product, dim) => product * this.#fixed(dim), 1);
  }

  batchNorm(
    x: TfValue,
    [scale, shift, mean, variance]: readonly Tensor<'float32'>[],
    epsilon: number,
  ): TfValue {
    const inputs = Object.entries({ scale, shift, mean, variance }).map(([name, t]) => this.#weight(name, t));
    return this.#node('BatchNormalization', [x.name, ...inputs], x.shape, { epsilon: float(epsilon) });
  }

  /** x·kernel + bias over the last axis, kernel in×out, or out×in where it `isTurned`. */
  dense(
    x: TfValue,
    given: Tensor<'float32'>,
    bias: Tensor<'float32'> | undefined,
    { isTurned = false } = {},
  ): TfValue {
    this.#checkRank(given, 2);
    const kernel = isTurned ? reordered(given, [1, 0]) : given;
    const [inputs, out] = kernel.shape as [number, number];
    if (x.shape.length === 4) {
      const filter = float32([1, 1, inputs, out], kernel.data);
      return this.conv(x, filter, bias, { strides: [1, 1], padding: 'valid' });
    }
    const shape = [...x.shape.slice(0, -1), out];
    if (x.shape.length === 2) {
      const names = [x.name, this.#weight('weight', reordered(kernel, [1, 0]))];
      if (bias) names.push(this.#weight('bias', bias));
      return this.#node('Gemm', names, shape, { transB: 1 });
    }
    const product = this.#node('MatMul', [x.name, this.#weight('weight', kernel)], shape);
    return bias ? this.#node('Add', [product.name, this.#weight('bias', bias)], shape) : product;
  }

  /** An operation that keeps the shape. */
  elementwise(op: string, x: TfValue, attributes: Attributes = {}, ...more: readonly Tensor[]): TfValue {
    const constants = more.map((tensor) => this.#b.constant(tensor));
    return this.#node(op, [x.name, ...constants], x.shape, attributes);
  }

  softmax(x: TfValue): TfValue {
    return this.#node('Softmax', [x.name], x.shape, { axis: x.shape.length === 4 ? 1 : x.shape.length - 1 });
  }

  /** max(x, 0) + slope·min(x, 0), one slope per channel or for all. */
  prelu(x: TfValue, slope: Tensor<'float32'>): TfValue {
    const name = this.#weight('slope', broadcastable(slope, x.shape.length));
    return this.#node('PRelu', [x.name, name], x.shape);
  }

  /** An operation of two values, or of a value and a constant, with TensorFlow's broadcasting. */
  binary(op: string, x: TfValue | Tensor<'float32'>, y: TfValue | Tensor<'float32'>): TfValue {
    const rank = Math.max(x.shape.length, y.shape.length);
    const name = (given: TfValue | Tensor<'float32'>) =>
      'data' in given ? this.#weight('constant', broadcastable(given, rank)) : given.name;
    for (const given of [x, y])
      if (!('data' in given) && given.shape.length !== rank && given.shape.length > 1 && rank === 4)
        this.fail(`it broadcasts [${given.shape}] to four dimensions`);
    const shape = Array.from({ length: rank }, (_, i): TfDim => {
      const dims = [x, y].map(({ shape: own }) => own[own.length - rank + i] ?? 1);
      return dims.find((dim) => dim !== 1) ?? 1;
    });
    return this.#node(op, [name(x), name(y)], shape);
  }

  /** The mean, maximum or sum over axes. */
  reduce(
    kind: 'ReduceMean' | 'ReduceMax' | 'ReduceSum',
    x: TfValue,
    axes: readonly number[],
    keeps: boolean,
  ): TfValue {
    const rank = x.shape.length;
    const over = axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort();
    const shape = x.shape.flatMap((dim, i): TfDim[] => (over.includes(i) ? (keeps ? [1] : []) : [dim]));
    const isGlobal = rank === 4 && over.join() === '1,2' && kind !== 'ReduceSum';
    if (isGlobal) {
      const whole: TfDim[] = [x.shape[0], 1, 1, x.shape[3]];
      const op = kind === 'ReduceMax' ? 'GlobalMaxPool' : 'GlobalAveragePool';
      const pooled = this.#node(op, [x.name], whole);
      return keeps ? pooled : this.flatten(pooled);
    }
    const given = this.#plain(x);
    const inputs = [given, this.#b.constant(int64([over.length], over))];
    return this.#held(this.#node(kind, inputs, shape, { keepdims: keeps ? 1 : 0 }));
  }

  concat(values: readonly TfValue[], axis: number): TfValue {
    const [first] = values as [TfValue];
    const rank = first.shape.length;
    const along = axis < 0 ? axis + rank : axis;
    const total = values.reduce((sum, { shape }) => sum + this.#fixed(shape[along]), 0);
    const names = values.map(({ name }) => name);
    const place = rank === 4 ? imageAxis[along] : along;
    return this.#node('Concat', names, first.shape.with(along, total), { axis: place });
  }

  /** Pads of each of TensorFlow's axes with one value. */
  pad(x: TfValue, pads: readonly (readonly [number, number])[], value = 0, mode = 'constant'): TfValue {
    const shape = x.shape.map((dim, i) => {
      const [before, after] = pads[i] as [number, number];
      return before + after === 0 ? dim : this.#fixed(dim) + before + after;
    });
    const order = pads.length === 4 ? [0, 3, 1, 2].map((i) => pads[i]) : pads;
    const list = [0, 1].flatMap((end) => order.map((pair) => pair[end]));
    const inputs = [x.name, this.#b.ints(...list), this.#b.scalar(value)];
    return this.#node('Pad', inputs, shape, { mode });
  }

  /** All of an image in one row, in TensorFlow's order: height, width, channels. */
  flatten(x: TfValue): TfValue {
    const total = this.#product(x.shape.slice(1));
    const isPoint = x.shape.length === 4 && x.shape[1] === 1 && x.shape[2] === 1;
    const name = isPoint ? x.name : this.#plain(x);
    return this.#node('Flatten', [name], [x.shape[0], total], { axis: 1 });
  }

  /** Another shape, elements in TensorFlow's order; the first dimension is the batch. */
  reshape(x: TfValue, target: readonly (number | 'N')[]): TfValue {
    const total = this.#product(x.shape.slice(1));
    const rest = this.#product(target.slice(1).filter((dim) => dim !== -1));
    const shape = target.map((dim, i): TfDim => (i === 0 ? x.shape[0] : dim === -1 ? total / rest : dim));
    if (shape.join() === x.shape.join()) return x;
    if (shape.length === 2) return this.flatten(x);
    const isPoint = shape.length === 4 && shape[1] === 1 && shape[2] === 1 && x.shape.length === 2;
    const inner = shape.slice(1).map((dim) => this.#fixed(dim));
    if (isPoint) {
      const list = this.#b.ints(0, ...[2, 0, 1].map((i) => inner[i]));
      return this.#node('Reshape', [x.name, list], shape);
    }
    const made = this.#node('Reshape', [this.#plain(x), this.#b.ints(0, ...inner)], shape);
    return this.#held(made);
  }

  /** Axes in another order. */
  permute(x: TfValue, perm: readonly number[]): TfValue {
    const shape = perm.map((i) => x.shape[i]);
    return this.#held(this.#node('Transpose', [this.#plain(x)], shape, { perm: [...perm] }));
  }

  /** An image of another size. */
  resize(x: TfValue, [height, width]: readonly [number, number], attributes: Attributes): TfValue {
    const shape: TfDim[] = [x.shape[0], height, width, x.shape[3]];
    const scales = [1, 1, height / this.#fixed(x.shape[1]), width / this.#fixed(x.shape[2])];
    const inputs = [x.name, '', this.#b.constant(float32([4], scales))];
    return this.#node('Resize', inputs, shape, attributes);
  }

  /** A part along one axis. */
  slice(x: TfValue, axis: number, start: number, end: number): TfValue {
    const place = x.shape.length === 4 ? imageAxis[axis] : axis;
    const inputs = [x.name, ...[start, end, place].map((n) => this.#b.ints(n))];
    return this.#node('Slice', inputs, x.shape.with(axis, end - start));
  }

  /** The name of a value in TensorFlow's own order. */
  #plain({ name, shape }: TfValue): string {
    if (shape.length !== 4) return name;
    return this.#node('Transpose', [name], shape, { perm: [0, 2, 3, 1] }).name;
  }

  /** What was made in TensorFlow's order, as the graph holds it. */
  #held(value: TfValue): TfValue {
    if (value.shape.length !== 4) return value;
    return this.#node('Transpose', [value.name], value.shape, { perm: [0, 3, 1, 2] });
  }

  #weight(what: string, tensor: Tensor): string {
    return this.#b.weight(this.#fresh(`${this.#layer}.${what}`), tensor);
  }

  #node(
    op: string,
    inputs: readonly string[],
    shape: readonly TfDim[],
    attributes: Attributes = {},
  ): TfValue {
    const name = this.#fresh(this.#layer);
    this.#b.node({ op, name, inputs, outputs: [name], attributes });
    return { name, shape };
  }

  #fresh(stem: string): string {
    let name = stem;
    for (let i = 1; this.#names.has(name); i++) name = `${stem}/${i}`;
    this.#names.add(name);
    return name;
  }
}

const heldShape = (shape: readonly TfDim[]): readonly TfDim[] =>
  shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape;

/** A constant that stands beside a value of so many dimensions, its channels where the graph holds them. */
function broadcastable(given: Tensor<'float32'>, rank: number): Tensor<'float32'> {
  const { shape, data } = given;
  if (rank !== 4 || shape.length === 0) return given;
  const full = float32([...new Array<number>(4 - shape.length).fill(1), ...shape], data);
  return reordered(full, [0, 3, 1, 2]);
}
