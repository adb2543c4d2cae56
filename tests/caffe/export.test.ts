import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exportCaffe, importNet, parsePrototxt, readCaffemodel } from '../../src/caffe/index.ts';
import { float, float32, GraphBuilder, int64, type Model, type Node } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { caffeModel, readArray, referenceModel, referenceNets } from '../reference-data.ts';
import { runGraph } from '../run.ts';
import { describeShared, shared } from '../shared.ts';
import { expectRoundTrip } from './layer-check.ts';

describe('a model from Caffe comes back as it was', () => {
  it.each(referenceNets())('$name: graph, layer list and outputs', async (net) => {
    const model = referenceModel(net);
    const again = expectRoundTrip(model);
    expect(again.info.layers).toEqual(model.info.layers);
    const feeds = { data: readArray(`${net.dir}input.npy`) };
    const [before, after] = [await runGraph(model.graph, feeds), await runGraph(again.graph, feeds)];
    expect(after).toEqual(before);
  });

  it('with the in-place layers of its file', () => {
    const [net] = referenceNets().filter(({ name }) => name === 'tiny_adience');
    const { prototxt } = exportCaffe(referenceModel(net));
    const original = parsePrototxt(readFileSync(net.prototxt, 'utf8'), 'original');
    expect(
      parsePrototxt(prototxt, 'exported').layer.map(({ name, bottom, top }) => [name, bottom, top]),
    ).toEqual(original.layers.map(({ name, bottom, top }) => [name, bottom, top]));
  });
});

describeShared('real models come back as they were', () => {
  const files = [
    ...[1, 2, 3, 4].map((i) => [`mtcnn_det${i}.prototxt`, `mtcnn_det${i}.caffemodel`]),
    ['faceapi_age_gender_deploy.prototxt', 'faceapi_age_gender.caffemodel'],
  ];
  it.each(files)('%s', (prototxt, caffemodel) => {
    const model = caffeModel(shared(`models/${prototxt}`), shared(`models/${caffemodel}`));
    expect(expectRoundTrip(model).info.layers).toEqual(model.info.layers);
  });
});

/** A graph of one node (or several) from an image `x` to `y`. */
function graphOf(
  nodes: (Partial<Node> & Pick<Node, 'op' | 'inputs'>)[],
  shape: readonly number[] = [3, 8, 8],
  constants: Parameters<typeof Object.entries<ReturnType<typeof float32 | typeof int64>>>[0] = {},
): Model {
  const b = new GraphBuilder('foreign');
  b.input({ name: 'x', type: 'float32', shape: ['N', ...shape] });
  for (const [name, tensor] of Object.entries(constants)) b.weight(name, tensor);
  nodes.forEach((node, i) => {
    const outputs = [i === nodes.length - 1 ? 'y' : `v${i}`];
    b.node({ name: `node${i}`, outputs, ...node });
  });
  b.output('y', { name: 'y', type: 'float32', shape: ['N'] });
  const draft = b.build();
  const outputs = [{ name: 'y', type: 'float32', shape: infer(draft).shapes.get('y')! }] as const;
  return { graph: { ...draft, outputs }, info: { heads: [], provenance: {} } };
}

const ramp = (shape: readonly number[], from = -1, to = 1) => {
  const length = shape.reduce((a, b) => a * b, 1);
  return float32(
    shape,
    Float32Array.from({ length }, (_, i) => from + ((to - from) * ((i * 7) % length)) / length),
  );
};

