import { GraphBuilder, type Model, type Tensor } from '../../src/graph/index.ts';

/** A network whose score of class k is the sum of weights[k] · x, without softmax: what is taken away is taken off. */
export function linearModel(weights: Tensor<'float32'>, [channels, height, width]: readonly number[]): Model {
  const b = new GraphBuilder('linear');
  b.input({ name: 'x', type: 'float32', shape: ['N', channels, height, width] });
  b.node({ name: 'flat', op: 'Flatten', inputs: ['x'], outputs: ['flat'], attributes: { axis: 1 } });
  const weight = b.weight('weight', weights);
  b.node({ name: 'fc', op: 'Gemm', inputs: ['flat', weight], outputs: ['fc'], attributes: { transB: 1 } });
  b.output('fc', { name: 'fc', type: 'float32', shape: ['N', weights.shape[0]] });
  const heads = [{ name: 'class', output: 'fc', kind: 'classes' as const }];
  return { graph: b.build(), info: { heads, provenance: {} } };
}
