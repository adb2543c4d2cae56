import { GraphBuilder, type Model } from '../../graph/index.ts';
import { atTheEnd, type FaceApiWeights, layersOf } from './layers.ts';

/** Side of the input in pixels. */
const side = 112;

/** The sizes that face-api has: output channels of the blocks, and convolutions in each. */
const sizes = {
  full: { name: 'FaceApiLandmarks68', blocks: [32, 64, 128, 256], convolutions: 4 },
  tiny: { name: 'FaceApiLandmarks68Tiny', blocks: [32, 64, 128], convolutions: 3 },
} as const;

/** Points of a face: 17 along the jaw, 5 on each brow, 9 on the nose, 6 around each eye, 20 around the mouth. */
export const LANDMARKS = 68;

/**
 * face-api's network for 68 landmarks of a face (densely connected blocks) from the weights in its package, by the names in
 * its manifest; `tiny` is the smaller one. Input: a square of 112 pixels. Output: `landmarks` N×68×2, x and y in fractions of the square,
 * in the order of the iBUG 300-W annotation. Errors: weights that are missing or of another shape.
 */
export function faceApiLandmarks(
  weights: FaceApiWeights,
  { size = 'full', provenance = {} }: LandmarksOptions = {},
): Model {
  const { name: network, blocks, convolutions } = sizes[size];
  const b = new GraphBuilder(network);
  const { take, node, kernel, convolution, separable, dense } = layersOf(b, weights);
  let x = b.input({ name: 'data', type: 'float32', shape: ['N', 3, side, side] });
  for (const [block, to] of blocks.entries()) {
    const from = blocks[block - 1];
    const halving = { strides: [2, 2], pads: atTheEnd };
    const at = (i: number) => `dense${block}/conv${i}`;
    const first =
      from === undefined
        ? convolution(
            at(0),
            x,
            { weight: kernel(`${at(0)}/filters`, [3, 3, 3, to]), bias: take(`${at(0)}/bias`, [to]) },
            halving,
          )
        : separable(at(0), x, at(0), { from, to }, halving);
    // Each convolution sees the sum of all before it.
    let sum = node('Relu', `${at(0)}:relu`, [first]);
    x = sum;
    for (let i = 1; i < convolutions; i++) {
      sum = node('Add', `${at(i)}:sum`, [sum, separable(at(i), x, at(i), { from: to, to })]);
      x = node('Relu', `${at(i)}:relu`, [sum]);
    }
  }
  const channels = blocks.at(-1)!;
  const flat = node('Flatten', 'pool:flatten', [node('GlobalAveragePool', 'pool', [x])], { axis: 1 });
  const points = dense('fc', flat, 'fc', { from: channels, to: 2 * LANDMARKS });
  node('Reshape', 'landmarks', [points, b.ints(0, LANDMARKS, 2)]);
  b.output('landmarks', { name: 'landmarks', type: 'float32', shape: ['N', LANDMARKS, 2] });
  return {
    graph: b.build(),
    info: {
      preprocessing: { channels: 'rgb', mean: [122.782, 117.001, 104.298], scale: 1 / 255 },
      heads: [],
      provenance,
    },
  };
}

/** Which of the networks for landmarks is made. */
export interface LandmarksOptions {
  /** `full` unless given. */
  readonly size?: keyof typeof sizes | undefined;
  readonly provenance?: Readonly<Record<string, string>> | undefined;
}
