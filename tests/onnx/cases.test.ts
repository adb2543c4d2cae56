import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../src/gradient/index.ts';
import {
  float32,
  GraphBuilder,
  int64,
  type Model,
  numbers,
  size,
  type Tensor,
} from '../../src/graph/index.ts';
import { readNpy } from '../../src/image/npy/npy.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import { infer, lower } from '../../src/operators/index.ts';
import { headOf, namedComposite, relevance } from '../../src/relevance/index.ts';
import { runGraph } from '../run.ts';
import { foreign, noise } from './support.ts';

const folder = (name: string) => fileURLToPath(new URL(`../fixtures/cases/${name}/`, import.meta.url));
const bytesOf = (path: string) => new Uint8Array(readFileSync(path));

interface Case {
  /** The images of its batch, where they are not two. */
  readonly batch?: number;
  /** What the file leaves open. */
  readonly inputShape?: readonly number[];
  /** The input's values, where they are no noise around 0. */
  readonly input?: (shape: readonly number[]) => Tensor;
  /** The input as limn's graph takes it. */
  readonly prepare?: (x: Tensor, model: Model) => Tensor<'float32'>;
  /** The difference from ONNX Runtime that is due to quantised values on their way. */
  readonly tolerance?: number;
  readonly heads?: readonly string[];
}

const pixels = (shape: readonly number[]): Tensor => ({
  type: 'uint8',
  shape,
  data: Uint8Array.from({ length: size(shape) }, (_, i) => (i * 97) % 256),
});

/** N×H×W×C as N×C×H×W. */
function channelsFirst({ shape, data }: Tensor): Tensor<'float32'> {
  const [n, h, w, c] = shape as [number, number, number, number];
  const moved = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [image, pixel, channel] = [Math.floor(i / (h * w * c)), Math.floor(i / c) % (h * w), i % c];
    moved[(image * c + channel) * h * w + pixel] = Number(data[i]);
  }
  return float32([n, c, h, w], moved);
}

const floats = (t: Tensor) => float32(t.shape, numbers(t));

/** What is to be said of some of the files; the others are plain N×3×16×16. */
const special: Readonly<Record<string, Case>> = {
  b_squeezed_1d: { batch: 1 },
  // Its statistics are those of the whole batch.
  op_MeanVarianceNormalization: { batch: 1 },
  hw_dynamic: { inputShape: [2, 3, 16, 16] },
  nchw_uint8: { input: pixels, prepare: floats },
  nhwc_uint8: { input: pixels, prepare: channelsFirst },
  nhwc_float: { prepare: channelsFirst },
  outputs_scores_featuremap: { heads: ['scores'] },
  outputs_scores_argmax: { heads: ['scores'] },
  topk_out: { heads: ['scores'] },
  two_outputs_probs_logits: { heads: ['scores', 'probs'] },
  qdq_full: { tolerance: 2e-3 },
};

async function original(bytes: Uint8Array, x: Tensor): Promise<Record<string, Tensor>> {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const feed = new ort.Tensor(x.type as 'float32', x.data as Float32Array, x.shape);
  const results = await session.run({ [session.inputNames[0]]: feed });
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => [
      name,
      float32(dims, Float32Array.from(data as ArrayLike<number | bigint>, Number)),
    ]),
  );
}

function expectNear(actual: Tensor, expected: Tensor, what: string, tolerance: number): void {
  const [a, e] = [numbers(actual), numbers(expected)];
  const scale = Math.max(1, ...e.map(Math.abs));
  expect(a.length, what).toBe(e.length);
  const worst = Math.max(...a.map((v, i) => Math.abs(v - e[i])));
  expect(worst / scale, what).toBeLessThanOrEqual(tolerance);
}

/** The relevance of the predicted class by the ε-rule, and the scores: finite, whatever the network's values are called. */
async function expectExplained(model: Model, x: Tensor<'float32'>): Promise<void> {
  const { graph } = relevance(model, { composite: namedComposite('epsilon') });
  const target = int64(
    [x.shape[0]],
    Array.from({ length: x.shape[0] }, () => -1),
  );
  const results = await runGraph(graph, { [graph.inputs[0].name]: x, target });
  expect(results.relevance.shape).toEqual(x.shape);
  expect(numbers(results.relevance).every(Number.isFinite)).toBe(true);
  expect(numbers(results.relevance).some((v) => v !== 0)).toBe(true);
}

