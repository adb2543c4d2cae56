import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import {
  type DataType,
  float32,
  type Graph,
  GraphBuilder,
  int64,
  type Tensor,
} from '../../src/graph/index.ts';
import { failImport, failProvider, loadHere, nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { loadable } from '../../src/runtime/open.ts';
import { noise, tinyInception } from '../nets.ts';
import { bundled } from './bundle.ts';

const failures = bundled('tests/runtime/failures.ts');
const graph = tinyInception();
const data = noise([2, 3, 17, 17], 99);

/** y = x, or another operation on it. */
function unary(type: DataType, op = 'Identity'): Graph {
  const b = new GraphBuilder('unary');
  const x = b.input({ name: 'x', type, shape: ['N', 2] });
  b.output(b.op(op, [x]), { name: 'y', type, shape: ['N', 2] });
  return b.build();
}

it('computes a product and its bias', async () => {
  const b = new GraphBuilder('dense');
  const x = b.input({ name: 'x', type: 'float32', shape: ['N', 3] });
  const weight = b.weight('weight', float32([3, 2], [1, 2, 3, 4, 5, 6]));
  const bias = b.weight('bias', float32([2], [10, 20]));
  b.output(b.op('Gemm', [x, weight, bias]), { name: 'y', type: 'float32', shape: ['N', 2] });
  const session = await nodeRuntime.load(b.build());
  const { y } = await session.run({ x: float32([2, 3], [1, 0, 0, 1, 1, 1]) });
  expect(y).toEqual(float32([2, 2], [11, 22, 19, 32]));
  await session.release();
});

it('gives the outputs asked for, all unless given, for any batch', async () => {
  const session = await nodeRuntime.load(graph, { threads: 2 });
  const all = await session.run({ data });
  expect(Object.keys(all).sort()).toEqual(['fc', 'prob']);
  const some = await session.run({ data }, ['prob']);
  expect(some).toEqual({ prob: all.prob });
  const one = await session.run({ data: float32([1, 3, 17, 17], data.data.subarray(3 * 17 * 17)) }, ['prob']);
  expect(one.prob.shape).toEqual([1, 5]);
  one.prob.data.forEach((p, i) => {
    expect(p).toBeCloseTo(Number(all.prob.data[5 + i]), 6);
  });
  await session.release();
});

it('computes the same in WebAssembly, several runs at once', async () => {
  const native = await nodeRuntime.load(graph);
  const wasm = await nodeRuntime.load(graph, { provider: 'wasm', threads: 2 });
  const { fc } = await native.run({ data });
  const runs = await Promise.all([1, 2, 3].map(() => wasm.run({ data }, ['fc'])));
  for (const run of runs)
    run.fc.data.forEach((value, i) => {
      expect(Number(value) / Number(fc.data[i])).toBeCloseTo(1, 3);
    });
  await Promise.all([native.release(), wasm.release()]);
});

it.each(['cpu', 'wasm'] as const)('writes outputs to memory that is given for them: %s', async (provider) => {
  const session = await loadHere(loadable(graph, provider), { provider });
  const all = await session.run({ data });
  const room = new Float32Array(16);
  const fc = float32([2, 5], room.subarray(3, 13));
  expect(await session.run({ data }, undefined, { fc })).toEqual({ prob: all.prob });
  expect([...room]).toEqual([0, 0, 0, ...all.fc.data, 0, 0, 0]);
  room.fill(0);
  expect(await session.run({ data }, [], { fc })).toEqual({});
  expect(fc).toEqual(all.fc);
  await expect(session.run({ data }, [], { nothing: fc })).rejects.toThrow("output 'nothing'");
  await session.release();
});

it('computes the same with and without an arena, and holds its own copy of the weights', async () => {
  const [a, b] = [await nodeRuntime.load(graph), await nodeRuntime.load(graph, { arena: false })];
  const before = await a.run({ data });
  for (const constant of graph.constants.values()) (constant.data as Float32Array).fill(0);
  expect(await a.run({ data })).toEqual(before);
  expect(await b.run({ data })).toEqual(before);
  tinyInception().constants.forEach((constant, name) => {
    (graph.constants.get(name)!.data as Float32Array).set(constant.data as Float32Array);
  });
  await a.release();
  await b.release();
});

it('takes every type of tensor, views and shared memory', async () => {
  const tensors: Tensor[] = [
    float32([1, 2], [1.5, Number.NaN]),
    { type: 'float64', shape: [1, 2], data: Float64Array.of(1 / 3, -Infinity) },
    { type: 'int32', shape: [1, 2], data: Int32Array.of(-(2 ** 31), 7) },
    int64([1, 2], [-5, 2 ** 53 - 1]),
    { type: 'uint8', shape: [1, 2], data: Uint8Array.of(0, 255) },
    { type: 'bool', shape: [1, 2], data: Uint8Array.of(1, 0) },
    { type: 'uint8', shape: [1, 2], data: Buffer.from([3, 4]) },
    float32([1, 2], new Float32Array([0, 1, 2, 3]).subarray(1, 3)),
    float32([1, 2], new Float32Array(new SharedArrayBuffer(8)).fill(6)),
  ];
  for (const x of tensors) {
    const session = await nodeRuntime.load(unary(x.type));
    const { y } = await session.run({ x });
    expect(y).toEqual({ ...x, data: Reflect.construct(y.data.constructor, [x.data]) });
    await session.release();
  }
});

it('refuses inputs that do not fit, before ONNX Runtime sees them', async () => {
  const b = new GraphBuilder('two inputs');
  const x = b.input({ name: 'x', type: 'float32', shape: ['N', 2] });
  const y = b.input({ name: 'y', type: 'float32', shape: ['N', 2] });
  b.output(b.op('Add', [x, y]), { name: 'z', type: 'float32', shape: ['N', 2] });
  const session = await nodeRuntime.load(b.build());
  const good = float32([1, 2], [1, 2]);
  const cases: [Record<string, Tensor>, string][] = [
    [{ x: good }, "input 'y': is missing; give float32 [N,2]"],
    [{ x: good, y: good, w: good }, "input 'w': 'two inputs' has no such input; it has 'x', 'y'"],
    [{ x: good, y: int64([1, 2], [1, 2]) }, "input 'y': expected float32 [N,2], got int64 [1,2]"],
    [{ x: good, y: float32([2], [1, 2]) }, "input 'y': expected float32 [N,2], got float32 [2]"],
    [{ x: good, y: float32([1, 3], [1, 2, 3]) }, "input 'y': expected float32 [N,2], got float32 [1,3]"],
    [{ x: good, y: float32([2, 2], [1, 2, 3, 4]) }, "input 'y': 'N' is 2 here and 1 in input 'x'"],
    [{ x: float32([0, 2], []), y: good }, "input 'x': is empty: [0,2]"],
    [{ x: { ...good, shape: [3, 2] }, y: good }, "input 'x': shape [3,2] needs 6 elements, got 2"],
  ];
  for (const [inputs, message] of cases) {
    const error = await session.run(inputs).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LimnError);
    expect((error as Error).message).toBe(message);
  }
  await expect(session.run({ x: good, y: good }, ['z', 'q'])).rejects.toThrow(
    "output 'q': 'two inputs' has no such output; it has 'z'",
  );
  expect((await session.run({ x: good, y: good })).z.data).toEqual(Float32Array.of(2, 4));
  await session.release();
});

