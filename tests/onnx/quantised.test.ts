import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float } from '../../src/graph/graph.ts';
import { float32, int64, type Tensor, tensor } from '../../src/graph/tensor.ts';
import { readOnnx } from '../../src/onnx/index.ts';
import { random } from '../operators/random.ts';
import { noise, type OldModel, type OldNode, oldBytes, run, runGraph } from './support.ts';

type Integers = 'uint8' | 'int8';

/** How values are quantised: scale·(q − zero). */
interface Scheme {
  readonly scale: number;
  readonly zero: number;
  readonly type: Integers;
}

const arrays = { uint8: Uint8Array, int8: Int8Array } as const;
const lowest = { uint8: 0, int8: -128 } as const;

const scheme = fc.record({
  scale: fc.double({ min: 0.005, max: 0.03, noNaN: true }).map(Math.fround),
  middle: fc.integer({ min: 96, max: 160 }),
  type: fc.constantFrom<Integers>('uint8', 'int8'),
});
const schemes = scheme.map(
  ({ scale, middle, type }): Scheme => ({ scale, zero: middle + lowest[type], type }),
);

const zeroOf = ({ type, zero }: Scheme): Tensor => tensor(type, [], arrays[type].of(zero));

/** Integers over the whole range of their type, and the floats that they stand for. */
function drawn(shape: readonly number[], { scale, zero, type }: Scheme, seed: number) {
  const next = random(seed);
  const q = new arrays[type](shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < q.length; i++) q[i] = lowest[type] + next() * 256;
  const floats = float32(
    shape,
    Float32Array.from(q, (value) => (value - zero) * scale),
  );
  return { integers: tensor(type, shape, q), floats };
}

/** What stands at inputs of a node: the name of a value, its scale and its zero point. */
const names = (value: string) => [value, `${value}/scale`, `${value}/zero`];
const held = (value: string, of: Scheme): Record<string, Tensor> => ({
  [`${value}/scale`]: float32([], [of.scale]),
  [`${value}/zero`]: zeroOf(of),
});
const quantize: OldNode = { op: 'QuantizeLinear', inputs: names('x'), outputs: ['q'] };
const dequantize: OldNode = { op: 'DequantizeLinear', inputs: names('r').map((n) => n), outputs: ['y'] };
const q = ['q', 'x/scale', 'x/zero'];
const r = names('r').slice(1);

interface Case {
  readonly node: Omit<OldNode, 'outputs'>;
  /** The input's shape; 2×3×6×5 unless given. */
  readonly shape?: readonly number[];
  readonly weights?: (w: Scheme, x: Scheme) => Record<string, Tensor>;
  /** Whether the weights may be unsigned. */
  readonly onlySigned?: boolean;
}

const domain = 'com.microsoft';
const weight = (shape: readonly number[]) => (w: Scheme) => ({
  w: drawn(shape, w, 5).integers,
  ...held('w', w),
});
/** A scale and zero point for each of n channels, as weights have them: symmetric. */
const perChannel = (shape: readonly number[], n: number) => (_: Scheme, x: Scheme) => ({
  // Of seven bits: ONNX Runtime's products of unsigned and signed bytes overflow on processors without VNNI.
  w: tensor(
    'int8',
    shape,
    drawn(shape, { scale: 1, zero: 0, type: 'int8' }, 5).integers.data.map(
      (n) => Number(n) >> 1,
    ) as Int8Array,
  ),
  'w/scale': float32(
    [n],
    Float32Array.from({ length: n }, (_, i) => 0.002 * (i + 1)),
  ),
  'w/zero': tensor('int8', [n], new Int8Array(n)),
  b: tensor(
    'int32',
    [n],
    Int32Array.from({ length: n }, (_, i) => Math.round((i - 1) / x.scale)),
  ),
});
const pool = { kernel_shape: [2, 2], strides: [2, 1], pads: [0, 1, 0, 0] };