/** What is written is read back as it was. */
function expectRewritten(model: Model): void {
  const { graph } = readOnnx(writeOnnx(model).bytes, 'again');
  expect(graph.nodes).toEqual(model.graph.nodes);
  expect(graph.outputs).toEqual(model.graph.outputs);
}

describe('files of all exporters’ habits compute what ONNX Runtime makes of them, and can be explained', () => {
  const names = readdirSync(folder('onnx')).map((name) => name.replace('.onnx', ''));
  it('are all here', () => expect(names).toHaveLength(54));

  it.each(names)('%s', async (name) => {
    const {
      batch = 2,
      inputShape,
      input = noise,
      prepare = floats,
      tolerance = 1e-5,
      heads,
    } = special[name] ?? {};
    const bytes = bytesOf(`${folder('onnx')}${name}.onnx`);
    const model = readOnnx(bytes, name, undefined, { inputShape });
    const x = input(name.startsWith('nhwc') ? [batch, 16, 16, 3] : [batch, 3, 16, 16]);
    const [expected, prepared] = [await original(bytes, x), prepare(x, model)];
    if (heads) expect(model.info.heads.map(({ output }) => output)).toEqual(heads);
    infer(model.graph);
    const results = await runGraph(lower(model.graph), { [model.graph.inputs[0].name]: prepared });
    for (const { output } of model.info.heads) {
      expectNear(results[output], expected[output], output, tolerance);
      expect(results[output].shape).toEqual([batch, 5]);
    }
    await expectExplained(model, prepared);
    expectRewritten(model);
  });

  it('say how photos become their input where their front does', () => {
    const read = (name: string) =>
      readOnnx(bytesOf(`${folder('onnx')}${name}.onnx`), name).info.preprocessing;
    const resize = { height: 16, width: 16, mode: 'stretch' };
    expect(read('nhwc_uint8')).toEqual({ resize, channels: 'rgb' });
    expect(read('nchw_uint8')).toEqual({ resize, channels: 'rgb' });
    expect(read('nhwc_float')).toBeUndefined();
  });

  it('say that they were quantised or of another precision', () => {
    const read = (name: string) => readOnnx(bytesOf(`${folder('onnx')}${name}.onnx`), name).info.provenance;
    expect(read('qdq_weights_perchannel')).toMatchObject({ quantisation: 'integers, converted to float32' });
    expect(read('fp16_cast_io')).toMatchObject({ precision: 'float16, converted to float32' });
  });
});

describe('networks of both PyTorch exporters', () => {
  const networks = ['hf_vit', 'tv_convnext', 'tv_swin'];
  const files = [...networks.flatMap((name) => [`${name}.legacy`, `${name}.dynamo`]), 'hf_swinv2.legacy'];

  it.each(files)(
    '%s agrees with ONNX Runtime, and with float64 PyTorch in scores and gradient',
    async (file) => {
      const [name] = file.split('.');
      const array = (kind: string) =>
        readNpy(bytesOf(`${folder('zoo')}${name}.${kind}.npy`), `${name}.${kind}`);
      const bytes = bytesOf(`${folder('zoo')}${file}.onnx`);
      const model = readOnnx(bytes, file);
      const { output } = headOf(model);
      const [input] = model.graph.inputs;
      const x = floats(array('x'));
      const results = await runGraph(lower(model.graph), { [input.name]: x });
      expectNear(results[output], (await original(bytes, x))[output], 'ONNX Runtime', 1e-5);
      expectNear(results[output], array('y'), 'PyTorch', 1e-5);

      const graph = gradient(model.graph, { outputs: [output], wrt: [input.name] });
      const [batch, classes] = results[output].shape as [number, number];
      const seed = new Float32Array(batch * classes);
      array('c').data.forEach((c: number | bigint, i: number) => {
        seed[i * classes + Number(c)] = 1;
      });
      const slopes = await runGraph(graph, {
        [input.name]: x,
        [`cotangent:${output}`]: float32([batch, classes], seed),
      });
      const g = array('g');
      const scale = Math.max(...numbers(g).map(Math.abs));
      const scaled = (t: Tensor) =>
        float32(
          t.shape,
          numbers(t).map((v) => v / scale),
        );
      expectNear(scaled(slopes[`gradient:${input.name}`]), scaled(g), 'the gradient', 1e-4);
      await expectExplained(model, x);
      expectRewritten(model);
    },
  );
});

