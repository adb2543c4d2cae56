import { float, float32, GraphBuilder, type Model } from '../../graph/index.ts';
import { boxRows, outputBoxes, outputScores } from './boxes.ts';
import { atTheEnd, type FaceApiWeights, type Layers, layersOf } from './layers.ts';

/** Side of the input in pixels, and of a cell. */
const side = 416;
const cell = 32;
const cells = side / cell;

/** Output channels of the separable convolutions, each behind a pooling. */
const channels = [16, 32, 64, 128, 256, 512];

/** Sizes of the boxes at each cell, in cells: width, height. */
const priors: readonly (readonly [number, number])[] = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
];

/** Boxes in all. */
const count = cells * cells * priors.length;

/** Of the leaky ReLU. */
const slope = 0.1;

/**
 * face-api's tiny detector of faces (after YOLO v2, 190,000 weights) from the weights in its package, by the names in its
 * manifest. Input: a square of 416 pixels. Outputs: `boxes` N×845×4, left, top, right and bottom in fractions of the square,
 * and `scores` N×845 from 0 to 1. A box is decoded from its cell c and prior p as centre = (c + σ(t)) / 13,
 * size = p·exp(t) / 13 (Redmon and Farhadi 2017, "YOLO9000", section 2). Errors: weights that are missing or of another shape.
 */
export function faceApiTinyDetector(
  weights: FaceApiWeights,
  provenance: Readonly<Record<string, string>> = {},
): Model {
  const b = new GraphBuilder('FaceApiTinyDetector');
  const layers = layersOf(b, weights);
  const data = b.input({ name: 'data', type: 'float32', shape: ['N', 3, side, side] });
  const features = featuresOf(layers, data);
  const predictor = {
    kernel: 'conv8/filters',
    bias: 'conv8/bias',
    channels: 512,
    boxes: priors.length,
    of: 5,
  };
  const predicted = (name: string, which: readonly number[]) =>
    boxRows(b, layers, name, features, predictor, which);
  outputBoxes(b, layers, decoded(b, layers, predicted), count);
  outputScores(b, layers, predicted('logit', [4]), count);
  return {
    graph: b.build(),
    info: {
      preprocessing: { channels: 'rgb', mean: [117.001, 114.697, 97.404], scale: 1 / 255 },
      heads: [],
      provenance,
    },
  };
}

/** N×512×13×13, of which boxes are predicted. */
function featuresOf({ take, node, kernel, convolution, separable }: Layers, data: string): string {
  const activated = (name: string, x: string) =>
    node('LeakyRelu', `${name}:leaky`, [x], { alpha: float(slope) });
  const first = { weight: kernel('conv0/filters', [3, 3, 3, 16]), bias: take('conv0/bias', [16]) };
  // Without borders: 416 becomes 414, and 207 by the first pooling, to which the second adds a row and a column.
  let x = activated('conv0', convolution('conv0', data, first));
  for (const [i, to] of channels.entries()) {
    if (i === 0) continue;
    x = node('MaxPool', `pool${i}`, [x], {
      kernel_shape: [2, 2],
      strides: [2, 2],
      pads: i === 2 ? atTheEnd : [0, 0, 0, 0],
    });
    x = activated(`conv${i}`, separable(`conv${i}`, x, `conv${i}`, { from: channels[i - 1], to }));
  }
  // A last pooling with stride 1 keeps the size: one more row and column, at the end.
  return node('MaxPool', 'pool6', [x], { kernel_shape: [2, 2], strides: [1, 1], pads: atTheEnd });
}

/** Boxes' centres and half sizes, from where they lie within their cells and how they are grown against their priors. */
function decoded(
  b: GraphBuilder,
  { node }: Layers,
  predicted: (name: string, which: readonly number[]) => string,
) {
  const place = node('Mul', 'box:place', [
    node('Sigmoid', 'box:within', [predicted('offset', [0, 1])]),
    b.scalar(1 / cells),
  ]);
  const corner = b.weight(
    'cell.corner',
    tableOf((_, column, row) => [column / cells, row / cells]),
  );
  const centre = node('Add', 'box:centre', [place, corner]);
  const half = node('Mul', 'box:half', [
    node('Exp', 'box:factor', [predicted('growth', [2, 3])]),
    b.weight(
      'prior.half',
      tableOf((box) => [priors[box][0] / cells / 2, priors[box][1] / cells / 2]),
    ),
  ]);
  return { centre, half };
}

/** Two numbers for every box, 1×845×2: boxes of a cell together, cells row by row. */
const tableOf = (value: (box: number, column: number, row: number) => readonly [number, number]) =>
  float32(
    [1, count, 2],
    Array.from({ length: count }, (_, i) => {
      const at = Math.floor(i / priors.length);
      return value(i % priors.length, at % cells, Math.floor(at / cells));
    }).flat(),
  );
