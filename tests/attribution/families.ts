import { float, float32, GraphBuilder, type Model, type Tensor } from '../../src/graph/index.ts';
import { random } from '../operators/random.ts';

/** Small networks of the families that share relevance where it is hard to, with seeded weights; input N×3×12×12. */
class Family {
  readonly b: GraphBuilder;
  readonly #next: () => number;
  #count = 0;

  constructor(name: string, seed: number) {
    this.b = new GraphBuilder(name);
    this.#next = random(seed);
    this.b.input({ name: 'data', type: 'float32', shape: ['N', 3, 12, 12] });
  }

  numbers(shape: readonly number[], low: number, high: number): Tensor<'float32'> {
    const count = shape.reduce((a, b) => a * b, 1);
    return float32(
      shape,
      Float32Array.from({ length: count }, () => low + (high - low) * this.#next()),
    );
  }

  weight(shape: readonly number[], low: number, high: number): string {
    return this.b.weight(`weight${this.#count++}`, this.numbers(shape, low, high));
  }

  node(op: string, inputs: readonly string[], attributes = {}): string {
    const name = `${op}${this.#count++}`;
    return this.b.node({ op, name, inputs, outputs: [`${name}:y`], attributes })[0];
  }

  conv(x: string, from: number, to: number, side: number, group = 1, stride = 1): string {
    const pad = (side - 1) / 2;
    const reach = Math.sqrt(3 / ((from / group) * side * side));
    const attributes = { pads: [pad, pad, pad, pad], group, strides: [stride, stride] };
    return this.node('Conv', [x, this.weight([to, from / group, side, side], -reach, reach)], attributes);
  }

  /** Statistics about as data would have them. */
  norm(x: string, channels: number): string {
    const inputs = [
      this.weight([channels], 0.5, 1.5),
      this.weight([channels], -0.5, 0.5),
      this.weight([channels], -0.5, 0.5),
      this.weight([channels], 0.3, 1),
    ];
    return this.node('BatchNormalization', [x, ...inputs], { epsilon: float(1e-5) });
  }

  relu = (x: string): string => this.node('Relu', [x]);
  relu6 = (x: string): string => this.node('Clip', [x, this.b.scalar(0), this.b.scalar(6)]);

  model(maps: string, channels: number): Model {
    const flat = this.node('Flatten', [this.node('GlobalAveragePool', [maps])], { axis: 1 });
    const gemm = [flat, this.weight([5, channels], -1, 1), this.weight([5], -0.2, 0.2)];
    const scores = this.node('Gemm', gemm, { transB: 1 });
    this.b.output(scores, { name: 'scores', type: 'float32', shape: ['N', 5] });
    return {
      graph: this.b.build(),
      info: { heads: [{ name: 'class', output: 'scores', kind: 'classes' }], provenance: {} },
    };
  }
}

/** Three blocks conv–BN–ReLU–conv–BN with shortcuts. */
function residual(seed: number): Model {
  const net = new Family('residual', seed);
  let x = net.relu(net.norm(net.conv('data', 3, 8, 3), 8));
  for (let block = 0; block < 3; block++) {
    const branch = net.relu(net.norm(net.conv(x, 8, 8, 3), 8));
    const added = net.node('Add', [net.norm(net.conv(branch, 8, 8, 3), 8), x]);
    // One block without an activation behind it, as MobileNet has them: addends of both signs.
    x = block === 1 ? added : net.relu(added);
  }
  return net.model(net.relu(x), 8);
}

/** BN–ReLU–conv layers that each see all before them, a transition between two blocks. */
function dense(seed: number): Model {
  const net = new Family('dense', seed);
  let x = net.conv('data', 3, 8, 3);
  let channels = 8;
  for (let block = 0; block < 2; block++) {
    for (let layer = 0; layer < 3; layer++) {
      const narrow = net.relu(net.norm(net.conv(net.relu(net.norm(x, channels)), channels, 8, 1), 8));
      x = net.node('Concat', [x, net.conv(narrow, 8, 4, 3)], { axis: 1 });
      channels += 4;
    }
    const half = net.conv(net.relu(net.norm(x, channels)), channels, channels / 2, 1);
    channels /= 2;
    x = net.node('AveragePool', [half], { kernel_shape: [2, 2], strides: [2, 2] });
  }
  return net.model(net.relu(net.norm(x, channels)), channels);
}

/** Inverted bottlenecks: wide, by channel, narrow without an activation, and a shortcut. */
function mobile(seed: number): Model {
  const net = new Family('mobile', seed);
  let x = net.relu6(net.norm(net.conv('data', 3, 6, 3, 1, 2), 6));
  for (let block = 0; block < 3; block++) {
    const wide = net.relu6(net.norm(net.conv(x, 6, 18, 1), 18));
    const apart = net.relu6(net.norm(net.conv(wide, 18, 18, 3, 18), 18));
    x = net.node('Add', [x, net.norm(net.conv(apart, 18, 6, 1), 6)]);
  }
  return net.model(net.relu6(net.norm(net.conv(x, 6, 12, 1), 12)), 12);
}

export const families = { residual, dense, mobile } as const;
