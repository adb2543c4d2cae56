import { float, float32, GraphBuilder, type Model } from '../../graph/index.ts';
import { atTheEnd, type FaceApiWeights, layersOf, pick } from './layers.ts';

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
  const { take, node, kernel, convolution, separable } = layersOf(b, weights);
  const activated = (name: string, x: string) =>
    node('LeakyRelu', `${name}:leaky`, [x], { alpha: float(slope) });
  let x = b.input({ name: 'data', type: 'float32', shape: ['N', 3, side, side] });
  const first = { weight: kernel('conv0/filters', [3, 3, 3, 16]), bias: take('conv0/bias', [16]) };
  // Without borders: 416 becomes 414, and 207 by the first pooling, to which the second adds a row and a column.
  x = activated('conv0', convolution('conv0', x, first));
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
  x = node('MaxPool', 'pool6', [x], { kernel_shape: [2, 2], strides: [1, 1], pads: atTheEnd });

  const each = 5;
  const boxes = priors.length;
  const count = cells * cells * boxes;
  /** Some of the five values of every box, as rows: N×845×values. */
  const predicted = (name: string, which: readonly number[]): string => {
    const rows = priors.flatMap((_, box) => which.map((k) => box * each + k));
    const weight = pick(kernel('conv8/filters', [1, 1, 512, boxes * each]), rows);
    const out = convolution(name, x, { weight, bias: pick(take('conv8/bias', [boxes * each]), rows) });
    const last = node('Transpose', `${name}:nhwc`, [out], { perm: [0, 2, 3, 1] });
    return node('Reshape', `${name}:rows`, [last, b.ints(0, -1, which.length)]);
  };
  const table = (value: (box: number, column: number, row: number) => readonly [number, number]) =>
    float32(
      [1, count, 2],
      Array.from({ length: count }, (_, i) => {
        const at = Math.floor(i / boxes);
        return value(i % boxes, at % cells, Math.floor(at / cells));
      }).flat(),
    );
  const place = node('Mul', 'box:place', [
    node('Sigmoid', 'box:within', [predicted('offset', [0, 1])]),
    b.scalar(1 / cells),
  ]);
  const corner = b.weight(
    'cell.corner',
    table((_, column, row) => [column / cells, row / cells]),
  );
  const centre = node('Add', 'box:centre', [place, corner]);
  const half = node('Mul', 'box:half', [
    node('Exp', 'box:factor', [predicted('growth', [2, 3])]),
    b.weight(
      'prior.half',
      table((box) => [priors[box][0] / cells / 2, priors[box][1] / cells / 2]),
    ),
  ]);
  const corners = [node('Sub', 'box:from', [centre, half]), node('Add', 'box:to', [centre, half])];
  node('Concat', 'boxes', corners, { axis: 2 });
  node('Sigmoid', 'scores', [node('Reshape', 'logit:flat', [predicted('logit', [4]), b.ints(0, -1)])]);
  b.output('boxes', { name: 'boxes', type: 'float32', shape: ['N', count, 4] });
  b.output('scores', { name: 'scores', type: 'float32', shape: ['N', count] });
  return {
    graph: b.build(),
    info: {
      preprocessing: { channels: 'rgb', mean: [117.001, 114.697, 97.404], scale: 1 / 255 },
      heads: [],
      provenance,
    },
  };
}
