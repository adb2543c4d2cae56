import { float32, int64, type Tensor } from '../../../src/graph/index.ts';
import type { SolverSettings } from '../../../src/training/solver/index.ts';
import { noise } from '../../nets.ts';

/** Convolution, pooling, dropout, two heads with losses; some labels do not count. Seven images per batch: no number of parts divides it. */
export const dropping = `
name: "dropping"
layer { name: "data" type: "Data" top: "data" top: "label" data_param { batch_size: 7 } transform_param { crop_size: 9 } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" param { lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 decay_mult: 0 }
  convolution_param { num_output: 4 kernel_size: 3 pad: 1 stride: 2 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "norm" type: "LRN" bottom: "conv" top: "norm" lrn_param { local_size: 3 alpha: 0.3 beta: 0.75 } }
layer { name: "pool" type: "Pooling" bottom: "norm" top: "pool" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layer { name: "fc1" type: "InnerProduct" bottom: "pool" top: "fc1" inner_product_param { num_output: 6 } }
layer { name: "drop" type: "Dropout" bottom: "fc1" top: "fc1" dropout_param { dropout_ratio: 0.4 } }
layer { name: "fc2" type: "InnerProduct" bottom: "fc1" top: "fc2" inner_product_param { num_output: 3 } }
layer { name: "frozen" type: "InnerProduct" bottom: "fc1" top: "side" param { lr_mult: 0 } param { lr_mult: 0 } inner_product_param { num_output: 3 } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc2" bottom: "label" top: "loss" loss_param { ignore_label: 2 } }
layer { name: "aside" type: "SoftmaxWithLoss" bottom: "side" bottom: "label" top: "aside" loss_weight: 0.3 }
`;

/** Batch normalisation on the statistics of the batch. */
export const normalising = `
name: "normalising"
layer { name: "data" type: "Data" top: "data" top: "label" data_param { batch_size: 7 } transform_param { crop_size: 9 } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "bn" batch_norm_param { moving_average_fraction: 0.9 } }
layer { name: "fc" type: "InnerProduct" bottom: "bn" top: "fc" inner_product_param { num_output: 3 } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }
`;

export const batchOf = (k: number): Record<string, Tensor> => ({
  data: noise([7, 3, 9, 9], 100 + k),
  label: int64(
    [7],
    Array.from({ length: 7 }, (_, i) => (i * i + k) % 3),
  ),
});

/** Weights between −0.5 and 0.5; positive sums where a layer keeps them. */
export const weightsOf = (net: {
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
}): Map<string, Float32Array> =>
  new Map(net.parameters.map(({ name, shape }, i) => [name, noise(shape, i + 1).data.map((v) => v / 2)]));

export const solver = (changes: Partial<SolverSettings> = {}): SolverSettings => ({
  type: 'SGD',
  momentum: 0.9,
  momentum2: 0.999,
  delta: 1e-8,
  rmsDecay: 0.99,
  policy: { name: 'fixed' },
  baseRate: 0.05,
  weightDecay: 0.01,
  regularisation: 'L2',
  clipGradients: undefined,
  iterSize: 1,
  averageLoss: 1,
  display: 0,
  maxIter: 100,
  train: { text: '', file: '' } as unknown as SolverSettings['train'],
  tests: [],
  testInterval: 0,
  testInitialization: false,
  testComputeLoss: false,
  snapshot: 0,
  snapshotPrefix: '',
  snapshotAfterTrain: false,
  randomSeed: 1,
  weights: [],
  notes: [],
  ...changes,
});

export const tensorsOf = (
  net: { readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[] },
  weights: ReadonlyMap<string, Float32Array>,
): Record<string, Tensor> =>
  Object.fromEntries(net.parameters.map(({ name, shape }) => [name, float32(shape, weights.get(name)!)]));
