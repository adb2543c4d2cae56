import { create } from '@bufbuild/protobuf';
import { LayerParameterSchema } from '../../src/caffe/generated/caffe_pb.ts';
import type { Parameter, TrainingNet } from '../../src/caffe/training/net.ts';
import { float32, GraphBuilder, int64, type Tensor } from '../../src/graph/index.ts';
import { noise } from '../nets.ts';

/** conv1, relu1, conv2, dropped if asked for, fc with three classes, and a softmax loss over the batch: N×1×4×4 pictures. */
export function smallNet({ lossWeight = 1, drop = 0 } = {}): TrainingNet {
  const b = new GraphBuilder('small');
  const parameters: Parameter[] = [];
  const parameter = (layer: string, blob: number, shape: number[]) => {
    const name = `${layer}.${blob === 0 ? 'weight' : 'bias'}`;
    const blobs = [{ layer, blob }];
    parameters.push({ name, shape, blobs, rateFactor: 1, decayFactor: 1, filler: undefined });
    return b.weight(name, float32(shape, new Float32Array(shape.reduce((p, n) => p * n, 1))));
  };
  const data = b.input({ name: 'data', type: 'float32', shape: ['N', 1, 4, 4] });
  const label = b.input({ name: 'label', type: 'int64', shape: ['N'] });
  const normaliser = b.input({ name: 'normaliser:loss', type: 'float32', shape: [] });
  const conv = (name: string, x: string, from: number) =>
    b.node({
      name,
      op: 'Conv',
      inputs: [x, parameter(name, 0, [2, from, 3, 3]), parameter(name, 1, [2])],
      outputs: [name],
      attributes: { pads: [1, 1, 1, 1] },
    })[0];
  b.node({ name: 'relu1', op: 'Relu', inputs: [conv('conv1', data, 1)], outputs: ['relu1'] });
  let x = conv('conv2', 'relu1', 2);
  if (drop > 0) {
    const mask = b.input({ name: 'mask:drop', type: 'float32', shape: ['N', 2, 4, 4] });
    [x] = b.node({ name: 'drop', op: 'Mul', inputs: [x, mask], outputs: ['drop'] });
  }
  const flat = b.node({ name: 'fc:flatten', op: 'Flatten', inputs: [x], outputs: ['fc:flat'] });
  b.node({
    name: 'fc',
    op: 'Gemm',
    inputs: [...flat, parameter('fc', 0, [3, 32]), parameter('fc', 1, [3])],
    outputs: ['fc'],
    attributes: { transB: 1 },
  });
  b.node({ name: 'loss', op: 'SoftmaxLoss', domain: 'limn', inputs: ['fc', label], outputs: ['loss:sum'] });
  b.node({ name: 'loss:mean', op: 'Div', inputs: ['loss:sum', normaliser], outputs: ['loss'] });
  b.output('loss', { name: 'loss', type: 'float32', shape: [] });
  const layer = create(LayerParameterSchema, { name: 'data', type: 'Data' });
  return {
    name: 'small',
    phase: 'train',
    graph: b.build(),
    data: [{ layer, where: "net.prototxt:2:1: layer 'data'", data, label, batchSize: 2 }],
    parameters,
    masks: drop > 0 ? [{ name: 'mask:drop', ratio: drop }] : [],
    normalisers: [{ name: normaliser, label, ignored: undefined, by: 'labels', perImage: 1 }],
    outputs: [{ name: 'loss', lossWeight }],
    losses: [{ value: 'loss', weight: lossWeight }],
    moving: [],
    ranges: [{ label, classes: 3, ignored: undefined, layer: 'loss' }],
    wholeBatch: false,
  };
}

/** Weights between −1 and 1 for a network's parameters. */
export const smallWeights = ({ parameters }: TrainingNet): Map<string, Float32Array> =>
  new Map(parameters.map(({ name, shape }, i) => [name, noise(shape, i + 1).data]));

/** Two pictures with labels, and the normaliser. */
export const smallFeeds = (labels: readonly number[] = [0, 2]): Record<string, Tensor> => ({
  data: noise([2, 1, 4, 4], 9),
  label: int64([labels.length], labels),
  'normaliser:loss': float32([], [labels.length]),
});