describe('a network in other precisions', () => {
  const precision = (kind: string) => `${kind}, converted to float32`;
  // Quantised weights are known to a 255th of their range; the values between, which ONNX Runtime rounds, stay floats.
  it.each([
    ['float64', 1e-6, { precision: precision('float64') }],
    ['float16', 1e-6, { precision: precision('float16') }],
    ['bfloat16', 1e-6, { precision: precision('bfloat16') }],
    ['qdq', 0.01, { quantisation: precision('integers') }],
    ['qoperator', 0.01, { quantisation: precision('integers') }],
  ] as const)('%s agrees, and can be explained', async (kind, tolerance, said) => {
    const model = readOnnx(bytesOf(`${folder('precision')}${kind}.onnx`), kind);
    expect(model.info.provenance).toMatchObject(said);
    const array = (name: string) => readNpy(bytesOf(`${folder('precision')}${name}.npy`), name);
    const x = floats(array('x'));
    const results = await runGraph(lower(model.graph), { [model.graph.inputs[0].name]: x });
    expectNear(
      results[headOf(model).output],
      array('quantisation' in said ? 'float64' : kind),
      kind,
      tolerance,
    );
    await expectExplained(model, x);
    expectRewritten(model);
  });
});

describe('what a file’s front says', () => {
  /** uint8 N×H×W×C, cast, scaled per channel before or behind the transposition, then a sum. */
  const front = (type: 'uint8' | 'float32', early: boolean) => {
    const b = new GraphBuilder('front');
    let value = b.input({ name: 'x', type, shape: ['N', 2, 2, 3] });
    const constant = (data: number[]) => b.constant(float32(early ? [3] : [3, 1, 1], data));
    if (type === 'uint8') value = b.op('Cast', [value], { to: 1 });
    const turn = () => {
      value = b.op('Transpose', [value], { perm: [0, 3, 1, 2] });
    };
    if (!early) turn();
    value = b.op('Div', [b.op('Sub', [value, constant([1, 2, 3])]), constant([4, 5, 8])]);
    if (early) turn();
    const scores = b.op('ReduceSum', [value, b.ints(2, 3)], { keepdims: 0 });
    b.output(scores, { name: 'y', type: 'float32', shape: ['N', 3] });
    return b.build();
  };
  const written = (type: 'uint8' | 'float32', early: boolean) => {
    const { bytes } = writeOnnx({ graph: front(type, early), info: { heads: [], provenance: {} } });
    // Without its metadata it is a file of somebody else.
    return readOnnx(foreign(bytes), 'front');
  };

  it.each([true, false])('is preprocessing for bytes (scaled before it is transposed: %s)', (early) => {
    const { graph, info } = written('uint8', early);
    expect(graph.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['N', 3, 2, 2] }]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['ReduceSum', 'Identity'].slice(0, graph.nodes.length));
    const { mean, std, ...rest } = info.preprocessing!;
    expect(rest).toEqual({ resize: { height: 2, width: 2, mode: 'stretch' }, channels: 'rgb' });
    expect((mean as number[]).map((v) => Math.round(v * 1e4) / 1e4)).toEqual([1, 2, 3]);
    expect(std!.map((v) => Math.round(v * 1e4) / 1e4)).toEqual([4, 5, 8]);
  });

  it.each([true, false])(
    'stays in the network for floats, of which nobody knows the range (%s)',
    async (early) => {
      const { graph, info } = written('float32', early);
      expect(info.preprocessing).toBeUndefined();
      const x = noise([2, 2, 2, 3]);
      const expected = await runGraph(front('float32', early), { x });
      const { y } = await runGraph(graph, { x: channelsFirst(x) });
      expectNear(y, expected.y, 'y', 1e-6);
    },
  );
});
