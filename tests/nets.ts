import { float, float32, type Graph, GraphBuilder, type Tensor } from '../src/graph/index.ts';

/** Float32 numbers between −1 and 1 that look random and are the same each time. */
export function noise(shape: readonly number[], seed: number): Tensor<'float32'> {
  const count = shape.reduce((product, n) => product * n, 1);
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return float32(shape, Float32Array.from({ length: count }, next));
}

/** A small GoogLeNet: convolution, ReLU, max pooling, LRN, one inception-like block, a dense layer, softmax. */
export function tinyInception(): Graph {
  const b = new GraphBuilder('tiny inception');
  let seed = 0;
  const conv = (name: string, x: string, from: number, to: number, side: number, stride = 1): string => {
    const weight = b.weight(`${name}.weight`, noise([to, from, side, side], ++seed));
    const bias = b.weight(`${name}.bias`, noise([to], ++seed));
    const pad = (side - 1) / 2;
    const attributes = { pads: [pad, pad, pad, pad], strides: [stride, stride] };
    const made = b.node({
      name,
      op: 'Conv',
      inputs: [x, weight, bias],
      outputs: [`${name}.conv`],
      attributes,
    });
    return b.node({ name: `${name}/relu`, op: 'Relu', inputs: made, outputs: [name] })[0];
  };
  const pool = (name: string, x: string, stride: number, pad: number): string => {
    const attributes = { kernel_shape: [3, 3], strides: [stride, stride], pads: [pad, pad, pad, pad] };
    return b.node({ name, op: 'MaxPool', inputs: [x], outputs: [name], attributes })[0];
  };
  const data = b.input({ name: 'data', type: 'float32', shape: ['N', 3, 17, 17] });
  const pooled = pool('pool1', conv('conv1', data, 3, 8, 3, 1), 2, 0);
  const lrn = { size: 5, alpha: float(0.3), beta: float(0.75), bias: float(1) };
  const [norm] = b.node({ name: 'norm1', op: 'LRN', inputs: [pooled], outputs: ['norm1'], attributes: lrn });
  const branches = [
    conv('block/1x1', norm, 8, 4, 1),
    conv('block/3x3', conv('block/3x3_reduce', norm, 8, 4, 1), 4, 6, 3),
    conv('block/pool_proj', pool('block/pool', norm, 1, 1), 8, 2, 1),
  ];
  b.node({ name: 'block', op: 'Concat', inputs: branches, outputs: ['block'], attributes: { axis: 1 } });
  b.node({ name: 'flat', op: 'Flatten', inputs: ['block'], outputs: ['flat'], attributes: { axis: 1 } });
  const weight = b.weight('fc.weight', noise([5, 12 * 8 * 8], ++seed));
  const bias = b.weight('fc.bias', noise([5], ++seed));
  b.node({
    name: 'fc',
    op: 'Gemm',
    inputs: ['flat', weight, bias],
    outputs: ['fc'],
    attributes: { transB: 1 },
  });
  b.node({ name: 'prob', op: 'Softmax', inputs: ['fc'], outputs: ['prob'], attributes: { axis: 1 } });
  b.output('fc', { name: 'fc', type: 'float32', shape: ['N', 5] });
  b.output('prob', { name: 'prob', type: 'float32', shape: ['N', 5] });
  return b.build();
}
