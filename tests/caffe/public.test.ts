import { describe, expect, it } from 'vitest';
import { importNet, importTraining, leftOutText, parsePrototxt, upgradeNet } from '../../src/caffe/index.ts';
import { infer } from '../../src/operators/index.ts';
import { testStep, trainStep } from '../../src/training/step.ts';

/*
 * What public definitions contain (BVLC's models and examples, ResNet, MobileNet, DenseNet, SENet, SqueezeNet,
 * SimpleNet, ShuffleNet, SSD's and NVIDIA's forks), in small networks: read in both phases, for classifying and for
 * training, or refused by name.
 */

const layer = (type: string, bottoms: string, tops: string, rest = '', name = tops.split(' ')[0]) =>
  `layer { name: "${name}" type: "${type}" ${[
    ...bottoms
      .split(' ')
      .filter(Boolean)
      .map((bottom) => `bottom: "${bottom}"`),
    ...tops
      .split(' ')
      .filter(Boolean)
      .map((top) => `top: "${top}"`),
  ].join(' ')} ${rest} }\n`;
const source = 'data_param { source: "train_lmdb" batch_size: 4 backend: LMDB }';
const crop = 'transform_param { crop_size: 8 mirror: true }';
const data =
  layer('Data', '', 'data label', `include { phase: TRAIN } ${crop} ${source}`) +
  layer('Data', '', 'data label', `include { phase: TEST } transform_param { crop_size: 8 } ${source}`);
const conv = (bottom: string, top: string, rest = '') =>
  layer('Convolution', bottom, top, `convolution_param { num_output: 4 kernel_size: 3 pad: 1 ${rest} }`);
const fc = (bottom: string) => layer('InnerProduct', bottom, 'fc', 'inner_product_param { num_output: 5 }');
const loss =
  layer('SoftmaxWithLoss', 'fc label', 'loss') +
  layer('Accuracy', 'fc label', 'accuracy', 'include { phase: TEST }');
/** A classifier with something between its first convolution and its scores. */
const net = (middle: string, bottom: string) => data + conv('data', 'c') + middle + fc(bottom) + loss;
const train = 'include { phase: TRAIN }';
const test = 'include { phase: TEST }';
const squeezed = layer('Pooling', 'c', 'g', 'pooling_param { pool: AVE global_pooling: true engine: CAFFE }');

