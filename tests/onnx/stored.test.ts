import { createHash } from 'node:crypto';
import { readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { countOf, float32, GraphBuilder, type Model, placeOf, type Tensor } from '../../src/graph/index.ts';
import { loadModel, saveModel } from '../../src/onnx/file.node.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import { withoutWeights } from '../../src/onnx/skeleton.ts';
import { lower } from '../../src/operators/index.ts';
import { relevance, toolbox } from '../../src/relevance/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { wantsPacking } from '../../src/runtime/packing.ts';
import { openPool } from '../../src/runtime/pool.node.ts';
import { noise } from '../nets.ts';
import { bundled } from '../runtime/bundle.ts';

const folder = await mkdtemp(join(tmpdir(), 'limn-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Two dense layers and a convolution, of 9 MB. */
function network(seed = 1): Model {
  const b = new GraphBuilder('large');
  const data = b.input({ name: 'data', type: 'float32', shape: ['N', 3, 16, 16] });
  const conv = b.op('Conv', [data, b.weight('conv.weight', noise([8, 3, 3, 3], seed))], {
    pads: [1, 1, 1, 1],
  });
  const flat = b.op('Flatten', [b.op('Relu', [conv])]);
  const first = b.op('MatMul', [flat, b.weight('first.weight', noise([2048, 1024], seed + 1))]);
  const hidden = b.op('Relu', [b.op('Add', [first, b.weight('first.bias', noise([1024], seed + 2))])]);
  const second = b.weight('second.weight', noise([100, 1024], seed + 3));
  b.output(b.op('Gemm', [hidden, second], { transB: 1 }), {
    name: 'scores',
    type: 'float32',
    shape: ['N', 100],
  });
  const head = { name: 'class', kind: 'classes' as const, output: 'scores' };
  return { graph: b.build(), info: { heads: [head], provenance: {} } };
}

const image = noise([2, 3, 16, 16], 9);
const path = join(folder, 'large.onnx');
await saveModel(path, network());

const numbersOf = (model: Model) =>
  [...model.graph.constants].map(
    ([name, { type, shape, data }]) =>
      [
        name,
        type,
        shape,
        Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
      ] as const,
  );

/** Calls `seen` whenever stored numbers are asked for. */
function watched(model: Model, seen: (name: string) => void): void {
  for (const [name, tensor] of model.graph.constants) {
    const { get } = Object.getOwnPropertyDescriptor(tensor, 'data')!;
    if (!get) continue;
    Object.defineProperty(tensor, 'data', {
      get() {
        seen(name);
        return get.call(tensor) as Tensor['data'];
      },
      enumerable: true,
      configurable: true,
    });
  }
}

describe('a large model', () => {
  it('is the same as when it is read whole, its large weights left in the file', async () => {
    const loaded = await loadModel(path);
    const whole = readOnnx(readFileSync(path), path);
    expect(numbersOf(loaded.model)).toEqual(numbersOf(whole));
    expect(loaded.model.info).toEqual(whole.info);
    expect(loaded.model.graph.nodes).toEqual(whole.graph.nodes);
    expect(loaded.files).toEqual([path]);
    const stored = [...loaded.model.graph.constants].filter(([, tensor]) => placeOf(tensor));
    expect(stored.map(([name]) => name).sort()).toEqual(['first.weight', 'second.weight']);
    expect(stored.map(([, tensor]) => countOf(tensor))).toEqual(stored.map(([, { data }]) => data.length));
  });

  it('gives the bytes of its file in parts', async () => {
    const { parts, size } = await loadModel(path);
    const hash = createHash('sha256');
    let total = 0;
    for (const part of parts()) {
      hash.update(part);
      total += part.length;
    }
    expect(total).toBe(size);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
  });

  it('computes the same, bit by bit, in one session and in workers, forward and back', async () => {
    const { model } = await loadModel(path);
    const whole = readOnnx(readFileSync(path), path);
    const composite = toolbox(102);
    const script = bundled('src/runtime/worker.node.ts');
    for (const made of [
      (each: Model) => lower(each.graph),
      (each: Model) => relevance(each, { composite, target: 'weights' }).graph,
    ]) {
      const inputs = { data: image, ...(made(whole).inputs.length > 1 && { target: noise([2, 100], 4) }) };
      const expected = await (await nodeRuntime.load(made(whole), { threads: 1 })).run(inputs);
      const session = await nodeRuntime.load(made(model), { threads: 1 });
      expect(await session.run(inputs)).toEqual(expected);
      const pool = await openPool(made(model), { workers: 2, script });
      expect(await pool.run(inputs)).toEqual(expected);
      await session.release();
      await pool.release();
    }
  });

  it('is made into a graph of relevance and loaded without a look at its numbers', async () => {
    const { model } = await loadModel(path);
    const seen: string[] = [];
    watched(model, (name) => seen.push(name));
    const { graph } = relevance(model, { composite: toolbox(102) });
    await (await nodeRuntime.load(graph, { threads: 1 })).release();
    expect(seen).toEqual([]);
    expect(model.graph.constants.get('first.weight')!.data.length).toBe(2048 * 1024);
    expect(seen).toEqual(['first.weight']);
  });

  it('whose file was written anew is not read on', async () => {
    const changing = join(folder, 'changing.onnx');
    await saveModel(changing, network(20));
    const { model, parts } = await loadModel(changing);
    await saveModel(changing, network(30));
    const weights = model.graph.constants.get('first.weight')!;
    expect(() => weights.data).toThrow('it was changed after it was read');
    expect(() => [...parts()]).toThrow('it was changed after it was read');
    await expect(async () => nodeRuntime.load(lower(model.graph), { threads: 1 })).rejects.toThrow(
      'it was changed',
    );
    const touched = await loadModel(changing);
    utimesSync(changing, 1, 1);
    expect(() => touched.model.graph.constants.get('first.weight')!.data).toThrow('it was changed');
  });

  it('with damage is refused as if it were read whole', async () => {
    const bytes = readFileSync(path);
    const damaged = join(folder, 'damaged.onnx');
    const refusal = async () => (await loadModel(damaged).catch((error: Error) => error)) as Error;
    const same = async () => {
      let expected = '';
      try {
        readOnnx(readFileSync(damaged), damaged);
      } catch (error) {
        expected = (error as Error).message;
      }
      expect(expected).not.toBe('');
      expect((await refusal()).message).toBe(expected);
    };
    writeFileSync(damaged, bytes);
    truncateSync(damaged, bytes.length - 1000);
    await same();
    // A number in the middle of the first layer's weights.
    const nan = Uint8Array.from(bytes);
    nan.fill(0xff, 4_000_000, 4_000_064);
    writeFileSync(damaged, nan);
    await same();
    expect((await refusal()).message).toContain("NaN or infinite weights in 'first.weight'");
  });
});

describe('a model without its weights', () => {
  it('says where they are: put back, the file is what it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        (lengths, seed) => {
          const b = new GraphBuilder('any');
          const x = b.input({ name: 'x', type: 'float32', shape: [1] });
          const sums = lengths.map((length, i) =>
            b.op('ReduceSum', [b.weight(`w${i}`, noise([length], seed + i))], { keepdims: 1 }),
          );
          b.output(
            sums.reduce((a, c) => b.op('Add', [a, c]), x),
            { name: 'y', type: 'float32', shape: [1] },
          );
          const { bytes } = writeOnnx({ graph: b.build(), info: { heads: [], provenance: {} } });
          const file = {
            size: bytes.length,
            read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
          };
          const skeleton = withoutWeights(file, 'self')!;
          const large = lengths.filter((length) => 4 * length >= 2 ** 16).length;
          expect(skeleton.length).toBeLessThan(bytes.length - large * 2 ** 16 + 1000);
          const again = readOnnx(skeleton, 'any', (location) =>
            location === 'self' ? bytes : (undefined as never),
          );
          expect(numbersOf(again)).toEqual(numbersOf(readOnnx(bytes, 'any')));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('is not made of what is no model', () => {
    const read = (bytes: Uint8Array) =>
      withoutWeights({ size: bytes.length, read: (at, n) => bytes.subarray(at, at + n) }, 'self');
    const { bytes } = writeOnnx(network());
    expect(read(bytes.subarray(0, bytes.length - 10))).toBeUndefined();
    expect(read(new TextEncoder().encode('a text that is no protobuf'))).toBeUndefined();
    expect(read(Uint8Array.of(0x3b))).toBeUndefined();
  });
});

it('holds large dense weights of one row per image once, and packs those of tokens', () => {
  const graph = (op: string, rows: number) => {
    const b = new GraphBuilder('g');
    const x = b.input({ name: 'x', type: 'float32', shape: ['N', rows] });
    const y = b.op(op, [x, b.weight('w', float32([rows, 1024], new Float32Array(rows * 1024)))]);
    b.output(y, { name: 'y', type: 'float32', shape: ['N', 1024] });
    return b.build();
  };
  expect(wantsPacking(graph('Gemm', 4096))).toBe(false);
  expect(wantsPacking(graph('Gemm', 1024))).toBe(true);
  expect(wantsPacking(graph('MatMul', 4096))).toBe(true);
});
