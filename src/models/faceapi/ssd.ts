import { float32, GraphBuilder, type Model, type Tensor } from '../../graph/index.ts';
import { aroundIt, atTheEnd, type FaceApiWeights, type Kernel, layersOf, pick } from './layers.ts';

/** Side of the input in pixels. */
const side = 512;

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

/** Of each of the six layers that boxes are predicted from: channels, and boxes at each place. */
const sources = [
  { channels: 512, boxes: 3 },
  { channels: 1024, boxes: 6 },
  { channels: 512, boxes: 6 },
  { channels: 256, boxes: 6 },
  { channels: 256, boxes: 6 },
  { channels: 128, boxes: 6 },
];

/** Boxes in all: 3·32² + 6·(16² + 8² + 4² + 2² + 1). */
const anchors = 5118;

/**
 * face-api's detector of faces (a single-shot detector on MobileNet v1, 5.5 million weights) from the weights in its
 * package, by the names in its manifest. Input: a square of 512 pixels. Outputs: `boxes` N×5118×4, left, top, right and
 * bottom in fractions of the square, and `scores` N×5118 from 0 to 1. A box is decoded from its anchor (centre c, size s) as
 * centre = c + t·s/10, size = s·exp(t/5) (Liu et al. 2016, "SSD", with the variances of TensorFlow's object detection).
 * Errors: weights that are missing or of another shape.
 */
export function faceApiSsd(
  weights: FaceApiWeights,
  provenance: Readonly<Record<string, string>> = {},
): Model {
  const b = new GraphBuilder('FaceApiSsdMobilenetV1');
  const { take, node, kernel, convolution } = layersOf(b, weights);
  const clipped = (name: string, x: string) => node('Clip', `${name}:relu6`, [x, b.scalar(0), b.scalar(6)]);
  const pointwise = (name: string, x: string, path: string, size: number, from: number, to: number) => {
    const given = {
      weight: kernel(`${path}_pointwise/weights`, [size, size, from, to]),
      bias: take(`${path}_pointwise/convolution_bn_offset`, [to]),
    };
    const halving = size === 3 ? { strides: [2, 2], pads: atTheEnd } : undefined;
    return clipped(name, convolution(name, x, given, halving));
  };
  const depthwise = (name: string, x: string, path: string, channels: number, halves: boolean) => {
    const given = normalised(
      kernelOfDepthwise(take(`${path}_depthwise/depthwise_weights`, [3, 3, channels, 1])),
      (part) => take(`${path}_depthwise/BatchNorm/${part}`, [channels]).data,
    );
    const strides = halves ? [2, 2] : [1, 1];
    const pads = halves ? atTheEnd : aroundIt;
    return clipped(name, convolution(name, x, given, { group: channels, strides, pads }));
  };

  let x = b.input({ name: 'data', type: 'float32', shape: ['N', 3, side, side] });
  x = pointwise('conv0', x, 'MobilenetV1/Conv2d_0', 3, 3, 32);
  let channels = 32;
  const features: string[] = [];
  for (const [i, to] of pairs.entries()) {
    const n = i + 1;
    x = depthwise(`conv${n}/dw`, x, `MobilenetV1/Conv2d_${n}`, channels, halving.has(n));
    x = pointwise(`conv${n}/pw`, x, `MobilenetV1/Conv2d_${n}`, 1, channels, to);
    channels = to;
    if (n === 11 || n === 13) features.push(x);
  }
  for (const [i, { size, to }] of extras.entries()) {
    x = pointwise(`extra${i}`, x, `Prediction/Conv2d_${i}`, size, channels, to);
    channels = to;
    if (size === 3) features.push(x);
  }

  /** Outputs of a 1×1 convolution as rows: N×(places·boxes)×values, the boxes of a place together. */
  const predicted = (what: string, i: number, path: string, of: number, which: readonly number[]) => {
    const { channels: from, boxes } = sources[i];
    const rows = Array.from({ length: boxes }, (_, box) => which.map((k) => box * of + k)).flat();
    const weight = pick(kernel(`${path}/weights`, [1, 1, from, boxes * of]), rows);
    const bias = pick(take(`${path}/biases`, [boxes * of]), rows);
    const name = `${what}${i}`;
    const out = convolution(name, features[i], { weight, bias });
    const last = node('Transpose', `${name}:nhwc`, [out], { perm: [0, 2, 3, 1] });
    return node('Reshape', `${name}:rows`, [last, b.ints(0, -1, which.length)]);
  };
  const all = (what: string, part: string, of: number, which: readonly number[]) => {
    const each = sources.map((_, i) => predicted(what, i, `Prediction/BoxPredictor_${i}/${part}`, of, which));
    return node('Concat', what, each, { axis: 1 });
  };
  // The file has them as y, x, height, width; of the classes (none, face, and one that face-api does not read) the second.
  const moved = all('offset', 'BoxEncodingPredictor', 4, [1, 0]);
  const grown = all('growth', 'BoxEncodingPredictor', 4, [3, 2]);
  const logits = all('logit', 'ClassPredictor', 3, [1]);

  const { centres, sizes } = anchorsOf(take('Output/extra_dim', [1, anchors, 4]));
  const size = b.weight('anchor.size', sizes);
  const step = node('Mul', 'box:step', [node('Mul', 'box:offset', [moved, b.scalar(1 / 10)]), size]);
  const centre = node('Add', 'box:centre', [step, b.weight('anchor.centre', centres)]);
  const factor = node('Exp', 'box:factor', [node('Mul', 'box:growth', [grown, b.scalar(1 / 5)])]);
  const half = node('Mul', 'box:half', [node('Mul', 'box:size', [factor, size]), b.scalar(0.5)]);
  const corners = [node('Sub', 'box:from', [centre, half]), node('Add', 'box:to', [centre, half])];
  node('Concat', 'boxes', corners, { axis: 2 });
  const flat = node('Reshape', 'logit:flat', [logits, b.ints(0, -1)]);
  node('Sigmoid', 'scores', [flat]);
  b.output('boxes', { name: 'boxes', type: 'float32', shape: ['N', anchors, 4] });
  b.output('scores', { name: 'scores', type: 'float32', shape: ['N', anchors] });
  return {
    graph: b.build(),
    info: {
      preprocessing: { channels: 'rgb', mean: [127.5, 127.5, 127.5], scale: 1 / 127.5 },
      heads: [],
      provenance,
    },
  };
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

/** Anchors as the file has them (top, left, bottom, right) → centres and sizes, x before y. */
function anchorsOf({ shape, data }: Tensor<'float32'>): Record<'centres' | 'sizes', Tensor<'float32'>> {
  const count = shape[1];
  const centres = new Float32Array(2 * count);
  const sizes = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < 2; axis++) {
      const [from, to] = [data[4 * i + 1 - axis], data[4 * i + 3 - axis]];
      sizes[2 * i + axis] = to - from;
      centres[2 * i + axis] = from + (to - from) / 2;
    }
  }
  return { centres: float32([1, count, 2], centres), sizes: float32([1, count, 2], sizes) };
}
