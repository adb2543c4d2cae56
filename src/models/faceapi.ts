import { fail } from '../common/error.ts';
import { GraphBuilder, type Model, type Preprocessing, type Tensor } from '../graph/index.ts';
import { transpose } from './transpose.ts';

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

/** What TensorFlow calls "same" with stride 2 on an even size: one more row and column, at the end. */
const atTheEnd = [0, 0, 1, 1];

/**
 * face-api's network for age and gender (a small Xception, 420,000 weights) from the weights in its package, by the
 * names in its manifest. Outputs: `fc_age` N×1 in years, `prob` N×2 (male, female). The weights' MIT licence asks
 * for its notice: it is in the provenance. Errors: weights that are missing or of another shape.
 */
export function faceApiAgeGender(
  weights: ReadonlyMap<string, Tensor<'float32'>>,
  provenance: Readonly<Record<string, string>> = {},
): Model {
  const b = new GraphBuilder('FaceApiAgeGender');
  const take = (name: string, shape: readonly number[]): Tensor<'float32'> => {
    const found = weights.get(name) ?? fail(`weights '${name}'`, 'they are missing', 'reinstall face-api');
    return found.shape.join() === shape.join()
      ? found
      : fail(`weights '${name}'`, `expected [${shape}], got [${found.shape}]`);
  };
  const relus = { made: 0 };
  const relu = (x: string): string => {
    relus.made += 1;
    const name = `relu${relus.made}`;
    return b.node({ op: 'Relu', name, inputs: [x], outputs: [name] })[0];
  };
  const convolution = (
    name: string,
    x: string,
    kernel: Tensor<'float32'>,
    bias: Tensor<'float32'> | undefined,
    attributes: { group?: number; strides?: number[]; pads?: number[] },
  ): string => {
    const inputs = [x, b.weight(`${name}.weight`, kernel)];
    if (bias) inputs.push(b.weight(`${name}.bias`, bias));
    return b.node({ op: 'Conv', name, inputs, outputs: [name], attributes })[0];
  };
  const separable = (name: string, x: string, path: string, from: number, to: number): string => {
    const depthwise = transpose(take(`${path}/depthwise_filter`, [3, 3, from, 1]), [2, 3, 0, 1]);
    const pointwise = transpose(take(`${path}/pointwise_filter`, [1, 1, from, to]), [3, 2, 0, 1]);
    const spread = convolution(`${name}/dw`, x, depthwise, undefined, { group: from, pads: [1, 1, 1, 1] });
    return convolution(`${name}/pw`, spread, pointwise, take(`${path}/bias`, [to]), {});
  };
  const block = (x: string, from: number, { name, weights: path, channels, halves, activated }: Block) => {
    const branch = channels.reduce(
      (y, to, i) =>
        separable(
          `${name}/sep${i}`,
          i > 0 || activated ? relu(y) : y,
          `${path}/separable_conv${i}`,
          channels[i - 1] ?? from,
          to,
        ),
      x,
    );
    const to = channels.at(-1)!;
    const inputs = halves
      ? [
          b.node({
            op: 'MaxPool',
            name: `${name}/pool`,
            inputs: [branch],
            outputs: [`${name}/pool`],
            attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: atTheEnd },
          })[0],
          convolution(
            `${name}/expand`,
            x,
            transpose(take(`${path}/expansion_conv/filters`, [1, 1, from, to]), [3, 2, 0, 1]),
            take(`${path}/expansion_conv/bias`, [to]),
            { strides: [2, 2] },
          ),
        ]
      : [branch, x];
    return b.node({ op: 'Add', name: `${name}/sum`, inputs, outputs: [`${name}/sum`] })[0];
  };

  const data = b.input({ name: 'data', type: 'float32', shape: ['N', 3, side, side] });
  const first = transpose(take('entry_flow/conv_in/filters', [3, 3, 3, 32]), [3, 2, 0, 1]);
  let x = relu(
    convolution('conv_in', data, first, take('entry_flow/conv_in/bias', [32]), {
      strides: [2, 2],
      pads: atTheEnd,
    }),
  );
  let channels = 32;
  for (const each of blocks) {
    x = block(x, channels, each);
    channels = each.channels.at(-1)!;
  }
  x = relu(separable('exit/sep', x, 'exit_flow/separable_conv', channels, 512));
  const pooled = b.node({ op: 'GlobalAveragePool', name: 'pool', inputs: [x], outputs: ['pool'] })[0];
  const flat = b.node({
    op: 'Flatten',
    name: 'pool:flatten',
    inputs: [pooled],
    outputs: ['pool:flatten'],
    attributes: { axis: 1 },
  })[0];
  const dense = (name: string, path: string, outputs: number): string => {
    const kernel = b.weight(`${name}.weight`, transpose(take(`${path}/weights`, [512, outputs]), [1, 0]));
    const bias = b.weight(`${name}.bias`, take(`${path}/bias`, [outputs]));
    return b.node({
      op: 'Gemm',
      name,
      inputs: [flat, kernel, bias],
      outputs: [name],
      attributes: { transB: 1 },
    })[0];
  };
  const age = dense('fc_age', 'fc/age', 1);
  const gender = dense('fc_gender', 'fc/gender', 2);
  b.node({ op: 'Softmax', name: 'prob', inputs: [gender], outputs: ['prob'], attributes: { axis: 1 } });
  b.output('prob', { name: 'prob', type: 'float32', shape: ['N', 2] });
  b.output(age, { name: 'fc_age', type: 'float32', shape: ['N', 1] });
  return {
    graph: b.build(),
    info: {
      preprocessing,
      heads: [
        { name: 'gender', output: 'prob', kind: 'classes', labels: ['male', 'female'] },
        { name: 'age', output: 'fc_age', kind: 'number' },
      ],
      provenance,
    },
  };
}
