import { expect } from 'vitest';
import type { TrainingNet } from '../../src/caffe/index.ts';
import { float32, int64, type Tensor } from '../../src/graph/index.ts';
import { testStep, trainStep } from '../../src/training/step.ts';
import { expectClose } from '../operators/close.ts';
import { array, random } from '../operators/random.ts';
import { at, build, count, type NdArray } from '../reference/array.ts';
import { runGraph } from '../run.ts';
import { otherFeeds, type Tensors } from './pass.ts';

export type Arrays = Readonly<Record<string, NdArray>>;

export interface TrainingCase {
  readonly net: TrainingNet;
  /** What the data layers bring, and masks where they are not all ones; the first dimension is the batch. */
  readonly inputs: Arrays;
  /** Parameters that are not to be random. */
  readonly parameters?: Arrays;
  /** The graph's outputs, and what is minimised, from inputs and parameters in float64. */
  readonly reference: (values: Arrays) => { readonly outputs: Arrays; readonly objective: number };
  /** Whether derivatives are compared with those of the objective; false at kinks. */
  readonly smooth?: boolean;
  readonly seed: number;
}

/**
 * Holds a network in training to its reference: outputs, gradients of all parameters that are trained, the same with
 * the number of images left open, and, but for networks that need the batch as a whole, the sums over two parts of it.
 */
export async function checkTraining(c: TrainingCase): Promise<void> {
  const { net } = c;
  const next = random(c.seed);
  const parameters = Object.fromEntries(
    net.parameters.map(({ name, shape }) => [name, c.parameters?.[name] ?? array(next, shape, -1, 1)]),
  );
  const images = Object.values(c.inputs)[0].shape[0];
  const expected = c.reference({ ...c.inputs, ...parameters });
  const batch = feed(net, c.inputs);
  const weights = Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, data }]) => [name, float32(shape, data)]),
  );
  const others = otherFeeds(net, batch, images);
  const whole = await runGraph(trainStep(net, { batch: images }), { ...others, ...batch, ...weights });
  const trained = net.parameters.filter(({ rateFactor }) => rateFactor !== 0);
  expect(Object.keys(whole).sort()).toEqual(
    [...Object.keys(expected.outputs), ...trained.map(({ name }) => `gradient:${name}`)].sort(),
  );
  for (const [name, output] of Object.entries(expected.outputs)) {
    expectClose(ndArray(whole[name]), output, name, 2e-5);
  }
  if (c.smooth ?? true) {
    for (const { name } of trained) {
      expectGradient(ndArray(whole[`gradient:${name}`]), parameters, name, next, (moved) =>
        c.reference({ ...c.inputs, ...moved }),
      );
    }
  }
  const open = await runGraph(trainStep(net), { ...others, ...batch, ...weights });
  for (const name of Object.keys(whole)) expectClose(ndArray(open[name]), ndArray(whole[name]), name);
  const forward = await runGraph(testStep(net), { ...others, ...batch, ...weights });
  for (const name of Object.keys(forward)) expectClose(ndArray(forward[name]), ndArray(whole[name]), name);
  if (net.wholeBatch || images < 2) return;

  const cut = 1 + Math.floor(next() * (images - 1));
  const parts = await Promise.all(
    [[0, cut] as const, [cut, images] as const].map(([from, to]) => {
      const own = Object.fromEntries(
        Object.entries({ ...others, ...batch }).map(([name, tensor]) => [name, someImages(tensor, from, to)]),
      );
      return runGraph(trainStep(net, { batch: to - from }), { ...own, ...weights });
    }),
  );
  for (const info of trainStep(net).outputs) {
    const joined =
      typeof info.shape[0] === 'string'
        ? parts.flatMap((part) => [...ndArray(part[info.name]).data])
        : [...ndArray(parts[0][info.name]).data].map((v, i) => v + Number(parts[1][info.name].data[i]));
    const reference = ndArray(whole[info.name]);
    expectClose(
      { shape: reference.shape, data: Float64Array.from(joined) },
      reference,
      `parts of ${info.name}`,
    );
  }
}

/** Labels from 0 to classes − 1, some of which are `ignored` if it is given. */
export const labelsOf = (
  next: () => number,
  shape: readonly number[],
  classes: number,
  ignored?: number,
): NdArray =>
  build(shape, () => (ignored !== undefined && next() < 0.3 ? ignored : Math.floor(next() * classes)));

export const scalar = (value: number): NdArray => ({ shape: [], data: Float64Array.of(value) });

export const sum = ({ data }: NdArray): number => data.reduce((total, value) => total + value, 0);

/** x·w + b with w and b for each channel: the simplest layer that has parameters and keeps a shape. */
export const scaled = (x: NdArray, w: NdArray, b: NdArray): NdArray =>
  build(x.shape, (index) => at(x, index) * w.data[index[1]] + b.data[index[1]]);

/** The Input layer's prototxt. */
export const input = (shapes: Readonly<Record<string, readonly number[]>>): string =>
  `layer { name: "input" type: "Input" ${Object.keys(shapes)
    .map((name) => `top: "${name}"`)
    .join(' ')} input_param { ${Object.values(shapes)
    .map((shape) => `shape { ${shape.map((dim) => `dim: ${dim}`).join(' ')} }`)
    .join(' ')} } }`;

/** The Scale layer that {@link scaled} is. */
export const scaleLayer = (bottom: string, top: string, name = top): string =>
  `layer { name: "${name}" type: "Scale" bottom: "${bottom}" top: "${top}" scale_param { bias_term: true } }`;

function feed(net: TrainingNet, inputs: Arrays): Tensors {
  return Object.fromEntries(
    net.graph.inputs.flatMap(({ name, type }) => {
      const given = inputs[name];
      if (!given) return [];
      const tensor =
        type === 'int64' ? int64(given.shape, [...given.data]) : float32(given.shape, given.data);
      return [[name, tensor]];
    }),
  );
}

function someImages(tensor: Tensor, from: number, to: number): Tensor {
  if (tensor.shape.length === 0) return tensor;
  const each = count(tensor.shape.slice(1));
  const data = tensor.data.slice(from * each, to * each);
  return { ...tensor, shape: [to - from, ...tensor.shape.slice(1)], data } as Tensor;
}

const ndArray = ({ shape, data }: Tensor): NdArray => ({
  shape,
  data: Float64Array.from(data as ArrayLike<unknown>, Number),
});

/** Compares a gradient with central differences of the objective, at up to 12 elements. */
function expectGradient(
  gradient: NdArray,
  parameters: Arrays,
  name: string,
  next: () => number,
  reference: (moved: Arrays) => { readonly objective: number },
): void {
  const { shape, data } = parameters[name];
  expect(gradient.shape, `the shape of the gradient of ${name}`).toEqual(shape);
  const h = 1e-6;
  const moved = (element: number, by: number) => {
    const copy = data.slice();
    copy[element] += by;
    return reference({ ...parameters, [name]: { shape, data: copy } }).objective;
  };
  const scale = gradient.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (let n = 0; n < Math.min(12, data.length); n++) {
    const element = data.length <= 12 ? n : Math.floor(next() * data.length);
    const slope = (moved(element, h) - moved(element, -h)) / (2 * h);
    const error = Math.abs(gradient.data[element] - slope);
    if (!(error <= 2e-5 * scale)) {
      expect.fail(`the gradient of ${name} at ${element} is ${gradient.data[element]}, should be ${slope}`);
    }
  }
}
