import { GraphBuilder, type Model, type Preprocessing } from '../../graph/index.ts';
import { atTheEnd, type FaceApiWeights, type Layers, layersOf } from './layers.ts';

/** Side of the input in pixels. */
const side = 112;

/** As face-api prepares a face: black borders up to a square, resized, the mean subtracted, divided by 255. */
const preprocessing: Preprocessing = {
  resize: { height: side, width: side, mode: 'pad' },
  channels: 'rgb',
  mean: [122.782, 117.001, 104.298],
  scale: 1 / 255,
};

/** A block of separable convolutions beside a shortcut, added up. */
interface Block {
  /** Our layers' names begin with this. */
  readonly name: string;
  /** Where its weights are in face-api's files. */
  readonly weights: string;
  /** Output channels of its separable convolutions. */
  readonly channels: readonly number[];
  /** Halves height and width: max pooling, and a convolution with stride 2 as the shortcut. */
  readonly halves: boolean;
  /** Whether the first separable convolution stands behind a ReLU of its own. */
  readonly activated: boolean;
}

const blocks: readonly Block[] = [
  {
    name: 'entry0',
    weights: 'entry_flow/reduction_block_0',
    channels: [64, 64],
    halves: true,
    activated: false,
  },
  {
    name: 'entry1',
    weights: 'entry_flow/reduction_block_1',
    channels: [128, 128],
    halves: true,
    activated: true,
  },
  {
    name: 'mid0',
    weights: 'middle_flow/main_block_0',
    channels: [128, 128, 128],
    halves: false,
    activated: true,
  },
  {
    name: 'mid1',
    weights: 'middle_flow/main_block_1',
    channels: [128, 128, 128],
    halves: false,
    activated: true,
  },
  {
    name: 'exit',
    weights: 'exit_flow/reduction_block',
    channels: [256, 256],
    halves: true,
    activated: true,
  },
];

/**
 * face-api's network for age and gender (a small Xception, 420,000 weights) from the weights in its package, by the
 * names in its manifest. Outputs: `fc_age` N×1 in years, `prob` N×2 (male, female). The weights' MIT licence asks
 * for its notice: it is in the provenance. Errors: weights that are missing or of another shape.
 */
export function faceApiAgeGender(
  weights: FaceApiWeights,
  provenance: Readonly<Record<string, string>> = {},
): Model {
  const b = new GraphBuilder('FaceApiAgeGender');
  const layers = withRelu(layersOf(b, weights));
  const { take, node, kernel, convolution, separable, dense, relu } = layers;
  const data = b.input({ name: 'data', type: 'float32', shape: ['N', 3, side, side] });
  const first = {
    weight: kernel('entry_flow/conv_in/filters', [3, 3, 3, 32]),
    bias: take('entry_flow/conv_in/bias', [32]),
  };
  let x = relu(convolution('conv_in', data, first, { strides: [2, 2], pads: atTheEnd }));
  let channels = 32;
  for (const each of blocks) {
    x = addBlock(layers, x, channels, each);
    channels = each.channels.at(-1)!;
  }
  x = relu(separable('exit/sep', x, 'exit_flow/separable_conv', { from: channels, to: 512 }));
  const pooled = node('GlobalAveragePool', 'pool', [x]);
  const flat = node('Flatten', 'pool:flatten', [pooled], { axis: 1 });
  const age = dense('fc_age', flat, 'fc/age', { from: 512, to: 1 });
  const gender = dense('fc_gender', flat, 'fc/gender', { from: 512, to: 2 });
  node('Softmax', 'prob', [gender], { axis: 1 });
  b.output('prob', { name: 'prob', type: 'float32', shape: ['N', 2] });
  b.output(age, { name: 'fc_age', type: 'float32', shape: ['N', 1] });
  return {
    graph: b.build(),
    info: {
      preprocessing,
      // Of ten ways to cut faces out, the one that most answers were right by (docs/explanation/real-data.md).
      faces: { align: 'similarity', margin: 0 },
      heads: [
        { name: 'gender', output: 'prob', kind: 'classes', labels: ['male', 'female'] },
        { name: 'age', output: 'fc_age', kind: 'number' },
      ],
      provenance,
    },
  };
}

interface XceptionLayers extends Layers {
  /** ReLUs are numbered as they are added. */
  relu(x: string): string;
}

function withRelu(layers: Layers): XceptionLayers {
  let made = 0;
  return { ...layers, relu: (x) => layers.node('Relu', `relu${++made}`, [x]) };
}

/** Adds a block to what comes in with `from` channels; gives its sum. */
function addBlock(layers: XceptionLayers, x: string, from: number, block: Block): string {
  const { node, separable, relu } = layers;
  const { name, weights: path, channels, halves, activated } = block;
  const branch = channels.reduce(
    (y, to, i) =>
      separable(`${name}/sep${i}`, i > 0 || activated ? relu(y) : y, `${path}/separable_conv${i}`, {
        from: channels[i - 1] ?? from,
        to,
      }),
    x,
  );
  const inputs = halves
    ? [
        node('MaxPool', `${name}/pool`, [branch], {
          kernel_shape: [3, 3],
          strides: [2, 2],
          pads: atTheEnd,
        }),
        expanded(layers, x, from, block),
      ]
    : [branch, x];
  return node('Add', `${name}/sum`, inputs);
}

/** The shortcut of a block that halves the size. */
function expanded(
  { take, kernel, convolution }: XceptionLayers,
  x: string,
  from: number,
  { name, weights: path, channels }: Block,
): string {
  const to = channels.at(-1)!;
  const given = {
    weight: kernel(`${path}/expansion_conv/filters`, [1, 1, from, to]),
    bias: take(`${path}/expansion_conv/bias`, [to]),
  };
  return convolution(`${name}/expand`, x, given, { strides: [2, 2] });
}