const accepted: readonly (readonly [string, string])[] = [
  [
    'in-place layers and a blob that several take',
    net(layer('ReLU', 'c', 'c', '', 'r') + conv('c', 'd') + layer('Eltwise', 'c d', 'e'), 'e'),
  ],
  ["a fork's measure", net('', 'c') + layer('ConfusionMatrix', 'fc label', 'matrix')],
  [
    'ResNet: BatchNorm with its statistics',
    net(
      layer('BatchNorm', 'c', 'c', 'batch_norm_param { use_global_stats: true }', 'bn') +
        layer('Scale', 'c', 'c', 'scale_param { bias_term: true }', 's'),
      'c',
    ),
  ],
  [
    'SimpleNet: a BatchNorm for each phase, under one name',
    net(
      layer(
        'BatchNorm',
        'c',
        'b',
        `${train} batch_norm_param { use_global_stats: false } param { lr_mult: 0 }`,
      ) +
        layer(
          'BatchNorm',
          'c',
          'b',
          `${test} batch_norm_param { use_global_stats: true } param { lr_mult: 0 }`,
        ),
      'b',
    ),
  ],
  [
    'statistics of the batch in both phases',
    net(layer('BatchNorm', 'c', 'b', 'batch_norm_param { use_global_stats: false }'), 'b'),
  ],
  [
    'SimpleNet: repeated names',
    net(layer('ReLU', 'c', 'c', '', 'r') + conv('c', 'd') + layer('ReLU', 'd', 'd', '', 'r'), 'd'),
  ],
  ['repeated names of layers with weights', net(conv('c', 'd').replace('"d" type', '"c" type'), 'd')],
  ['a layer without a name', net(layer('ReLU', 'c', 'c', '', ''), 'c')],
  ['MobileNet: a convolution in groups by cuDNN', net(conv('c', 'd', 'group: 4 engine: CAFFE'), 'd')],
  [
    'MobileNet: depthwise, and ReLU6',
    net(
      layer('DepthwiseConvolution', 'c', 'd', 'convolution_param { num_output: 4 kernel_size: 3 group: 4 }') +
        layer('ReLU6', 'd', 'd', '', 'r'),
      'd',
    ),
  ],
  [
    'MobileNet: depthwise without a group',
    net(layer('ConvolutionDepthwise', 'c', 'd', 'convolution_param { num_output: 4 kernel_size: 3 }'), 'd'),
  ],
  [
    'pooling with ceil_mode',
    net(layer('Pooling', 'c', 'p', 'pooling_param { kernel_size: 3 stride: 2 ceil_mode: false }'), 'p'),
  ],
  [
    'ceil_mode beside round_mode',
    net(
      layer(
        'Pooling',
        'c',
        'p',
        'pooling_param { kernel_size: 3 stride: 2 ceil_mode: false round_mode: FLOOR }',
      ),
      'p',
    ),
  ],
  [
    'SENet: Axpy',
    net(squeezed + layer('Sigmoid', 'g', 's') + conv('c', 'd') + layer('Axpy', 's d c', 'e'), 'e'),
  ],
  [
    'SENet: a Scale of two bottoms',
    net(
      layer('Pooling', 'c', 'g', 'pooling_param { pool: AVE global_pooling: true }') +
        layer('Reshape', 'g', 'q', 'reshape_param { shape { dim: 0 dim: -1 } }') +
        layer('Sigmoid', 'q', 's') +
        layer('Scale', 'c s', 'e', 'scale_param { axis: 0 }'),
      'e',
    ),
  ],
  ['ShuffleNet', net(layer('ShuffleChannel', 'c', 'd', 'shuffle_channel_param { group: 2 }'), 'd')],
  [
    "SSD's Normalize",
    net(
      layer(
        'Normalize',
        'c',
        'n',
        'norm_param { across_spatial: false channel_shared: false scale_filler { type: "constant" value: 20 } }',
      ),
      'n',
    ),
  ],
  [
    "SSD's Permute and Flatten",
    net(
      layer('Permute', 'c', 'p', 'permute_param { order: 0 order: 2 order: 3 order: 1 }') +
        layer('Flatten', 'p', 'f', 'flatten_param { axis: 1 }'),
      'f',
    ),
  ],
  [
    "NVIDIA's engines and types",
    `default_forward_type: FLOAT16\n${net(layer('ReLU', 'c', 'c', 'forward_type: FLOAT relu_param { engine: CUDNN }', 'r'), 'c')}`,
  ],
  ["Intel's engines", `engine: "MKLDNN"\n${net(conv('c', 'd', 'engine: MKL2017'), 'd')}`],
  [
    "Ristretto's quantisation",
    net(layer('ReLU', 'c', 'd', 'quantization_param { bw_layer_in: 8 precision: DYNAMIC_FIXED_POINT }'), 'd'),
  ],
  [
    'how data is read and changed',
    net('', 'c')
      .replaceAll('batch_size: 4', 'batch_size: 4 shuffle: true cache: true threads: 2')
      .replaceAll('mirror: true', 'mirror: true resize_param { prob: 1 height: 8 }'),
  ],
  [
    'MVN and TanH',
    net(
      layer('MVN', 'c', 'm', 'mvn_param { across_channels: true }') + layer('TanH', 'm', 'm', '', 't'),
      'm',
    ),
  ],
  [
    'Tile, Crop and Reduction',
    net(
      layer('Tile', 'c', 't', 'tile_param { axis: 2 tiles: 2 }') +
        layer('Crop', 't c', 'k', 'crop_param { axis: 2 offset: 1 offset: 0 }') +
        layer('Reduction', 'k', 'x', 'reduction_param { operation: SUMSQ axis: 2 }'),
      'x',
    ),
  ],
  [
    "BNLL, Threshold, and a pyramid as SPP-net's",
    net(
      layer('BNLL', 'c', 'b') +
        layer('Threshold', 'b', 't', 'threshold_param { threshold: 0.5 }') +
        layer('Eltwise', 'b t', 'e') +
        layer('SPP', 'e', 'p', 'spp_param { pyramid_height: 3 pool: MAX }'),
      'p',
    ),
  ],
  [
    "DeepLab's Interp",
    net(
      layer('Interp', 'c', 'i', 'interp_param { shrink_factor: 2 }') +
        layer('Interp', 'i', 'j', 'interp_param { height: 8 width: 8 }'),
      'j',
    ),
  ],
  [
    'an inner product of each row',
    net(layer('InnerProduct', 'c', 'r', 'inner_product_param { num_output: 3 axis: -1 }'), 'r'),
  ],
  [
    'an input without dimensions beside a layer',
    `input: "data"\n${layer('Input', '', 'data label', 'input_param { shape { dim: [1, 3, 8, 8] } shape { dim: 1 } }')}${fc('data')}${loss}`,
  ],
  [
    'input_shape and input_dim',
    `input: "data" input_dim: 1 input_dim: 3 input_dim: 4 input_dim: 4 input_shape { dim: [1, 3, 8, 8] }\n${fc('data')}`,
  ],
  [
    'layers of V1',
    'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\nlayers { name: "fc" type: INNER_PRODUCT bottom: "data" top: "fc" inner_product_param { num_output: 5 } blobs_lr: 1 blobs_lr: 2 }',
  ],
  [
    'data that nothing takes',
    net(layer('HDF5Data', '', 'extra', 'hdf5_data_param { source: "x" batch_size: 4 }'), 'c'),
  ],
  [
    'layers for one stage only',
    net(
      layer(
        'Python',
        '',
        'odd',
        `include { phase: TEST stage: "odd" } python_param { module: "m" layer: "L" }`,
      ),
      'c',
    ),
  ],
];

