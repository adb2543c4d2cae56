import { type Attributes, float, float32, int64, type Tensor } from '../../graph/index.ts';
import { reordered } from '../reordered.ts';
import { broadcastable, imageAxis, type TfDim, type TfValue, TfValues } from './values.ts';
import { type TfWindow, windowsOver } from './windows.ts';

/** Builds a network in ONNX's layout from operations in TensorFlow's. */
export class TfBuilder extends TfValues {
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
    const inputs = [x.name, this.weight('weight', weight)];
    if (bias) inputs.push(this.weight('bias', bias));
    const shape: TfDim[] = [x.shape[0], ...spatial, channels];
    return this.node('Conv', inputs, shape, { ...attributes, ...(group > 1 && { group }) });
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
    return this.node(kind, [x.name], shape, { ...attributes, kernel_shape });
  }

  #windows(x: TfValue, size: readonly [number, number], window: TfWindow) {
    if (x.shape.length !== 4) this.fail(`it takes images, not [${x.shape}]`);
    const made = windowsOver([this.fixed(x.shape[1]), this.fixed(x.shape[2])], size, window);
    if (made.spatial.some((n) => n < 1))
      this.fail(`windows of ${size.join('×')} do not fit into [${x.shape}]`);
    return made;
  }

  batchNorm(
    x: TfValue,
    [scale, shift, mean, variance]: readonly Tensor<'float32'>[],
    epsilon: number,
  ): TfValue {
    const inputs = Object.entries({ scale, shift, mean, variance }).map(([name, t]) => this.weight(name, t));
    return this.node('BatchNormalization', [x.name, ...inputs], x.shape, { epsilon: float(epsilon) });
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
      const names = [x.name, this.weight('weight', reordered(kernel, [1, 0]))];
      if (bias) names.push(this.weight('bias', bias));
      return this.node('Gemm', names, shape, { transB: 1 });
    }
    const product = this.node('MatMul', [x.name, this.weight('weight', kernel)], shape);
    return bias ? this.node('Add', [product.name, this.weight('bias', bias)], shape) : product;
  }

  /** An operation that keeps the shape. */
  elementwise(op: string, x: TfValue, attributes: Attributes = {}, ...more: readonly Tensor[]): TfValue {
    const constants = more.map((tensor) => this.b.constant(tensor));
    return this.node(op, [x.name, ...constants], x.shape, attributes);
  }

  softmax(x: TfValue): TfValue {
    return this.node('Softmax', [x.name], x.shape, { axis: x.shape.length === 4 ? 1 : x.shape.length - 1 });
  }

  /** max(x, 0) + slope·min(x, 0), one slope per channel or for all. */
  prelu(x: TfValue, slope: Tensor<'float32'>): TfValue {
    const name = this.weight('slope', broadcastable(slope, x.shape.length));
    return this.node('PRelu', [x.name, name], x.shape);
  }

  /** An operation of two values, or of a value and a constant, with TensorFlow's broadcasting. */
  binary(op: string, x: TfValue | Tensor<'float32'>, y: TfValue | Tensor<'float32'>): TfValue {
    const rank = Math.max(x.shape.length, y.shape.length);
    const name = (given: TfValue | Tensor<'float32'>) =>
      'data' in given ? this.weight('constant', broadcastable(given, rank)) : given.name;
    for (const given of [x, y])
      if (!('data' in given) && given.shape.length !== rank && given.shape.length > 1 && rank === 4)
        this.fail(`it broadcasts [${given.shape}] to four dimensions`);
    const shape = Array.from({ length: rank }, (_, i): TfDim => {
      const dims = [x, y].map(({ shape: own }) => own[own.length - rank + i] ?? 1);
      return dims.find((dim) => dim !== 1) ?? 1;
    });
    return this.node(op, [name(x), name(y)], shape);
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
      const pooled = this.node(op, [x.name], whole);
      return keeps ? pooled : this.flatten(pooled);
    }
    const given = this.plain(x);
    const inputs = [given, this.b.constant(int64([over.length], over))];
    return this.held(this.node(kind, inputs, shape, { keepdims: keeps ? 1 : 0 }));
  }

  concat(values: readonly TfValue[], axis: number): TfValue {
    const [first] = values as [TfValue];
    const rank = first.shape.length;
    const along = axis < 0 ? axis + rank : axis;
    const total = values.reduce((sum, { shape }) => sum + this.fixed(shape[along]), 0);
    const names = values.map(({ name }) => name);
    const place = rank === 4 ? imageAxis[along] : along;
    return this.node('Concat', names, first.shape.with(along, total), { axis: place });
  }

  /** Pads of each of TensorFlow's axes with one value. */
  pad(x: TfValue, pads: readonly (readonly [number, number])[], value = 0, mode = 'constant'): TfValue {
    const shape = x.shape.map((dim, i) => {
      const [before, after] = pads[i] as [number, number];
      return before + after === 0 ? dim : this.fixed(dim) + before + after;
    });
    const order = pads.length === 4 ? [0, 3, 1, 2].map((i) => pads[i]) : pads;
    const list = [0, 1].flatMap((end) => order.map((pair) => pair[end]));
    const inputs = [x.name, this.b.ints(...list), this.b.scalar(value)];
    return this.node('Pad', inputs, shape, { mode });
  }

  /** All of an image in one row, in TensorFlow's order: height, width, channels. */
  flatten(x: TfValue): TfValue {
    const total = this.product(x.shape.slice(1));
    const isPoint = x.shape.length === 4 && x.shape[1] === 1 && x.shape[2] === 1;
    const name = isPoint ? x.name : this.plain(x);
    return this.node('Flatten', [name], [x.shape[0], total], { axis: 1 });
  }

  /** Another shape, elements in TensorFlow's order; the first dimension is the batch. */
  reshape(x: TfValue, target: readonly (number | 'N')[]): TfValue {
    const total = this.product(x.shape.slice(1));
    const rest = this.product(target.slice(1).filter((dim) => dim !== -1));
    const shape = target.map((dim, i): TfDim => (i === 0 ? x.shape[0] : dim === -1 ? total / rest : dim));
    if (shape.join() === x.shape.join()) return x;
    if (shape.length === 2) return this.flatten(x);
    const isPoint = shape.length === 4 && shape[1] === 1 && shape[2] === 1 && x.shape.length === 2;
    const inner = shape.slice(1).map((dim) => this.fixed(dim));
    if (isPoint) {
      const list = this.b.ints(0, ...[2, 0, 1].map((i) => inner[i]));
      return this.node('Reshape', [x.name, list], shape);
    }
    const made = this.node('Reshape', [this.plain(x), this.b.ints(0, ...inner)], shape);
    return this.held(made);
  }

  /** Axes in another order. */
  permute(x: TfValue, perm: readonly number[]): TfValue {
    const shape = perm.map((i) => x.shape[i]);
    return this.held(this.node('Transpose', [this.plain(x)], shape, { perm: [...perm] }));
  }

  /** An image of another size. */
  resize(x: TfValue, [height, width]: readonly [number, number], attributes: Attributes): TfValue {
    const shape: TfDim[] = [x.shape[0], height, width, x.shape[3]];
    const scales = [1, 1, height / this.fixed(x.shape[1]), width / this.fixed(x.shape[2])];
    const inputs = [x.name, '', this.b.constant(float32([4], scales))];
    return this.node('Resize', inputs, shape, attributes);
  }

  /** A part along one axis. */
  slice(x: TfValue, axis: number, start: number, end: number): TfValue {
    const place = x.shape.length === 4 ? imageAxis[axis] : axis;
    const inputs = [x.name, ...[start, end, place].map((n) => this.b.ints(n))];
    return this.node('Slice', inputs, x.shape.with(axis, end - start));
  }
}
