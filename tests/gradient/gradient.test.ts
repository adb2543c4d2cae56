import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gradient } from '../../src/gradient/index.ts';
import { float32, GraphBuilder, numbers, type Tensor } from '../../src/graph/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { caffeModel, readArray, relativeError } from '../reference-data.ts';
import { runGraph } from '../run.ts';
import { describeShared, shared } from '../shared.ts';

/** y = relu(x·w + b), z = y² */
function network() {
  const b = new GraphBuilder('small');
  b.input({ name: 'x', type: 'float32', shape: ['N', 2] });
  b.weight('w', float32([3, 2], [1, 2, -3, 1, 0.5, -1]));
  b.weight('bias', float32([3], [0.5, 1, 0]));
  b.node({ name: 'fc', op: 'Gemm', inputs: ['x', 'w', 'bias'], outputs: ['h'], attributes: { transB: 1 } });
  b.node({ name: 'relu', op: 'Relu', inputs: ['h'], outputs: ['y'] });
  b.node({ name: 'square', op: 'Mul', inputs: ['y', 'y'], outputs: ['z'] });
  b.output('z', { name: 'z', type: 'float32', shape: ['N', 3] });
  return b.build();
}

it('adds the cotangents of several outputs, of inputs, weights and values between', async () => {
  const graph = gradient(network(), { outputs: ['z', 'y'], wrt: ['x', 'w', 'bias', 'h'] });
  const out = await runGraph(graph, {
    x: float32([1, 2], [1, 2]),
    'cotangent:z': float32([1, 3], [1, 1, 1]),
    'cotangent:y': float32([1, 3], [10, 0, 100]),
  });
  // h = (5.5, 0, −1.5), y = (5.5, 0, 0): dh = (2·5.5 + 10, 0, 0).
  expect(numbers(out.z)).toEqual([30.25, 0, 0]);
  expect(numbers(out['gradient:h'])).toEqual([21, 0, 0]);
  expect(numbers(out['gradient:x'])).toEqual([21, 42]);
  expect(numbers(out['gradient:w'])).toEqual([21, 42, 0, 0, 0, 0]);
  expect(numbers(out['gradient:bias'])).toEqual([21, 0, 0]);
});

it('names values that do not exist or have no influence', () => {
  expect(() => gradient(network(), { outputs: ['q'], wrt: ['x'] })).toThrow("small: there is no value 'q'");
  expect(() => gradient(network(), { outputs: ['z'], wrt: ['v'] })).toThrow("small: there is no value 'v'");
  expect(() => gradient(network(), { outputs: ['h'], wrt: ['y'] })).toThrow(
    "small: 'y' has no influence on h",
  );
});

describeShared('weight gradients of the original', () => {
  const folder = (net: string) => shared(`reference/${net}/`);
  it.each([
    ['tiny_adience', 'fc8'],
    ['tiny_caffenet', 'fc8'],
    ['tiny_googlenet', 'loss3/classifier'],
  ])('agree for the mean softmax loss of the first batch of %s', async (net, scores) => {
    const dir = folder(net);
    const model = caffeModel(`${dir}deploy.prototxt`, `${dir}weights.caffemodel`);
    const names = new Map(
      [...model.graph.constants.keys()]
        .filter((name) => /\.(weight|bias)$/.test(name))
        .map((name) => [
          name
            .replaceAll('/', '_')
            .replace(/weight$/, '0')
            .replace(/bias$/, '1'),
          name,
        ]),
    );
    const session = await nodeRuntime.load(
      gradient(model.graph, { outputs: [scores], wrt: [...names.values()] }),
    );
    const images = 8;
    const data = head(readArray(`${dir}training/data.npy`), images);
    const labels = readArray(`${dir}training/labels.npy`).data;
    const run = (seed: Tensor) => session.run({ data, [`cotangent:${scores}`]: seed });

    const files = readdirSync(`${dir}training/gradients_iter0`).map((file) => file.replace('.npy', ''));
    expect(files.sort()).toEqual([...names.keys()].sort());
    const classes = model.graph.constants.get(`${scores}.bias`)!.data.length;
    const seed = float32([images, classes], new Float32Array(images * classes));
    const z = (await run(seed))[scores].data as Float32Array;
    for (let n = 0; n < images; n++) {
      const powers = Array.from(z.subarray(n * classes, (n + 1) * classes), Math.exp);
      const total = powers.reduce((a, b) => a + b);
      powers.forEach((power, k) => {
        seed.data[n * classes + k] = (power / total - (labels[n] === k ? 1 : 0)) / images;
      });
    }
    const out = await run(seed);
    await session.release();
    for (const file of files) {
      const reference = readArray(`${dir}training/gradients_iter0/${file}.npy`);
      const actual = out[`gradient:${names.get(file)}`];
      expect(actual.shape, file).toEqual(reference.shape);
      expect(relativeError(actual, reference), file).toBeLessThan(1e-5);
    }
  });
});

function head({ shape, data }: Tensor<'float32'>, count: number): Tensor<'float32'> {
  return float32([count, ...shape.slice(1)], data.slice(0, (data.length / shape[0]) * count));
}
