import { float32, GraphBuilder, type Model, type Tensor } from '../../graph/index.ts';
import { boxRows, outputBoxes, outputScores } from './boxes.ts';
import { type FaceApiWeights, type Layers, layersOf } from './layers.ts';
import { mobilenetFeatures } from './mobilenet.ts';

/** Side of the input in pixels. */
const side = 512;

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
  const layers = layersOf(b, weights);
  const data = b.input({ name: 'data', type: 'float32', shape: ['N', 3, side, side] });
  const features = mobilenetFeatures(b, layers, data);
  const predicted = (what: string, part: string, of: number, which: readonly number[]) => {
    const each = sources.map(({ channels, boxes }, i) => {
      const path = `Prediction/BoxPredictor_${i}/${part}`;
      const from = { kernel: `${path}/weights`, bias: `${path}/biases`, channels, boxes, of };
      return boxRows(b, layers, `${what}${i}`, features[i], from, which);
    });
    return layers.node('Concat', what, each, { axis: 1 });
  };
  // The file has them as y, x, height, width; of the classes (none, face, and one that face-api does not read) the second.
  const moved = predicted('offset', 'BoxEncodingPredictor', 4, [1, 0]);
  const grown = predicted('growth', 'BoxEncodingPredictor', 4, [3, 2]);
  const logits = predicted('logit', 'ClassPredictor', 3, [1]);
  outputBoxes(b, layers, decoded(b, layers, moved, grown), anchors);
  outputScores(b, layers, logits, anchors);
  return {
    graph: b.build(),
    info: {
      preprocessing: { channels: 'rgb', mean: [127.5, 127.5, 127.5], scale: 1 / 127.5 },
      heads: [],
      provenance,
    },
  };
}

/** Boxes' centres and half sizes, from how far they are moved and grown against their anchors. */
function decoded(b: GraphBuilder, { take, node }: Layers, moved: string, grown: string) {
  const { centres, sizes } = anchorsOf(take('Output/extra_dim', [1, anchors, 4]));
  const size = b.weight('anchor.size', sizes);
  const step = node('Mul', 'box:step', [node('Mul', 'box:offset', [moved, b.scalar(1 / 10)]), size]);
  const centre = node('Add', 'box:centre', [step, b.weight('anchor.centre', centres)]);
  const factor = node('Exp', 'box:factor', [node('Mul', 'box:growth', [grown, b.scalar(1 / 5)])]);
  const half = node('Mul', 'box:half', [node('Mul', 'box:size', [factor, size]), b.scalar(0.5)]);
  return { centre, half };
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
