import type { JsonField } from '../../common/json.ts';
import { float, float32, type Tensor } from '../../graph/index.ts';
import { activate } from './activation.ts';
import type { TfBuilder } from './builder.ts';
import type { TfDim, TfValue } from './values.ts';
import type { Padding } from './windows.ts';

/** One layer of Keras that is converted. */
export interface LayerSite {
  readonly b: TfBuilder;
  readonly config: JsonField;
  readonly inputs: readonly TfValue[];
  /** The weights of this name. Errors: they are missing. */
  weight(name: string): Tensor<'float32'>;
  text(name: string, otherwise: string): string;
  number(name: string, otherwise: number): number;
  flag(name: string, otherwise: boolean): boolean;
}

type Convert = (site: LayerSite, x: TfValue) => TfValue;

/** Rows and columns of a setting that is one number for both, or a list of two. */
function pair(site: LayerSite, name: string, otherwise: readonly [number, number] = [1, 1]) {
  const field = site.config.at(name);
  if (field.value === undefined || field.value === null) return otherwise;
  if (typeof field.value === 'number') return [field.count(), field.count()] as const;
  const [rows, columns] = field.tuple(2, (each) => each.count());
  return [rows, columns] as const;
}

const paddingOf = (site: LayerSite): Padding => {
  if (site.text('data_format', 'channels_last') !== 'channels_last')
    site.b.fail('channels before height and width are not supported');
  const padding = site.text('padding', 'valid');
  return padding === 'same' || padding === 'valid'
    ? padding
    : site.b.fail(`padding '${padding}' is not supported`);
};

const window = (site: LayerSite) => ({
  strides: pair(site, 'strides'),
  dilations: pair(site, 'dilation_rate'),
  padding: paddingOf(site),
});

const biasOf = (site: LayerSite): Tensor<'float32'> | undefined =>
  site.flag('use_bias', true) ? site.weight('bias') : undefined;

const activated = (site: LayerSite, x: TfValue): TfValue =>
  activate(site.b, site.text('activation', 'linear'), x);

const pool =
  (kind: 'MaxPool' | 'AveragePool'): Convert =>
  (site, x) => {
    const size = pair(site, 'pool_size', [2, 2]);
    const strides = pair(site, 'strides', size);
    return site.b.pool(kind, x, size, { strides, padding: paddingOf(site) });
  };

const global =
  (kind: 'ReduceMean' | 'ReduceMax'): Convert =>
  (site, x) =>
    site.b.reduce(kind, x, [1, 2], site.flag('keepdims', false));

const same: Convert = (_, x) => x;

const merge =
  (op: string): Convert =>
  ({ b, inputs }, x) =>
    inputs.slice(1).reduce((sum, each) => b.binary(op, sum, each), x);

const scalar = (value: number): Tensor<'float32'> => float32([], [value]);