it('turns errors of ONNX Runtime into one line, and goes on', async () => {
  await expect(nodeRuntime.load(unary('float32', 'NoSuchOperator'))).rejects.toSatisfy(
    oneLine(/NoSuchOperator/),
  );

  const b = new GraphBuilder('picks');
  const i = b.input({ name: 'i', type: 'int64', shape: ['N'] });
  const table = b.weight('table', float32([3], [5, 6, 7]));
  b.output(b.op('Gather', [table, i]), { name: 'y', type: 'float32', shape: ['N'] });
  const session = await nodeRuntime.load(b.build());
  const [bad, good] = await Promise.allSettled([
    session.run({ i: int64([1], [9]) }),
    session.run({ i: int64([1], [2]) }),
  ]);
  expect(bad).toMatchObject({ status: 'rejected' });
  expect((bad as PromiseRejectedResult).reason).toSatisfy(oneLine(/^picks: ONNX Runtime cannot run it/));
  expect(good).toMatchObject({ value: { y: float32([1], [7]) } });
  await session.release();
});

it('lets runs end before it is released, and refuses later ones', async () => {
  const session = await nodeRuntime.load(graph);
  const running = session.run({ data });
  await Promise.all([session.release(), session.release()]);
  expect((await running).prob.shape).toEqual([2, 5]);
  await expect(session.run({ data })).rejects.toThrow('tiny inception: the session is released');
});

it('refuses providers and threads that there are not', async () => {
  await expect(nodeRuntime.load(graph, { threads: 0 })).rejects.toSatisfy(
    oneLine(/^threads: expected 1 or more/),
  );
  await expect(nodeRuntime.load(graph, { threads: 1.5 })).rejects.toSatisfy(oneLine(/^threads/));
});

it('says what to do where a provider or onnxruntime-node itself is not there', () => {
  const thrown = (action: () => void): unknown => {
    try {
      action();
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const glibc = "libm.so.6: version `GLIBC_2.99' not found";
  expect(thrown(() => failImport(new Error(glibc)))).toSatisfy(oneLine(/cannot be loaded on .*GLIBC_2\.99/));
  const cuda = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library';
  expect(thrown(() => failProvider('cuda', cuda))).toSatisfy(oneLine(/CUDA 12, .*install=cuda12/));
  const gpu = 'Failed to get a WebGPU adapter: No supported adapters';
  expect(thrown(() => failProvider('webgpu', gpu))).toSatisfy(oneLine(/found no GPU/));
  expect(thrown(() => failProvider('webgpu', 'the shapes do not fit'))).toBeUndefined();
});

it('lets ONNX Runtime print nothing', () => {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(failures)], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(Number(stdout)).toBeGreaterThanOrEqual(3);
});

const oneLine =
  (text: RegExp) =>
  (error: unknown): boolean =>
    error instanceof LimnError && text.test(error.message) && !error.message.includes('\n');