const cases: Record<string, Case> = {
  'QLinearConv, a scale for all': {
    node: { op: 'QLinearConv', inputs: [...q, ...names('w'), ...r], attributes: { pads: [1, 1, 1, 1] } },
    weights: weight([4, 3, 3, 3]),
  },
  'QLinearConv, a scale for each channel, and a bias': {
    node: { op: 'QLinearConv', inputs: [...q, ...names('w'), ...r, 'b'] },
    weights: perChannel([4, 3, 3, 3], 4),
  },
  QLinearMatMul: {
    node: { op: 'QLinearMatMul', inputs: [...q, ...names('w'), ...r] },
    shape: [4, 7],
    weights: weight([7, 5]),
  },
  'QLinearAdd of a constant': {
    node: { op: 'QLinearAdd', domain, inputs: [...q, ...names('w'), ...r] },
    weights: weight([1, 3, 1, 1]),
  },
  'QLinearMul with itself': { node: { op: 'QLinearMul', domain, inputs: [...q, ...q, ...r] } },
  QLinearLeakyRelu: {
    node: { op: 'QLinearLeakyRelu', domain, inputs: [...q, ...r], attributes: { alpha: float(0.2) } },
  },
  QLinearSigmoid: { node: { op: 'QLinearSigmoid', domain, inputs: [...q, ...r] } },
  QLinearSoftmax: {
    node: { op: 'QLinearSoftmax', domain, inputs: [...q, ...r], attributes: { axis: -1, opset: 13 } },
  },
  QLinearGlobalAveragePool: { node: { op: 'QLinearGlobalAveragePool', domain, inputs: [...q, ...r] } },
  QLinearAveragePool: {
    node: { op: 'QLinearAveragePool', domain, inputs: [...q, ...r], attributes: pool },
  },
  'QLinearConcat with a constant': {
    node: { op: 'QLinearConcat', domain, inputs: [...r, ...q, ...names('w')], attributes: { axis: 1 } },
    weights: weight([2, 1, 6, 5]),
  },
  'QGemm, a scale for each channel, and a bias': {
    node: { op: 'QGemm', domain, inputs: [...q, ...names('w'), 'b', ...r], attributes: { transB: 1 } },
    shape: [4, 7],
    weights: perChannel([5, 7], 5),
  },
  'QGemm that makes floats': {
    node: { op: 'QGemm', domain, inputs: [...q, ...names('w'), 'b'], attributes: { transB: 1 } },
    shape: [4, 7],
    weights: perChannel([5, 7], 5),
  },
};

describe('operators on integers are what they are of floats, but for the rounding of their output', () => {
  it.each(Object.entries(cases))('%s', async (_, { node, shape = [2, 3, 6, 5], weights }) => {
    await fc.assert(
      fc.asyncProperty(schemes, schemes, schemes, fc.nat(), async (x, w, given, seed) => {
        // ONNX Runtime has kernels for unsigned inputs with any weights, and for signed ones with signed.
        const of = { ...given, type: x.type, zero: given.zero - lowest[given.type] + lowest[x.type] };
        const own = { ...w, type: x.type, zero: w.zero - lowest[w.type] + lowest[x.type] };
        const isFloat = !node.inputs.includes('r/scale');
        const model: OldModel = {
          opset: 13,
          inputs: { x: shape },
          nodes: [quantize, { ...node, outputs: [isFloat ? 'y' : 'r'] }, ...(isFloat ? [] : [dequantize])],
          weights: { ...held('x', x), ...held('r', of), ...weights?.(own, x) },
        };
        const bytes = oldBytes(model);
        const feeds = { x: drawn(shape, x, seed).floats };
        const { graph, info } = readOnnx(bytes, 'm.onnx');
        expect(info.provenance.quantisation).toBe('integers, converted to float32');
        const [ours, theirs] = [await runGraph(graph, feeds), await run(bytes, feeds)];
        expect(ours.y.shape).toEqual(theirs.y.shape);
        const largest = Math.max(...theirs.y.data.map(Math.abs));
        const allowed = (isFloat ? 0 : of.scale * 0.5001) + 1e-5 * largest;
        // Averages and functions from tables are rounded once more on their way.
        const more = /Pool|Sigmoid|Softmax|Leaky/.test(node.op) ? of.scale * 0.51 : 0;
        ours.y.data.forEach((value, i) => {
          expect(Math.abs(value - theirs.y.data[i])).toBeLessThanOrEqual(allowed + more);
        });
      }),
      { numRuns: 3 },
    );
  });
});

/** How far two lists are apart at most, by the second's largest. */
const apart = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / Math.max(...b.map(Math.abs));

async function compared(model: OldModel, feeds: Record<string, Tensor>): Promise<number> {
  const bytes = oldBytes(model);
  const { graph } = readOnnx(bytes, 'm.onnx');
  const [ours, theirs] = [await runGraph(graph, feeds), await run(bytes, feeds)];
  expect(ours.y.shape).toEqual(theirs.y.shape);
  return apart(ours.y.data, theirs.y.data);
}

