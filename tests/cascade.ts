import { importCaffe, parsePrototxt, writeCaffemodel } from '../src/caffe/index.ts';
import type { CascadeNetworks } from '../src/faces/index.ts';
import { float32, type Model } from '../src/graph/index.ts';

/** What a network of a cascade makes of a square: of each value the weights of all 3·side·side pixels, and a bias. */
export interface LinearStage {
  readonly side: number;
  readonly values: Readonly<Record<'scores' | 'offsets' | 'landmarks', LinearValues>>;
}

export interface LinearValues {
  readonly weights: readonly (readonly number[])[];
  readonly biases: readonly number[];
}

export interface LinearCascade {
  readonly proposal: LinearStage;
  readonly refinement: LinearStage;
  readonly output: LinearStage;
}

const counts = { scores: 2, offsets: 4, landmarks: 10 };
const names = Object.keys(counts) as (keyof typeof counts)[];

/** Networks whose values are sums of weighted pixels: `weight` says those of one value, `bias` its bias. */
export function linearCascade(
  sides: readonly [proposal: number, refinement: number, output: number],
  weight: (what: keyof typeof counts, value: number, pixels: number) => readonly number[],
  bias: (what: keyof typeof counts, value: number) => number,
): LinearCascade {
  const stage = (side: number): LinearStage => {
    const valuesOf = (what: keyof typeof counts): LinearValues => {
      const list = Array.from({ length: counts[what] }, (_, i) => i);
      return {
        weights: list.map((value) => [
          ...float32([3 * side * side], weight(what, value, 3 * side * side)).data,
        ]),
        biases: list.map((value) => Math.fround(bias(what, value))),
      };
    };
    return {
      side,
      values: {
        scores: valuesOf('scores'),
        offsets: valuesOf('offsets'),
        landmarks: valuesOf('landmarks'),
      },
    };
  };
  const [proposal, refinement, output] = sides.map(stage);
  return { proposal, refinement, output };
}

/** The same as Caffe's files: the first by convolutions over cells two pixels apart, the others by dense layers. */
export function cascadeFiles(cascade: LinearCascade) {
  return (['proposal', 'refinement', 'output'] as const).map((role) => {
    const { side, values } = cascade[role];
    const used = names.filter((what) => role === 'output' || what !== 'landmarks');
    const layers = used.map((what) =>
      role === 'proposal'
        ? `layer { name: "${what}" type: "Convolution" bottom: "data" top: "${what}" convolution_param { num_output: ${counts[what]} kernel_size: ${side} stride: 2 } }`
        : `layer { name: "${what}" type: "InnerProduct" bottom: "data" top: "${what}" inner_product_param { num_output: ${counts[what]} } }`,
    );
    const prototxt = [
      `name: "${role}" input: "data" input_dim: 1 input_dim: 3 input_dim: ${side} input_dim: ${side}`,
      ...layers,
      'layer { name: "prob" type: "Softmax" bottom: "scores" top: "prob" }',
    ].join('\n');
    const blobs = used.map((what) => {
      const { weights, biases } = values[what];
      const shape = role === 'proposal' ? [counts[what], 3, side, side] : [counts[what], 3 * side * side];
      const type = role === 'proposal' ? 'Convolution' : 'InnerProduct';
      return [
        what,
        { type, blobs: [float32(shape, weights.flat()), float32([counts[what]], biases)] },
      ] as const;
    });
    const caffemodel = writeCaffemodel(parsePrototxt(prototxt, role), new Map(blobs));
    return { prototxt, caffemodel };
  });
}

/** The networks; the first looks at squares of `tile` pixels. */
export function cascadeNetworks(cascade: LinearCascade, tile: number): CascadeNetworks {
  const [proposal, refinement, output] = cascadeFiles(cascade).map(
    ({ prototxt, caffemodel }, i): Model =>
      importCaffe({
        prototxt: { name: 'net.prototxt', content: prototxt },
        caffemodel: { name: 'net.caffemodel', content: caffemodel },
        mean: [127.5],
        scale: 1 / 128,
        channels: 'rgb',
        converter: 'limn',
        ...(i === 0 && { inputShape: [1, 3, tile, tile] }),
      }),
  );
  return { proposal, refinement, output };
}
