import { float32, GraphBuilder, type Model } from '../../src/graph/index.ts';
import { array, random } from '../operators/random.ts';
import type { NdArray } from '../reference/array.ts';
import type { Chain } from '../reference/concepts.ts';

export const classes = 3;

/** Random weights of a chain of convolutions. */
export function chainOf(seed: number, channels: readonly number[], side: number): Chain {
  const next = random(seed);
  const convolutions = channels.slice(1).map((count, i) => ({
    weight: array(next, [count, channels[i], 3, 3]),
    bias: array(next, [count], -0.2, 0.2),
  }));
  const inner = channels.at(-1)! * side * side;
  return {
    convolutions,
    dense: { weight: array(next, [inner, classes]), bias: array(next, [classes], -0.2, 0.2) },
  };
}

/** The chain as a model: `conv1`, `relu1`, `conv2`, … `fc`. */
export function modelOf({ convolutions, dense }: Chain, side: number): Model {
  const b = new GraphBuilder('chain');
  const tensor = ({ shape, data }: NdArray) => float32(shape, Float32Array.from(data));
  let value = b.input({
    name: 'x',
    type: 'float32',
    shape: ['N', convolutions[0].weight.shape[1], side, side],
  });
  convolutions.forEach(({ weight, bias }, i) => {
    const inputs = [value, b.weight(`w${i + 1}`, tensor(weight)), b.weight(`b${i + 1}`, tensor(bias))];
    const [conv] = b.node({
      name: `conv${i + 1}`,
      op: 'Conv',
      inputs,
      outputs: [`conv${i + 1}`],
      attributes: { pads: [1, 1, 1, 1] },
    });
    [value] = b.node({ name: `relu${i + 1}`, op: 'Relu', inputs: [conv], outputs: [`relu${i + 1}`] });
  });
  b.node({ name: 'flat', op: 'Flatten', inputs: [value], outputs: ['flat'], attributes: { axis: 1 } });
  b.node({
    name: 'fc',
    op: 'Gemm',
    inputs: ['flat', b.weight('w', tensor(dense.weight)), b.weight('b', tensor(dense.bias))],
    outputs: ['fc'],
  });
  b.output('fc', { name: 'fc', type: 'float32', shape: ['N', classes] });
  return {
    graph: b.build(),
    info: { heads: [{ name: 'fc', output: 'fc', kind: 'classes' }], provenance: {} },
  };
}