const refused: readonly (readonly [string, string, string])[] = [
  [
    'a data layer in Python',
    layer('Python', '', 'data label', 'python_param { module: "m" layer: "L" }') + fc('data') + loss,
    "layer 'data': a data layer written in Python, 'L' of the module 'm', which limn does not run; put Data or ImageData in its place, or an Input layer with its shape",
  ],
  [
    'a layer in Python',
    net(layer('Python', 'c', 'p', 'python_param { module: "m" layer: "L" }'), 'p'),
    "layer 'p': a layer written in Python, 'L' of the module 'm'",
  ],
  [
    'an Accuracy without labels',
    `input: "data" input_shape { dim: [1, 3, 8, 8] }\n${fc('data')}${layer('Accuracy', 'fc label', 'accuracy')}`,
    "layer 'accuracy': it compares with 'label', which no layer before it makes; delete the Accuracy layer, or let a data layer make 'label' in this phase",
  ],
  ['a blob that nothing makes', net('', 'd'), "layer 'fc': its bottom 'd' is made by no layer before it"],
  [
    "SSD's detections",
    net(layer('PriorBox', 'c data', 'p', 'prior_box_param { min_size: 30 }'), 'p'),
    'layers of type PriorBox, of SSD, which finds objects, are not supported; cut the network where its features end',
  ],
  [
    'windows for which there are too few pixels',
    net(layer('SPP', 'c', 'p', 'spp_param { pyramid_height: 5 }'), 'p'),
    "layer 'p': 8×8 pixels are too few for 16×16 windows; write pyramid_height: 4",
  ],
  [
    'an Interp without a size',
    net(layer('Interp', 'c', 'p', 'interp_param { height: 4 }'), 'p'),
    "layer 'p': nothing says its size; give height and width, zoom_factor or shrink_factor",
  ],
  [
    'an Interp that pads',
    net(layer('Interp', 'c', 'p', 'interp_param { zoom_factor: 2 pad_beg: 1 }'), 'p'),
    'pad_beg and pad_end can only cut pixels off; give at most 0',
  ],
  [
    'stochastic pooling',
    net(layer('Pooling', 'c', 'p', 'pooling_param { kernel_size: 2 pool: STOCHASTIC }'), 'p'),
    "layer 'p': stochastic pooling is not supported; use pool: MAX or AVE",
  ],
  [
    "Faster R-CNN's regions",
    net(layer('ROIPooling', 'c label', 'p', 'roi_pooling_param { pooled_w: 7 }'), 'p'),
    'layers of type ROIPooling, of Faster R-CNN',
  ],
  [
    'recurrent layers',
    net(layer('LSTM', 'c label', 'p', 'recurrent_param { num_output: 4 }'), 'p'),
    "layers of type LSTM, of Caffe's recurrent networks",
  ],
  [
    'data of a fork, with parameters of its own',
    layer(
      'MultiLabelData',
      '',
      'data label',
      'multi_label_data_param { source: "train.txt" label_num: 21 }',
    ) +
      fc('data') +
      loss,
    "layer 'data': data cannot be read by a layer of type MultiLabelData; put Data or ImageData in its place",
  ],
  [
    'layers of the first format',
    'layers { layer { name: "conv1" type: "conv" kernelsize: 5 blobs_lr: 1. } bottom: "data" top: "conv1" }',
    'net:1:1: layer conv1 is in the first (V0) format; convert the file',
  ],
  [
    'a type of a fork, in the older format',
    'layers { name: "c" type: LOCAL_WEIGHTED_CONVOLUTION bottom: "data" top: "c" }',
    'net:1:26: layers of type LOCAL_WEIGHTED_CONVOLUTION are not supported; only forks of Caffe have them',
  ],
  [
    'a type misspelt, in the older format',
    'layers { name: "c" type: CONVOLUTON bottom: "data" top: "c" }',
    'net:1:26: layers of type CONVOLUTON are not supported; did you mean CONVOLUTION?',
  ],
  [
    'a merge conflict',
    `${net('', 'c')}<<<<<<< HEAD\n=======\n${fc('c')}>>>>>>> theirs\n`,
    'net: a text with a merge conflict of Git in it, not a network definition; keep one side of each conflict',
  ],
  [
    'two that make the data',
    `input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\n${net('', 'data')}`,
    "net: input 'data': two data layers or inputs make it; keep one of them",
  ],
  [
    'a layer type misspelt',
    net(layer('Relu', 'c', 'p'), 'p'),
    "layer 'p': layers of type Relu are not supported; did you mean ReLU?",
  ],
  [
    'a field misspelt',
    net(layer('Convolution', 'c', 'p', 'convolutoin_param { num_output: 4 }'), 'p'),
    'unknown field convolutoin_param in LayerParameter; did you mean convolution_param?',
  ],
  [
    "SegNet's statistics",
    net(layer('BN', 'c', 'p', 'bn_param { scale_filler { value: 1 } }'), 'p'),
    "layer 'p': a BN of ",
  ],
  [
    'contradicting roundings',
    net(
      layer('Pooling', 'c', 'p', 'pooling_param { kernel_size: 2 ceil_mode: true round_mode: FLOOR }'),
      'p',
    ),
    'round_mode and ceil_mode contradict each other',
  ],
];