describe('models from elsewhere', () => {
  const image = [2, 3, 8, 8];
  const expressible: [string, Model, (readonly number[])?][] = [
    [
      'Conv with SAME padding',
      graphOf([{ op: 'Conv', inputs: ['x', 'w'], attributes: { auto_pad: 'SAME_UPPER' } }], undefined, {
        w: ramp([2, 3, 3, 3]),
      }),
    ],
    [
      'Conv with a longer end pad that no window reaches',
      graphOf(
        [{ op: 'Conv', inputs: ['x', 'w'], attributes: { strides: [2, 2], pads: [0, 0, 1, 1] } }],
        undefined,
        { w: ramp([2, 3, 2, 2]) },
      ),
    ],
    [
      'MatMul and Add',
      graphOf(
        [
          { op: 'Flatten', inputs: ['x'] },
          { op: 'MatMul', inputs: ['v0', 'w'] },
          { op: 'Add', inputs: ['v1', 'b'] },
        ],
        undefined,
        { w: ramp([192, 4]), b: ramp([4]) },
      ),
    ],
    [
      'BatchNormalization with scale and bias',
      graphOf(
        [
          {
            op: 'BatchNormalization',
            inputs: ['x', 's', 'b', 'm', 'v'],
            attributes: { epsilon: float(0.001) },
          },
        ],
        undefined,
        { s: ramp([3]), b: ramp([3]), m: ramp([3]), v: ramp([3], 0.5, 2) },
      ),
    ],
    [
      'a mean and standard deviation',
      graphOf(
        [
          { op: 'Sub', inputs: ['x', 'm'] },
          { op: 'Div', inputs: ['v0', 's'] },
        ],
        undefined,
        { m: ramp([1, 3, 1, 1]), s: ramp([3, 1, 1], 1, 2) },
      ),
    ],
    [
      'a constant on the left',
      graphOf([{ op: 'Mul', inputs: ['s', 'x'] }], undefined, { s: ramp([3, 1, 1]) }),
    ],
    [
      'squeeze and excite',
      graphOf([
        { op: 'GlobalAveragePool', inputs: ['x'] },
        { op: 'Mul', inputs: ['x', 'v0'] },
      ]),
    ],
    [
      'ReduceMean of whole images',
      graphOf([{ op: 'ReduceMean', inputs: ['x', 'axes'], attributes: { keepdims: 1 } }], undefined, {
        axes: int64([2], [-2, -1]),
      }),
    ],
    [
      'Squeeze',
      graphOf(
        [
          { op: 'GlobalMaxPool', inputs: ['x'] },
          { op: 'Squeeze', inputs: ['v0', 'axes'] },
        ],
        undefined,
        { axes: int64([2], [2, 3]) },
      ),
    ],
    [
      'Reshape that flattens',
      graphOf([{ op: 'Reshape', inputs: ['x', 's'] }], undefined, { s: int64([2], [0, -1]) }),
    ],
    [
      'Sub of two tensors',
      graphOf([
        { op: 'Relu', inputs: ['x'] },
        { op: 'Sub', inputs: ['x', 'v0'] },
      ]),
    ],
    [
      'Sqrt and Neg',
      graphOf([
        { op: 'Abs', inputs: ['x'] },
        { op: 'Sqrt', inputs: ['v0'] },
        { op: 'Neg', inputs: ['v1'] },
      ]),
    ],
    [
      'MaxPool that rounds up',
      graphOf([
        { op: 'MaxPool', inputs: ['x'], attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
      ]),
    ],
    [
      'AveragePool',
      graphOf([{ op: 'AveragePool', inputs: ['x'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }]),
    ],
    [
      'softmax on the last axis',
      graphOf([
        { op: 'Flatten', inputs: ['x'] },
        { op: 'Softmax', inputs: ['v0'] },
      ]),
    ],
    [
      'Clip without an upper bound',
      graphOf([{ op: 'Clip', inputs: ['x', 'low'] }], undefined, { low: float32([], [0]) }),
    ],
  ];
  it.each(expressible)('%s', async (_, model) => {
    const { prototxt, caffemodel } = exportCaffe(model);
    const weights = model.graph.constants.size > 0 ? readCaffemodel(caffemodel, 'w') : new Map();
    const again = importNet(parsePrototxt(prototxt, 'again'), 'again', { weights });
    const feeds = { x: ramp(image, -3, 3) };
    const [before, after] = [await runGraph(model.graph, feeds), await runGraph(again.graph, feeds)];
    expect(after.y.shape).toEqual(before.y.shape);
    const difference = (before.y.data as Float32Array).map((v, i) => Math.abs(v - Number(after.y.data[i])));
    expect(Math.max(...difference)).toBeLessThan(1e-5);
  });

  const inexpressible: [string, Model, string][] = [
    [
      'HardSwish',
      graphOf([{ op: 'HardSwish', inputs: ['x'] }]),
      "node 'node0' (HardSwish): it cannot be written as a Caffe layer: Caffe has no layer like HardSwish",
    ],
    [
      'uneven padding',
      graphOf([{ op: 'Conv', inputs: ['x', 'w'], attributes: { pads: [0, 0, 1, 1] } }], undefined, {
        w: ramp([2, 3, 3, 3]),
      }),
      "node 'node0' (Conv): it cannot be written as a Caffe layer: its padding is not the same on both sides",
    ],
    [
      'averages without padding',
      graphOf([
        { op: 'AveragePool', inputs: ['x'], attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } },
      ]),
      'divide by other numbers of pixels',
    ],
    [
      'c − x',
      graphOf([{ op: 'Sub', inputs: ['c', 'x'] }], undefined, { c: ramp([3, 1, 1]) }),
      "node 'node0' (Sub): it cannot be written as a Caffe layer: it subtracts from a constant",
    ],
    [
      'a transposition of the batch',
      graphOf([{ op: 'Transpose', inputs: ['x'], attributes: { perm: [1, 0, 2, 3] } }]),
      "node 'node0' (Transpose)",
    ],
    [
      'a constant per row',
      graphOf([{ op: 'Mul', inputs: ['x', 'c'] }], undefined, { c: ramp([3, 1, 8]) }),
      'repeats in a way that Caffe has no word for',
    ],
  ];
  it.each(inexpressible)('%s is refused', (_, model, message) => {
    expect(() => exportCaffe(model)).toThrow(expect.objectContaining({ name: 'LimnError' }));
    expect(() => exportCaffe(model)).toThrow(message);
  });
});
