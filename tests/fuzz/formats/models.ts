import {
  readHuggingFace,
  readTeachableMachine,
  readTfjsModel,
  readTfjsWeights,
  readToolboxNetwork,
} from '../../../src/models/index.ts';
import { tfjsShards } from '../../../src/models/tfjs/model.ts';
import { FILE, type Format, fixture, textOf, utf8 } from '../format.ts';

const processors = [
  {
    ...{ do_resize: true, size: { shortest_edge: 256 }, resample: 3, do_center_crop: true },
    ...{
      crop_size: { height: 224, width: 224 },
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: true,
    },
    ...{ image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
    image_processor_type: 'ConvNextImageProcessor',
  },
  {
    size: 24,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    feature_extractor_type: 'ViTFeatureExtractor',
  },
];

const timm = {
  architecture: 'resnet18',
  num_classes: 10,
  label_names: ['n01440764', 'n01443537'],
  pretrained_cfg: {
    ...{ input_size: [3, 224, 224], interpolation: 'bicubic', crop_pct: 0.95, crop_mode: 'center' },
    ...{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], num_classes: 10 },
  },
};

const toolboxNetworks = [
  'Linear 2 3\n1 -.5 2e-1\n.25 3 -1\n0 0 .5\nTanh\nLinear 3 2\n1 2 3 4 5 6\n0 1\nSoftMax\n',
  'Convolution 2 2 1 2 1 1\n1 2 3 4 5 6 7 8\n0 0\nRect\nSumPool 2 2 2 2\nMaxPool 1 1 1 1\nFlatten\nSoftMax\n',
];

const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

/** The models of the fixtures with the bytes of their weights. */
const models = ['layers', 'graph', 'teachable'].map((name) => ({
  model: fixture(`tfjs/${name}/model.json`),
  weights: fixture(`tfjs/${name}/weights.bin`),
}));

/** Those weights of the fixtures that a manifest tells of; the first where it tells of none. */
function weightsFor(manifest: string): Uint8Array {
  const fits = ({ weights }: (typeof models)[number]) => {
    try {
      readTfjsWeights(manifest, weights, { manifest: FILE, weights: FILE });
      return true;
    } catch {
      return false;
    }
  };
  return (models.find(fits) ?? models[0]).weights;
}

function manifestIn(model: string): string {
  try {
    return JSON.stringify(JSON.parse(model).weightsManifest);
  } catch {
    return '';
  }
}

const words = [
  'class_name',
  'config',
  'dtype',
  'shape',
  'units',
  'padding',
  'op',
  'attr',
  'input',
  'name',
  'size',
];

export const modelFormats: readonly Format[] = [
  {
    name: 'tfjs',
    structure: 'json',
    words,
    seeds: models.map(({ model }) => model),
    read(bytes) {
      const content = textOf(bytes);
      tfjsShards({ name: FILE, content });
      const weights = weightsFor(manifestIn(content));
      readTfjsModel({ model: { name: FILE, content }, weights: { name: FILE, content: weights } });
    },
  },
  {
    name: 'tfjs-weights',
    structure: 'json',
    words: [
      'quantization',
      'float16',
      'uint8',
      'int32',
      'bool',
      'string',
      'complex64',
      'scale',
      'min',
      ...words,
    ],
    seeds: models.map(({ model }) => json(JSON.parse(textOf(model)).weightsManifest)),
    read(bytes) {
      const manifest = textOf(bytes);
      readTfjsWeights(manifest, weightsFor(manifest), { manifest: FILE, weights: FILE });
    },
  },
  {
    name: 'toolbox-network',
    structure: 'text',
    words: ['Linear', 'Convolution', 'SumPool', 'MaxPool', 'Rect', 'Tanh', 'SoftMax', 'Flatten'],
    seeds: toolboxNetworks.map(utf8),
    read: (bytes) => void readToolboxNetwork({ name: FILE, content: textOf(bytes) }),
  },
  {
    name: 'toolbox-objects',
    structure: 'bytes',
    seeds: ['protocol-0', 'protocol-2', 'protocol-5', 'python2-2'].map((name) =>
      fixture(`toolbox/${name}.nn`),
    ),
    read: (bytes) => void readToolboxNetwork({ name: FILE, content: bytes }),
  },
  {
    name: 'teachable',
    structure: 'json',
    seeds: [fixture('tfjs/teachable/metadata.json')],
    read: (bytes) => readTeachableMachine(FILE, textOf(bytes)),
  },
  {
    name: 'huggingface',
    structure: 'json',
    words: [
      'id2label',
      'num_channels',
      'pretrained_cfg',
      'size',
      'height',
      'longest_edge',
      'crop_pct',
      'bilinear',
    ],
    seeds: [json({ id2label: { 0: 'a', 2: 'c', 10: 'k' }, num_channels: 3, image_size: 224 }), json(timm)],
    read: (bytes) => readHuggingFace({ config: { name: FILE, content: textOf(bytes) } }),
  },
  {
    name: 'processor',
    structure: 'json',
    words: [
      'size',
      'crop_size',
      'height',
      'width',
      'shortest_edge',
      'longest_edge',
      'resample',
      'do_pad',
      'crop_pct',
    ],
    seeds: processors.map(json),
    read: (bytes) =>
      readHuggingFace({
        config: { name: 'config.json', content: '{}' },
        processor: { name: FILE, content: textOf(bytes) },
      }),
  },
];