describe('values between QuantizeLinear and DequantizeLinear', () => {
  /** A weight as quantised training leaves it: rounded in the file, for all or for each channel. */
  it.each([
    [[], 0],
    [[4], 0],
    [[3], 1],
  ] as const)(
    'that are constants are rounded as in the file, scales of shape [%s] along axis %d',
    async (shape, axis) => {
      const count = shape[0] ?? 1;
      const difference = await compared(
        {
          opset: 13,
          weights: {
            w: noise([4, 3, 3, 3], 9),
            s: float32(
              shape,
              Float32Array.from({ length: count }, (_, i) => 0.05 + 0.02 * i),
            ),
            z: tensor('int8', shape, new Int8Array(count)),
          },
          nodes: [
            { op: 'QuantizeLinear', inputs: ['w', 's', 'z'], outputs: ['q'], attributes: { axis } },
            { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['d'], attributes: { axis } },
            { op: 'Conv', inputs: ['x', 'd'], outputs: ['y'] },
          ],
        },
        { x: noise([2, 3, 4, 5]) },
      );
      expect(difference).toBeLessThan(1e-6);
    },
  );

  it.each(['uint8', 'int8', 'uint16', 'int16'] as const)(
    'keep the range that %s leaves them',
    async (type) => {
      const array = { ...arrays, uint16: Uint16Array, int16: Int16Array }[type];
      const scale = type.endsWith('8') ? 0.01 : 0.01 / 256;
      const difference = await compared(
        {
          opset: 21,
          weights: { s: float32([], [scale]), z: tensor(type as 'int8', [], array.of(3) as Int8Array) },
          nodes: [
            { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], outputs: ['q'] },
            { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['y'] },
          ],
        },
        // From −2 to 2, of which each type keeps another part.
        { x: noise([2, 3, 4, 5]) },
      );
      expect(difference).toBeLessThan(0.51 * 0.01);
    },
  );

  it('that are the network’s own input are pictures of bytes, prepared as the file says', async () => {
    const model: OldModel = {
      opset: 13,
      inputs: { x: ['N', 3, 4, 5] },
      types: { x: 'uint8' },
      weights: {
        s: float32([], [1 / 64]),
        z: tensor('uint8', [], Uint8Array.of(128)),
        w: noise([4, 3, 2, 2]),
      },
      nodes: [
        { op: 'DequantizeLinear', inputs: ['x', 's', 'z'], outputs: ['d'] },
        { op: 'Conv', inputs: ['d', 'w'], outputs: ['y'] },
      ],
    };
    const { graph, info } = readOnnx(oldBytes(model), 'm.onnx');
    expect(info.preprocessing).toMatchObject({ mean: [128, 128, 128], scale: 1 / 64 });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Conv']);
    const bytes = Uint8Array.from({ length: 60 }, (_, i) => (i * 37) % 256);
    const theirs = await run(oldBytes(model), { x: tensor('uint8', [1, 3, 4, 5], bytes) });
    const prepared = float32(
      [1, 3, 4, 5],
      Float32Array.from(bytes, (value) => (value - 128) / 64),
    );
    const ours = await runGraph(graph, { x: prepared });
    expect(apart(ours.y.data, theirs.y.data)).toBeLessThan(1e-6);
  });
});

it('outputs that are integers are floats', async () => {
  const bytes = oldBytes({
    opset: 13,
    types: { y: 'uint8' },
    weights: { s: float32([], [0.25]), z: tensor('uint8', [], Uint8Array.of(100)) },
    nodes: [{ op: 'QuantizeLinear', inputs: ['x', 's', 'z'], outputs: ['y'] }],
  });
  const { graph } = readOnnx(bytes, 'm.onnx');
  expect(graph.outputs[0].type).toBe('float32');
  const feeds = { x: noise([2, 3, 4, 5]) };
  const [ours, theirs] = [await runGraph(graph, feeds), await run(bytes, feeds)];
  ours.y.data.forEach((value, i) => {
    expect(Math.abs(value / 0.25 + 100 - theirs.y.data[i])).toBeLessThanOrEqual(0.5);
  });
});

