import { float32, type GraphBuilder, type Tensor } from '../../graph/index.ts';
import { aroundIt, atTheEnd, type Channels, type Kernel, type Layers } from './layers.ts';

/** Of the batch normalisation behind depthwise convolutions. */
const epsilon = 0.001;

/** Output channels of MobileNet's thirteen pairs of a depthwise and a pointwise convolution; those in `halving` halve the size. */
const pairs = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024];
const halving = new Set([2, 4, 6, 12]);

/** Behind MobileNet: kernel and output channels; those of 3 pixels halve the size. */
const extras = [
  { size: 1, to: 256 },
  { size: 3, to: 512 },
  { size: 1, to: 128 },
  { size: 3, to: 256 },
  { size: 1, to: 128 },
  { size: 3, to: 256 },
  { size: 1, to: 64 },
  { size: 3, to: 128 },
];

/**
 * MobileNet v1 on N×3×h×w, and the convolutions that a single-shot detector adds behind it. Returns the six layers that
 * boxes are predicted from, the largest first. Errors: weights that are missing or of another shape.
 */
export function mobilenetFeatures(b: GraphBuilder, layers: Layers, data: string): string[] {
  const adding: Adding = { b, ...layers };
  let x = pointwise(adding, 'conv0', data, 'MobilenetV1/Conv2d_0', 3, { from: 3, to: 32 });
  let channels = 32;
  const features: string[] = [];
  for (const [i, to] of pairs.entries()) {
    const n = i + 1;
    const path = `MobilenetV1/Conv2d_${n}`;
    x = depthwise(adding, `conv${n}/dw`, x, path, channels, halving.has(n));
    x = pointwise(adding, `conv${n}/pw`, x, path, 1, { from: channels, to });
    channels = to;
    if (n === 11 || n === 13) features.push(x);
  }
  for (const [i, { size, to }] of extras.entries()) {
    x = pointwise(adding, `extra${i}`, x, `Prediction/Conv2d_${i}`, size, { from: channels, to });
    channels = to;
    if (size === 3) features.push(x);
  }
  return features;
}

/** The graph that layers are added to, and what adds them. */
interface Adding extends Layers {
  readonly b: GraphBuilder;
}

const clipped = ({ b, node }: Adding, name: string, x: string): string =>
  node('Clip', `${name}:relu6`, [x, b.scalar(0), b.scalar(6)]);

/** A convolution over all channels; one of 3 pixels halves the size. */
function pointwise(
  adding: Adding,
  name: string,
  x: string,
  path: string,
  size: number,
  { from, to }: Channels,
): string {
  const given = {
    weight: adding.kernel(`${path}_pointwise/weights`, [size, size, from, to]),
    bias: adding.take(`${path}_pointwise/convolution_bn_offset`, [to]),
  };
  const attributes = size === 3 ? { strides: [2, 2], pads: atTheEnd } : undefined;
  return clipped(adding, name, adding.convolution(name, x, given, attributes));
}

/** A 3×3 convolution of each channel by itself. */
function depthwise(
  adding: Adding,
  name: string,
  x: string,
  path: string,
  channels: number,
  halves: boolean,
): string {
  const { take, convolution } = adding;
  const given = normalised(
    kernelOfDepthwise(take(`${path}_depthwise/depthwise_weights`, [3, 3, channels, 1])),
    (part) => take(`${path}_depthwise/BatchNorm/${part}`, [channels]).data,
  );
  const strides = halves ? [2, 2] : [1, 1];
  const pads = halves ? atTheEnd : aroundIt;
  return clipped(adding, name, convolution(name, x, given, { group: channels, strides, pads }));
}

/** 3×3×channels×1 → channels×1×3×3. */
function kernelOfDepthwise({ shape, data }: Tensor<'float32'>): Tensor<'float32'> {
  const channels = shape[2];
  const out = Float32Array.from(data, (_, i) => data[(i % 9) * channels + Math.floor(i / 9)]);
  return float32([channels, 1, 3, 3], out);
}

/** A convolution with the batch normalisation behind it in its own weights. */
function normalised(
  { shape, data }: Tensor<'float32'>,
  part: (name: 'gamma' | 'beta' | 'moving_mean' | 'moving_variance') => Float32Array,
): Kernel {
  const [gamma, beta, mean, variance] = [
    part('gamma'),
    part('beta'),
    part('moving_mean'),
    part('moving_variance'),
  ];
  const factor = (c: number) => gamma[c] / Math.sqrt(variance[c] + epsilon);
  const each = data.length / shape[0];
  return {
    weight: float32(
      shape,
      data.map((w, i) => w * factor(Math.floor(i / each))),
    ),
    bias: float32(
      [shape[0]],
      beta.map((offset, c) => offset - mean[c] * factor(c)),
    ),
  };
}
