import { toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attribute, Graph, Node } from '../../src/graph/graph.ts';
import { float } from '../../src/graph/graph.ts';
import { float32, int64, type Tensor, tensor } from '../../src/graph/tensor.ts';
import { attributeBytes, writeAttribute } from '../../src/onnx/attribute.ts';
import { AttributeProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import { readOnnx, toRuntime, writeOnnx } from '../../src/onnx/index.ts';
import { noise, run, runGraph } from './support.ts';

const info = { heads: [], provenance: {} };
const size = (shape: readonly number[]) => shape.reduce((p, n) => p * n, 1);

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
const int = fc.maxSafeInteger();
const tensors: fc.Arbitrary<Tensor> = shapes.chain((shape) => {
  const list = <T>(item: fc.Arbitrary<T>) =>
    fc.array(item, { minLength: size(shape), maxLength: size(shape) });
  return fc.oneof(
    list(finite).map((data): Tensor => tensor('float32', shape, Float32Array.from(data))),
    list(fc.double({ noNaN: true, noDefaultInfinity: true })).map(
      (data): Tensor => tensor('float64', shape, Float64Array.from(data)),
    ),
    list(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)).map(
      (data): Tensor => tensor('int64', shape, BigInt64Array.from(data)),
    ),
    list(fc.integer()).map((data): Tensor => tensor('int32', shape, Int32Array.from(data))),
    list(fc.nat(255)).map((data): Tensor => tensor('uint8', shape, Uint8Array.from(data))),
    list(fc.nat(1)).map((data): Tensor => tensor('bool', shape, Uint8Array.from(data))),
  );
});
const attributes: fc.Arbitrary<Attribute> = fc.oneof(
  int,
  fc.array(int),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.string({ unit: 'grapheme' })),
  finite.map((value) => ({ float: value })),
  fc.array(finite).map((floats) => ({ floats })),
  tensors,
);
const key = fc.stringMatching(/^[a-z_]{1,8}$/);

/** A chain of made-up operators: each takes the one before, a constant, the input, or leaves an input out. */
const graphs: fc.Arbitrary<Graph> = fc
  .array(
    fc.record({
      attributes: fc.dictionary(key, attributes, { maxKeys: 4 }),
      constant: tensors,
      skip: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => ({
    name: 'made up',
    inputs: [{ name: 'data', type: 'float32', shape: ['N', 3, 'height', 4] }],
    outputs: [
      { name: `v${parts.length}`, type: 'float32', shape: ['N', 10] },
      { name: 'extra1', type: 'int64', shape: [] },
    ],
    nodes: parts.map(
      (part, i): Node => ({
        name: `layer ${i}`,
        op: 'Mystery',
        inputs: [i === 0 ? 'data' : `v${i}`, ...(part.skip ? [''] : []), `c${i}`],
        outputs: [`v${i + 1}`, `extra${i + 1}`],
        attributes: part.attributes,
      }),
    ),
    constants: new Map(parts.map(({ constant }, i) => [`c${i}`, constant])),
  }));

describe('writing and reading', () => {
  it('gives back the same graph', () => {
    fc.assert(
      fc.property(graphs, fc.boolean(), (graph, outside) => {
        const { bytes, externalData } = writeOnnx(
          { graph, info },
          outside ? { externalDataThreshold: 0 } : {},
        );
        expect(readOnnx(bytes, 'm.onnx', () => Buffer.concat(externalData!.parts)).graph).toEqual(graph);
      }),
    );
  });

  it('writes attributes to the bytes of the general encoder', () => {
    fc.assert(
      fc.property(key, attributes, (name, value) => {
        const general = toBinary(AttributeProtoSchema, writeAttribute(name, value, 'here'));
        expect(attributeBytes(name, value, 'here')).toEqual(general);
      }),
    );
  });

  it('refuses a number that is neither an integer nor marked as a float', () => {
    const node = { name: 'n', op: 'Elu', inputs: ['x'], outputs: ['y'], attributes: { alpha: 0.5 } };
    const graph: Graph = { name: 'g', inputs: [], outputs: [], nodes: [node], constants: new Map() };
    expect(() => writeOnnx({ graph, info })).toThrow(
      "node 'n' (Elu): attribute 'alpha' is 0.5, not an integer",
    );
  });
});

const [w1, b1, w2] = [noise([16, 3, 3, 3], 2), noise([16], 3), noise([10, 16 * 6 * 6], 4)];
const net: Graph = {
  name: 'tiny',
  inputs: [{ name: 'data', type: 'float32', shape: ['N', 3, 12, 12] }],
  outputs: [{ name: 'scores', type: 'float32', shape: ['N', 10] }],
  nodes: [
    {
      name: 'conv1',
      op: 'Conv',
      inputs: ['data', 'w1', 'b1'],
      outputs: ['conv1'],
      attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
    },
    {
      name: 'relu1',
      op: 'LeakyRelu',
      inputs: ['conv1'],
      outputs: ['relu1'],
      attributes: { alpha: float(0.25) },
    },
    { name: 'reshape', op: 'Reshape', inputs: ['relu1', 'shape'], outputs: ['flat'], attributes: {} },
    { name: 'fc', op: 'Gemm', inputs: ['flat', 'w2'], outputs: ['scores'], attributes: { transB: 1 } },
  ],
  constants: new Map<string, Tensor>([
    ['w1', w1],
    ['b1', b1],
    ['shape', int64([2], [0, -1])],
    ['w2', w2],
  ]),
};

/** The same net as loops in float64. */
function literal(image: Float32Array): number[] {
  const hidden: number[] = [];
  for (let k = 0; k < 16; k++) {
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 6; x++) {
        let sum = b1.data[k];
        for (let c = 0; c < 3; c++) {
          for (let i = 0; i < 3; i++) {
            for (let j = 0; j < 3; j++) {
              const [row, column] = [2 * y - 1 + i, 2 * x - 1 + j];
              if (row < 0 || row >= 12 || column < 0 || column >= 12) continue;
              sum += image[(c * 12 + row) * 12 + column] * w1.data[((k * 3 + c) * 3 + i) * 3 + j];
            }
          }
        }
        hidden.push(sum > 0 ? sum : sum / 4);
      }
    }
  }
  return Array.from({ length: 10 }, (_, o) =>
    hidden.reduce((sum, h, i) => sum + h * w2.data[o * 576 + i], 0),
  );
}

