import { create, toBinary } from '@bufbuild/protobuf';
import {
  asInputLayer,
  BlobProtoSchema,
  caffeLayers,
  exportNet,
  filterNet,
  importNet,
  parseLabels,
  parsePrototxt,
  parseSolver,
  readCaffemodel,
  readMean,
  upgradeNet,
  upgradeSolver,
  writeCaffemodel,
} from '../../../src/caffe/index.ts';
import { readSolverState, solverStateParts } from '../../../src/caffe/solverstate.ts';
import { float32 } from '../../../src/graph/tensor.ts';
import { solverSettings } from '../../../src/training/index.ts';
import { FILE, type Format, fixture, textOf, utf8 } from '../format.ts';

const definition = `name: "net" # a comment
input: 'data' input_shape { dim: [1, 3, 8, 8] }
layer { name: "c\\303\\251" type: "Convolution" bottom: "data" top: "c" param { lr_mult: 1e-3 }
  include: { phase: TEST not_stage: "s" } convolution_param { num_output: 0x4; kernel_size: 3, pad: 1 } }
layer { name: "b" type: "BatchNorm" bottom: "c" top: "c" batch_norm_param { eps: 0.1 } }
layer { name: "s" type: "Scale" bottom: "c" top: "c" scale_param { axis: 1 bias_term: true } }
layer < name: "r" type: "PReLU" bottom: "c" top: "c" >
layer { name: "p" type: "Pooling" bottom: "c" top: "p" pooling_param { pool: AVE kernel_size: 3 stride: 2 } }
layer { name: "n" type: "LRN" bottom: "p" top: "n" lrn_param { local_size: 3 norm_region: WITHIN_CHANNEL } }
layer { name: "l" type: "Slice" bottom: "n" top: "l1" top: "l2" slice_param { axis: 1 slice_point: 2 } }
layer { name: "e" type: "Eltwise" bottom: "l1" bottom: "l2" top: "e" eltwise_param { operation: SUM coeff: [1, -1] } }
layer { name: "t" type: "Concat" bottom: "e" bottom: "n" top: "t" }
layer { name: "h" type: "Reshape" bottom: "t" top: "h" reshape_param { shape { dim: [0, -1, 2] } axis: 0 } }
layer { name: "f" type: "InnerProduct" bottom: "h" top: "f" inner_product_param { num_output: 5 } }
layer { name: "q" type: "Softmax" bottom: "f" top: "q" softmax_param { axis: 1 } }
`;

const solver = `net: "train_val.prototxt"
test_iter: 3 test_interval: 6 base_lr: 0.01 lr_policy: "multistep" gamma: 0.5 stepvalue: 4 stepvalue: 8 display: 1
average_loss: 5 max_iter: 20 momentum: 0.9 weight_decay: 0.001 regularization_type: "L1" snapshot: 4
snapshot_prefix: "snapshots/tiny" solver_mode: CPU type: "Adam" delta: 1e-8 clip_gradients: 35 random_seed: 7 iter_size: 2
`;

const weights = writeCaffemodel(
  parsePrototxt(definition, 'net'),
  new Map([
    ['cé', { type: 'Convolution', blobs: [float32([1, 1, 2, 2], [1, 2, 3, 4]), float32([1], [5])] }],
    ['s', { type: 'Scale', blobs: [float32([3], [1, 2, 3])] }],
  ]),
);

/** Floats as a `BlobProto` of limn holds them. */
const floatBytes = (...values: number[]) => new Uint8Array(Float32Array.of(...values).buffer);

const mean = toBinary(
  BlobProtoSchema,
  create(BlobProtoSchema, { num: 1, channels: 3, height: 2, width: 1, data: floatBytes(1, 2, 3, 4, 5, 6) }),
);

const state = new Uint8Array(
  Buffer.concat(
    solverStateParts({
      iteration: 20,
      learnedNet: 'tiny_iter_20.caffemodel',
      currentStep: 2,
      history: [float32([2, 3], [1, 2, 3, 4, 5, 6]), float32([2], [1, 2])],
    }),
  ),
);

const words = [
  ...['layer', 'layers', 'bottom', 'top', 'type', 'name', 'dim', 'input_dim', 'include', 'phase', 'TRAIN'],
  ...[
    'Convolution',
    'Deconvolution',
    'InnerProduct',
    'Pooling',
    'Crop',
    'Interp',
    'Tile',
    'SPP',
    'MVN',
    'Flatten',
  ],
  ...[
    'kernel_h',
    'stride',
    'pad',
    'group',
    'dilation',
    'axis',
    'global_pooling',
    'num_output',
    'shape',
    '0x',
    '-',
  ],
];

const nets = ['adience', 'caffenet', 'googlenet', 'vgg'].map((name) => `reference/tiny_${name}`);

export const caffeFormats: readonly Format[] = [
  {
    name: 'prototxt',
    structure: 'text',
    words,
    seeds: [utf8(definition), ...nets.map((net) => fixture(`${net}/deploy.prototxt`))],
    read(bytes) {
      const net = upgradeNet(parsePrototxt(textOf(bytes), FILE), FILE);
      caffeLayers(filterNet(asInputLayer(net, FILE), { phase: 'test' }, FILE), FILE);
      importNet(exportNet(importNet(net, FILE)).net, FILE);
    },
  },
  {
    name: 'train_val',
    structure: 'text',
    words,
    seeds: [fixture('reference/tiny_adience/training/train_val.prototxt')],
    read: (bytes) =>
      caffeLayers(
        filterNet(upgradeNet(parsePrototxt(textOf(bytes), FILE), FILE), { phase: 'train' }, FILE),
        FILE,
      ),
  },
  {
    name: 'solver',
    structure: 'text',
    words: [
      'step',
      'fixed',
      'poly',
      'inv',
      'sigmoid',
      'exp',
      'Nesterov',
      'RMSProp',
      'rms_decay',
      'stepsize',
      'power',
    ],
    seeds: [utf8(solver), fixture('reference/tiny_adience/training/solver.prototxt')],
    read: (bytes) => solverSettings(upgradeSolver(parseSolver(textOf(bytes), FILE), FILE), FILE),
  },
  {
    name: 'caffemodel',
    structure: 'protobuf',
    words,
    seeds: [weights],
    read: (bytes) => readCaffemodel(bytes, FILE),
  },
  { name: 'binaryproto', structure: 'protobuf', seeds: [mean], read: (bytes) => readMean(bytes, FILE) },
  {
    name: 'solverstate',
    structure: 'protobuf',
    seeds: [state],
    read: (bytes) => readSolverState(bytes, FILE),
  },
  {
    name: 'labels',
    structure: 'text',
    seeds: [utf8('n01440764 tench, Tinca tinca\nn01443537 goldfish\n'), utf8('(0, 2)\r\n(4, 6)\r\n')],
    read: (bytes) => parseLabels(textOf(bytes), FILE),
  },
];