const read = (text: string, tell: (note: string) => void = () => {}) =>
  upgradeNet(
    parsePrototxt(text, 'net', (left) => tell(leftOutText(left))),
    'net',
  );
const phases = ['train', 'test'] as const;

describe('definitions that people have', () => {
  it.each(accepted)('%s', (_, text) => {
    const given = read(text);
    for (const phase of phases) {
      const { graph, info } = importNet(given, 'net', { state: { phase } });
      expect(infer(graph).shapes.get(info.heads[0].output)).toEqual(['N', 5]);
      const training = importTraining(given, 'net', { phase });
      if (phase === 'train' && training.losses.length > 0) trainStep(training, { batch: 2 });
      else testStep(training);
    }
  });

  it.each(refused)('refused: %s', (_, text, message) => {
    for (const phase of phases) {
      for (const run of [
        () => importNet(read(text), 'net', { state: { phase } }),
        () => importTraining(read(text), 'net', { phase }),
      ]) {
        expect(run).toThrow(expect.objectContaining({ name: 'LimnError' }));
        expect(run).toThrow(message);
      }
    }
  });

  it('names every layer by itself, the same way in each phase', () => {
    const text = net(
      layer('ReLU', 'c', 'c', '', 'c') + layer('ReLU', 'c', 'c', '', "c'") + layer('ReLU', 'c', 'c', '', ''),
      'c',
    );
    const { graph } = importNet(read(text), 'net');
    expect(graph.nodes.map(({ name }) => name)).toEqual([
      'c',
      "c''",
      "c'",
      "c'''",
      'fc:flatten',
      'fc',
      'loss',
    ]);
  });

  it('takes a size for the one blob that nothing makes', () => {
    const text = conv('data', 'c') + fc('c') + loss;
    expect(() => importNet(read(text), 'net')).toThrow(
      "net: the network has no input; give inputShape of 'data', or declare",
    );
    const { graph } = importNet(read(text), 'net', { inputShape: [1, 3, 8, 8] });
    expect(graph.inputs).toEqual([{ name: 'data', type: 'float32', shape: ['N', 3, 8, 8] }]);
  });

  it('takes the size of pictures for data layers that it cannot read', () => {
    const python = layer('Python', '', 'data label', 'python_param { module: "m" layer: "L" }');
    const fork = layer('MultiLabelData', '', 'data label', `${crop} multi_label_data_param { source: "x" }`);
    for (const given of [python, fork]) {
      const text = given + conv('data', 'c') + fc('c') + loss;
      const { graph, info } = importNet(read(text), 'net', { inputShape: [1, 3, 8, 8] });
      expect(graph.inputs).toEqual([{ name: 'data', type: 'float32', shape: ['N', 3, 8, 8] }]);
      expect(info.heads).toHaveLength(1);
    }
    const cropped = fork + conv('data', 'c') + fc('c') + loss;
    expect(importNet(read(cropped), 'net').graph.inputs[0].shape).toEqual(['N', 3, 8, 8]);
    expect(() => importNet(read(python + fc('data') + loss), 'net')).toThrow(
      'or an Input layer with its shape, or give inputShape',
    );
    expect(() => importNet(read(fork + layer('Convolution', 'label', 'c')), 'net')).toThrow(
      "its bottom 'label' is a label, which a photo to classify does not bring",
    );
  });

  it('leaves out losses and measures of any kind', () => {
    const plain = `input: "data" input_shape { dim: [1, 3, 8, 8] } input: "label" input_shape { dim: 1 }\n${fc('data')}`;
    const extra = [
      layer(
        'Python',
        'fc label',
        'l',
        'python_param { module: "m" layer: "EuclideanLossLayer" } loss_weight: 1',
      ),
      layer('MultiLabelAccuracy', 'fc label', 'a'),
      layer('FocalLoss', 'fc label', 'f'),
    ];
    const wanted = importNet(read(plain), 'net').graph.nodes;
    expect(importNet(read(plain + extra.join('')), 'net').graph.nodes).toEqual(wanted);
  });

  it('names the stages in which there are data', () => {
    const text = net('', 'c').replace('phase: TEST', 'phase: TEST stage: "on-train"');
    expect(() => importNet(read(text), 'net')).toThrow('net: the network has no input; give stage: on-train');
    const { graph } = importNet(read(text), 'net', { state: { phase: 'test', stages: ['on-train'] } });
    expect(graph.inputs.map(({ name }) => name)).toEqual(['data']);
    expect(() => importTraining(read(text), 'net', { phase: 'test' })).toThrow(
      'net: the network has no input; layers bring data in the stages on-train; name one in the solver',
    );
  });

  it('tells once of each field that is left out, and of statistics that are taken instead', () => {
    const notes: string[] = [];
    const text = `engine: "MKLDNN"\n${net(
      layer('BatchNorm', 'c', 'b', 'quantization_param { } batch_norm_param { use_global_stats: false }') +
        layer('ReLU', 'b', 'b', 'quantization_param { }', 'r'),
      'b',
    )}`;
    const tell = (note: string) => void notes.push(note);
    importNet(read(text, tell), 'net', { tell });
    expect(notes).toEqual([
      'net:1:1: engine is left out, it only chooses how things are computed',
      expect.stringMatching(/^net:5:\d+: quantization_param is left out, limn computes in float32$/),
      "net:5:1: layer 'b': use_global_stats: false; of a photo by itself, limn uses the stored statistics",
    ]);
  });

  it('trains no statistics of forks', () => {
    const own = layer('BatchNorm', 'c', 'b', 'batch_norm_param { scale_bias: true }');
    const other = layer('BN', 'c', 'b', 'bn_param { slope_filler { value: 1 } }');
    for (const [middle, message] of [
      [own, 'put a Scale layer behind it'],
      [other, 'put BatchNorm and Scale in its place'],
    ] as const) {
      expect(importNet(read(net(middle, 'b')), 'net').info.heads).toHaveLength(1);
      expect(() => importTraining(read(net(middle, 'b')), 'net', { phase: 'train' })).toThrow(message);
    }
  });
});
