import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { float32, GraphBuilder, int64, type Model, size, type Tensor } from '../../src/graph/index.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import {
  type Composite,
  compileExplanation,
  compositeHash,
  describe as inWords,
  namedComposite,
  relevance,
  rules,
  toolbox,
} from '../../src/relevance/index.ts';
import { noise, tinyInception } from '../nets.ts';
import { readArray, referenceModel, referenceNets, relativeError } from '../reference-data.ts';
import { runGraph } from '../run.ts';

const net = referenceNets().find(({ name }) => name === 'tiny_caffenet')!;
const model = referenceModel(net);
/** The first image twice: the fixtures hold no other. */
const input = twice(readArray(`${net.dir}input.npy`));
const inception: Model = {
  graph: tinyInception(),
  info: {
    heads: [{ name: 'class', output: 'prob', kind: 'classes', labels: ['a', 'b', 'c', 'd', 'e'] }],
    preprocessing: { channels: 'bgr', mean: [104, 117, 123] },
    provenance: { source: 'made up' },
  },
};

function twice({ shape: [, ...rest], data }: Tensor): Tensor<'float32'> {
  const image = Array.from(data.subarray(0, size(rest)), Number);
  return float32([2, ...rest], [...image, ...image]);
}

/** What anyone does with the file: ONNX Runtime, and nothing of ours. */
async function runFile(bytes: Uint8Array, feeds: Record<string, ort.Tensor>) {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

describe('an explanation as one file', () => {
  test('plain ONNX Runtime computes what limn does', async () => {
    const composite = toolbox(102, { upTo: 0, variant: 'faithful' });
    const { bytes } = writeOnnx(await compileExplanation(model, { composite, at: ['conv1'] }));
    const made = await runFile(bytes, {
      [model.graph.inputs[0].name]: new ort.Tensor('float32', input.data, input.shape),
      target: new ort.Tensor('int64', BigInt64Array.of(1n, -1n), [2]),
    });
    expect(Object.keys(made).sort()).toEqual(['prob', 'relevance', 'relevance:conv1', 'scores']);
    const { graph } = relevance(model, { composite, at: ['conv1'] });
    const expected = await runGraph(graph, {
      [model.graph.inputs[0].name]: input,
      target: int64([2], [1, -1]),
    });
    for (const [name, { dims, data }] of Object.entries(made)) {
      expect(dims).toEqual(expected[name].shape);
      const error = relativeError(
        { ...expected[name], data: data as Float32Array } as Tensor,
        expected[name],
      );
      expect(error, name).toBeLessThan(1e-6);
    }
  });

  test('its metadata says what it is and survives the file', async () => {
    const composite = namedComposite('epsilon-plus-flat');
    const compiled = await compileExplanation(inception, {
      composite,
      start: 'probability',
      target: 'weights',
    });
    const { info } = readOnnx(writeOnnx(compiled).bytes, 'explain.onnx');
    expect(info.preprocessing).toEqual(inception.info.preprocessing);
    expect(info.heads).toEqual(inception.info.heads);
    expect(info.provenance).toMatchObject({
      source: 'made up',
      'explanation.head': 'class',
      'explanation.composite': 'epsilon-plus-flat',
      'explanation.variant': 'corrected',
      'explanation.start': 'probability',
    });
    expect(info.provenance['explanation.description']).toContain(
      'conv1: flat · block/1x1…block/pool_proj: z-plus',
    );
    expect(info.provenance['explanation.target']).toContain('float32 N×K');
    expect(info.provenance['explanation.hash']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a class that does not exist is refused, not explained by zeros', async () => {
    const { bytes } = writeOnnx(
      await compileExplanation(inception, { composite: namedComposite('epsilon') }),
    );
    const data = new ort.Tensor('float32', noise([1, 3, 17, 17], 1).data, [1, 3, 17, 17]);
    await expect(
      runFile(bytes, { data, target: new ort.Tensor('int64', BigInt64Array.of(5n), [1]) }),
    ).rejects.toThrow(/idx=5/);
  });

  test("ONNX Runtime accepts the original model's output under the name 'scores'", async () => {
    const b = new GraphBuilder('scores');
    const x = b.input({ name: 'x', type: 'float32', shape: ['N', 3] });
    b.node({
      op: 'MatMul',
      name: 'fc',
      inputs: [x, b.weight('w', float32([3, 2], [1, 2, 3, 4, 5, 6]))],
      outputs: ['scores'],
    });
    b.output('scores', { name: 'scores', type: 'float32', shape: ['N', 2] });
    const info = { heads: [{ name: 'class', output: 'scores', kind: 'classes' as const }], provenance: {} };
    const { bytes } = writeOnnx(
      await compileExplanation({ graph: b.build(), info }, { composite: namedComposite('epsilon') }),
    );
    const made = await runFile(bytes, {
      x: new ort.Tensor('float32', Float32Array.of(1, 1, 1), [1, 3]),
      target: new ort.Tensor('int64', BigInt64Array.of(-1n), [1]),
    });
    const shares = Array.from(made.relevance.data as Float32Array, (v) => Number(v.toFixed(3)));
    expect(shares).toEqual([2, 4, 6]);
  });
});

describe('a composite as applied', () => {
  const applied = (composite: Composite) => relevance(model, { composite }).handling;

  test('in words: neighbours of the same handling are one', () => {
    expect(inWords(applied(toolbox(102, { upTo: 0 })))).toBe(
      'conv1: flat · conv2…conv4: alpha2-beta1 · fc6…fc8: epsilon 0.1 · LRN: lrn-taylor · max pooling: winner',
    );
    expect(inWords(applied(namedComposite('guided-backprop')))).toContain('activations: guided');
    const byName: Composite = {
      name: 'mine',
      entries: [
        { match: { name: 'norm2' }, handling: 'pass' },
        { match: { name: ['conv1', 'fc*'] }, handling: rules.epsilon(1) },
        ...toolbox(2).entries,
      ],
    };
    expect(inWords(applied(byName))).toBe(
      'conv1: epsilon 1 · conv2…conv4: alpha2-beta1 · fc6…fc8: epsilon 1 · norm1: lrn-taylor · norm2: pass · max pooling: winner',
    );
  });

  test('the hash is of the rules, not of their names or the order of their keys', async () => {
    const hash = (composite: Composite) => compositeHash(applied(composite));
    const base = await hash(toolbox(2));
    expect(await hash({ ...toolbox(2), name: 'another name' })).toBe(base);
    expect(await hash(toolbox(2, { beta: 0 }))).not.toBe(base);
    expect(await hash(toolbox(2, { variant: 'faithful' }))).not.toBe(base);
    const [first, second] = [rules.epsilon(1), rules.epsilon(1)].map((rule, i) => ({
      name: 'mine',
      entries: [
        {
          match: { linear: ['convolution', 'dense'] },
          handling: i === 0 ? rule : { terms: rule.terms, name: rule.name },
        },
        ...toolbox(2).entries,
      ],
    }));
    expect(await hash(first)).toBe(await hash(second));
  });
});