describe('what is written runs', () => {
  const image = noise([1, 3, 12, 12], 5);
  const check = (scores: number[]) => {
    const expected = literal(image.data);
    expect(scores).toHaveLength(10);
    // The scores are sums of 576 products of a few units each.
    expect(Math.max(...scores.map((score, i) => Math.abs(score - expected[i])))).toBeLessThan(1e-3);
  };

  it('with its weights inside', async () => {
    check((await run(writeOnnx({ graph: net, info }).bytes, { data: image })).scores.data);
  });

  it('with its weights in another file', async () => {
    const { bytes, externalData } = writeOnnx({ graph: net, info }, { externalDataThreshold: 1000 });
    expect(bytes.length).toBeLessThan(2000);
    const { path, parts } = externalData!;
    check((await run(bytes, { data: image }, [{ path, data: Buffer.concat(parts) }])).scores.data);
  });

  it('with its weights handed over in memory, not copied', async () => {
    const { bytes, externalData } = toRuntime(net);
    expect(externalData.map(({ data }) => data.buffer)).toEqual([w1.data.buffer, w2.data.buffer]);
    expect(externalData[1].data.buffer).toBe(w2.data.buffer);
    expect(bytes.length).toBeLessThan(2000);
    check((await runGraph(net, { data: image })).scores.data);
  });

  it('with operators of ONNX Runtime itself', async () => {
    const node = {
      name: 'gelu',
      op: 'Gelu',
      domain: 'com.microsoft',
      inputs: ['x'],
      outputs: ['y'],
      attributes: {},
    };
    const graph: Graph = {
      name: 'g',
      inputs: [{ name: 'x', type: 'float32', shape: [2] }],
      outputs: [{ name: 'y', type: 'float32', shape: [2] }],
      nodes: [node],
      constants: new Map(),
    };
    const { y } = await runGraph(graph, { x: float32([2], [0, 1]) });
    expect(y.data[1]).toBeCloseTo(0.8413447, 6);
  });

  it('views weights that are aligned and starts other files on pages', () => {
    const { bytes, externalData } = writeOnnx({ graph: net, info }, { externalDataThreshold: 0 });
    const file = new Uint8Array(Buffer.concat(externalData!.parts));
    const { graph } = readOnnx(bytes, 'm.onnx', () => file);
    const weights = graph.constants.get('w2')!.data;
    expect(weights.buffer).toBe(file.buffer);
    expect(weights.byteOffset % 4096).toBe(0);
    expect(graph).toEqual(net);
  });
});

describe('weights inside the file', () => {
  it('stand where they can be read without a copy, whatever the lengths of names around them', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 140 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 250, max: 5000 })), {
          minLength: 1,
          maxLength: 6,
        }),
        (name, weights) => {
          const constants = new Map<string, Tensor>(
            weights.map(([length, size], i) => [`${'w'.repeat(length)}${i}`, noise([size], i + 1)]),
          );
          const nodes = [
            { op: 'Sum', name: 'sum', inputs: [...constants.keys()], outputs: ['y'], attributes: {} },
          ];
          const outputs = [{ name: 'y', type: 'float32', shape: ['N'] }] as const;
          const graph: Graph = { name, inputs: [], outputs, nodes, constants };
          const { bytes } = writeOnnx({ graph, info: { heads: [], provenance: {} } });
          const read = readOnnx(bytes, 'file').graph.constants;
          for (const [key, { data }] of constants) {
            expect(read.get(key)?.data).toEqual(data);
            if (data.byteLength >= 1024) expect(read.get(key)?.data.buffer).toBe(bytes.buffer);
          }
        },
      ),
    );
  });
});