/** Keras' layers for image classifiers, by class. */
const layers: Readonly<Record<string, Convert>> = {
  Conv2D: (site, x) => activated(site, site.b.conv(x, site.weight('kernel'), biasOf(site), window(site))),
  DepthwiseConv2D: (site, x) =>
    activated(site, site.b.depthwise(x, site.weight('depthwise_kernel'), biasOf(site), window(site))),
  SeparableConv2D(site, x) {
    const spread = site.b.depthwise(x, site.weight('depthwise_kernel'), undefined, window(site));
    const points = { strides: [1, 1], padding: 'valid' } as const;
    return activated(site, site.b.conv(spread, site.weight('pointwise_kernel'), biasOf(site), points));
  },
  Dense: (site, x) => activated(site, site.b.dense(x, site.weight('kernel'), biasOf(site))),
  BatchNormalization(site, x) {
    const mean = site.weight('moving_mean');
    const filled = (value: number) =>
      float32(
        mean.shape,
        mean.data.map(() => value),
      );
    const parts = [
      site.flag('scale', true) ? site.weight('gamma') : filled(1),
      site.flag('center', true) ? site.weight('beta') : filled(0),
      mean,
      site.weight('moving_variance'),
    ];
    return site.b.batchNorm(x, parts, site.number('epsilon', 1e-3));
  },
  Activation: activated,
  ReLU(site, x) {
    const [most, slope, threshold] = [
      site.number('max_value', Number.POSITIVE_INFINITY),
      site.number('negative_slope', 0),
      site.number('threshold', 0),
    ];
    if (threshold !== 0) return site.b.fail('a ReLU with a threshold is not supported');
    if (slope !== 0) {
      if (Number.isFinite(most)) site.b.fail('a ReLU with both a slope and a largest value is not supported');
      return site.b.elementwise('LeakyRelu', x, { alpha: float(slope) });
    }
    return Number.isFinite(most)
      ? site.b.elementwise('Clip', x, {}, scalar(0), scalar(most))
      : site.b.elementwise('Relu', x);
  },
  LeakyReLU: (site, x) => site.b.elementwise('LeakyRelu', x, { alpha: float(site.number('alpha', 0.3)) }),
  PReLU: (site, x) => site.b.prelu(x, site.weight('alpha')),
  ELU: (site, x) => site.b.elementwise('Elu', x, { alpha: float(site.number('alpha', 1)) }),
  ThresholdedReLU: (site, x) =>
    site.b.elementwise('ThresholdedRelu', x, { alpha: float(site.number('theta', 1)) }),
  Softmax: (site, x) => site.b.softmax(x),
  MaxPooling2D: pool('MaxPool'),
  AveragePooling2D: pool('AveragePool'),
  GlobalAveragePooling2D: global('ReduceMean'),
  GlobalMaxPooling2D: global('ReduceMax'),
  ZeroPadding2D(site, x) {
    const given = site.config.at('padding');
    const side = (field: JsonField): [before: number, after: number] => {
      if (typeof field.value === 'number') return [field.whole(), field.whole()];
      const [before, after] = field.tuple(2, (n) => n.whole());
      return [before, after];
    };
    const [rows, columns] =
      given.value === undefined
        ? ([
            [1, 1],
            [1, 1],
          ] as const)
        : typeof given.value === 'number'
          ? [side(given), side(given)]
          : given.tuple(2, side);
    return site.b.pad(x, [[0, 0], [...rows], [...columns], [0, 0]]);
  },
  Cropping2D(site, x) {
    const [rows, columns] = site.config.at('cropping').tuple(2, (side) => side.tuple(2, (n) => n.whole()));
    return [rows, columns].reduce((value, [before, after], i) => {
      const length = value.shape[i + 1] as number;
      return site.b.slice(value, i + 1, before, length - after);
    }, x);
  },
  UpSampling2D(site, x) {
    const [rows, columns] = pair(site, 'size', [2, 2]);
    const size = [(x.shape[1] as number) * rows, (x.shape[2] as number) * columns] as const;
    return site.text('interpolation', 'nearest') === 'nearest'
      ? site.b.resize(x, size, {
          mode: 'nearest',
          coordinate_transformation_mode: 'asymmetric',
          nearest_mode: 'floor',
        })
      : site.b.resize(x, size, { mode: 'linear', coordinate_transformation_mode: 'half_pixel' });
  },
  Flatten: (site, x) => site.b.flatten(x),
  Reshape(site, x) {
    const target = site.config.at('target_shape').list((n) => n.whole(-1));
    return site.b.reshape(x, ['N', ...target]);
  },
  Permute(site, x) {
    const dims = site.config.at('dims').list((n) => n.whole(1));
    return site.b.permute(x, [0, ...dims]);
  },
  Rescaling(site, x) {
    const scaled = site.b.binary('Mul', x, scalar(site.number('scale', 1)));
    const offset = site.number('offset', 0);
    return offset === 0 ? scaled : site.b.binary('Add', scaled, scalar(offset));
  },
  Add: merge('Add'),
  Subtract: merge('Sub'),
  Multiply: merge('Mul'),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Average(site, x) {
    const sum = merge('Add')(site, x);
    return site.b.binary('Mul', sum, scalar(1 / site.inputs.length));
  },
  Concatenate: ({ b, inputs, config }) =>
    b.concat(inputs, (config.at('axis').value as number | undefined) ?? -1),
  // They work in training only.
  Dropout: same,
  SpatialDropout2D: same,
  AlphaDropout: same,
  GaussianDropout: same,
  GaussianNoise: same,
  ActivityRegularization: same,
};

/** The layers that can be converted. */
export const layerNames: readonly string[] = Object.keys(layers).sort();

/** What a layer of one of {@link layerNames} makes of its inputs. Errors: weights that are missing, settings that are not supported. */
export function convertLayer(
  b: TfBuilder,
  type: string,
  config: JsonField,
  inputs: readonly TfValue[],
  weight: (name: string) => Tensor<'float32'>,
): TfValue {
  const at = (name: string): JsonField | undefined => {
    const field = config.at(name);
    return field.value === undefined || field.value === null ? undefined : field;
  };
  const [x] = inputs;
  if (!x) return b.fail('it has no input');
  const site: LayerSite = {
    b,
    config,
    inputs,
    weight,
    text: (name, otherwise) => at(name)?.string() ?? otherwise,
    number: (name, otherwise) => at(name)?.number() ?? otherwise,
    flag: (name, otherwise) => at(name)?.boolean() ?? otherwise,
  };
  return layers[type](site, x);
}

/** The shape of an input layer, N×H×W×C. */
export const inputShapeOf = (config: JsonField): readonly TfDim[] | undefined => {
  const given = ['batch_input_shape', 'batch_shape']
    .map((name) => config.at(name))
    .find(({ value }) => value);
  return given && ['N', ...given.list((n) => (n.value === null ? 'N' : n.count())).slice(1)];
};