describe('networks that quantise values by their own range as they come', () => {
  const nodes = (op: 'ConvInteger' | 'MatMulInteger'): OldNode[] => [
    { op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 's', 'z'] },
    { op, inputs: ['q', 'w', 'z', 'w/zero'], outputs: ['i'] },
    { op: 'Cast', inputs: ['i'], outputs: ['f'], attributes: { to: 1 } },
    { op: 'Mul', inputs: ['s', 'w/scale'], outputs: ['both'] },
    { op: 'Mul', inputs: ['f', 'both'], outputs: ['y'] },
  ];

  it.each([
    ['ConvInteger', [2, 3, 6, 5], [4, 3, 3, 3]],
    ['MatMulInteger', [6, 7], [7, 5]],
  ] as const)('%s', async (op, shape, of) => {
    for (const seed of [1, 2, 3]) {
      const w = { scale: 0.01, zero: 120, type: 'uint8' } as const;
      const weights = { w: drawn(of, w, seed).integers, ...held('w', w) };
      const difference = await compared(
        { opset: 13, inputs: { x: shape }, nodes: nodes(op), weights },
        { x: noise(shape, seed) },
      );
      expect(difference).toBeLessThan(0.01);
    }
  });

  it('are refused where sums of integers follow on a scale', () => {
    const [, ...rest] = nodes('MatMulInteger');
    const model: OldModel = {
      opset: 13,
      inputs: { x: [6, 7] },
      nodes: [{ op: 'QuantizeLinear', inputs: ['x', 's', 'z'], outputs: ['q'] }, ...rest],
      weights: {
        s: float32([], [0.1]),
        z: tensor('uint8', [], Uint8Array.of(0)),
        w: tensor('uint8', [7, 5], new Uint8Array(35)),
        'w/zero': tensor('uint8', [], Uint8Array.of(0)),
        'w/scale': float32([], [0.1]),
      },
    };
    expect(() => readOnnx(oldBytes(model), 'm.onnx')).toThrow(
      /\(MatMulInteger\): it multiplies values that were quantised with a scale/,
    );
  });
});

describe('what is refused', () => {
  const s = float32([], [0.1]);
  const refused: Record<string, [OldModel, RegExp]> = {
    'a scale per channel of values on their way': [
      {
        opset: 13,
        nodes: [{ op: 'QuantizeLinear', inputs: ['x', 's'], outputs: ['y'] }],
        weights: { s: float32([3], [1, 2, 3]) },
      },
      /\(QuantizeLinear\): values that are quantised per channel on their way/,
    ],
    'scales per block': [
      {
        opset: 21,
        nodes: [
          { op: 'DequantizeLinear', inputs: ['w', 's'], outputs: ['d'], attributes: { block_size: 2 } },
          { op: 'Add', inputs: ['x', 'd'], outputs: ['y'] },
        ],
        weights: { w: tensor('int8', [4, 5], new Int8Array(20)), s: noise([2, 5]) },
      },
      /\(DequantizeLinear\): scales per block are not supported/,
    ],
    'channels at the end': [
      {
        opset: 13,
        nodes: [
          {
            op: 'QLinearGlobalAveragePool',
            domain,
            inputs: ['x', 's', '', 's', ''],
            outputs: ['y'],
            attributes: { channels_last: 1 },
          },
        ],
        weights: { s },
      },
      /\(QLinearGlobalAveragePool\): channels at the end/,
    ],
    'a scale that is computed': [
      {
        opset: 13,
        nodes: [
          { op: 'ReduceMax', inputs: ['x'], outputs: ['s'], attributes: { keepdims: 0 } },
          { op: 'QuantizeLinear', inputs: ['x', 's'], outputs: ['y'] },
        ],
      },
      /\(QuantizeLinear\): its scale must be a constant/,
    ],
    'a number of scales that does not fit': [
      {
        opset: 13,
        nodes: [
          { op: 'DequantizeLinear', inputs: ['w', 's'], outputs: ['d'], attributes: { axis: 1 } },
          { op: 'Reshape', inputs: ['d', 'shape'], outputs: ['r'] },
          { op: 'Add', inputs: ['x', 'r'], outputs: ['y'] },
        ],
        weights: { w: tensor('int8', [4, 5], new Int8Array(20)), s: noise([2]), shape: int64([2], [4, 5]) },
      },
      /\(DequantizeLinear\): 2 scales do not fit an axis of 5/,
    ],
  };
  it.each(Object.entries(refused))('%s', (_, [model, message]) => {
    expect(() => readOnnx(oldBytes(model), 'm.onnx')).toThrow(message);
  });
});
