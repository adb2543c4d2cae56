import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importNet } from '../../src/caffe/index.ts';
import { parsePrototxt } from '../../src/caffe/prototxt/parse.ts';
import { readModelOf } from '../../src/hosts/pagemodels.ts';
import {
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';
import { readOnnx } from '../../src/onnx/index.ts';
import { infer } from '../../src/operators/index.ts';
import { type OldModel, type OldNode, oldModel } from './support.ts';

const bytesOf = (nodes: readonly OldNode[], more: Partial<OldModel> = {}) =>
  toBinary(ModelProtoSchema, oldModel({ opset: 18, nodes: [...nodes], ...more }));

/** A chain of nodes from x to y. */
const chain = (ops: readonly (readonly [op: string, domain?: string])[]): OldNode[] =>
  ops.map(([op, domain], i) => ({
    op,
    name: `n${i}`,
    inputs: [i === 0 ? 'x' : `v${i}`],
    outputs: [i === ops.length - 1 ? 'y' : `v${i + 1}`],
    ...(domain !== undefined && { domain }),
  }));

const known = { onlyKnown: true };

describe('operators that limn does not know', () => {
  it('are told all at once, with their nodes and counts', () => {
    const bytes = bytesOf(chain([['Det'], ['Relu'], ['Bernoulli'], ['Det'], ['Foo', 'com.example']]));
    expect(() => readOnnx(bytes, 'm.onnx', undefined, known)).toThrow(
      "m.onnx: 4 nodes have 3 operators that are not supported: Det (2 nodes: 'n0', 'n3'), Bernoulli ('n2'), com.example.Foo ('n4'); export with standard operators only",
    );
  });

  it('are all there, however many, and none that is known', () => {
    const op = fc.constantFrom('Relu', 'Tanh', 'Det', 'Bernoulli', 'LSTM', 'Constant7');
    fc.assert(
      fc.property(fc.array(op, { minLength: 1, maxLength: 30 }), (ops) => {
        const unknown = ops.filter((each) => !['Relu', 'Tanh'].includes(each));
        const bytes = bytesOf(chain(ops.map((each) => [each])));
        let message = '';
        try {
          readOnnx(bytes, 'm.onnx', undefined, known);
        } catch (error) {
          message = (error as Error).message;
        }
        expect(message === '').toBe(unknown.length === 0);
        for (const each of new Set(ops)) expect(message.includes(each)).toBe(unknown.includes(each));
        if (unknown.length > 1) expect(message).toContain(`${unknown.length} nodes have`);
        for (const each of new Set(unknown)) {
          const times = unknown.filter((other) => other === each).length;
          if (times > 1) expect(message).toContain(`${each} (${times} nodes: `);
        }
      }),
    );
  });

  it('are named by the first of many nodes', () => {
    const bytes = bytesOf(chain(Array.from({ length: 9 }, () => ['Det'] as const)));
    expect(() => readOnnx(bytes, 'm.onnx', undefined, known)).toThrow(
      "m.onnx: 9 nodes have an operator that is not supported: Det (9 nodes: 'n0', 'n1', 'n2', 6 more); ",
    );
  });

  it('are no matter where no score needs them', () => {
    const aside: OldNode = { op: 'Det', name: 'aside', inputs: ['x'], outputs: ['z'] };
    const { graph } = readOnnx(bytesOf([...chain([['Relu']]), aside]), 'm.onnx', undefined, known);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu']);
  });

  it('stay in a graph that is only read, and are told by who needs to know them', () => {
    const { graph } = readOnnx(bytesOf(chain([['Det'], ['Bernoulli']])), 'm.onnx');
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Det', 'Bernoulli']);
    expect(() => infer(graph)).toThrow(
      "the network: 2 nodes have 2 operators that are not supported: Det ('n0'), Bernoulli ('n1')",
    );
  });

  it('are told of layers of Caffe, too, with their lines', () => {
    const text = `name: "n" input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
layer { name: "a" type: "Rocket" bottom: "data" top: "a" }
layer { name: "b" type: "Convolutoin" bottom: "a" top: "b" }
layer { name: "c" type: "Rocket" bottom: "b" top: "c" }`;
    expect(() => importNet(parsePrototxt(text, 'net'), 'net')).toThrow(
      "net: 3 layers have types that are not supported: Rocket (2 layers: 'a' at line 2, 'c' at line 4), Convolutoin ('b' at line 3: did you mean Convolution?); ",
    );
  });
});

it('asks for no weights beside a model that cannot be read', async () => {
  const asked: string[] = [];
  const proto = oldModel({ opset: 18, nodes: [...chain([['Det'], ['Add']])] });
  proto.graph?.node[1].input.push('w');
  proto.graph?.initializer.push(
    create(TensorProtoSchema, {
      name: 'w',
      dims: [1n],
      dataType: TensorProto_DataType.FLOAT,
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: [{ key: 'location', value: 'm.data' }],
    }),
  );
  const bytesAt = (op: string) => {
    const [first] = proto.graph!.node;
    first.opType = op;
    return toBinary(ModelProtoSchema, proto);
  };
  const read = (op: string) =>
    readModelOf(async (path) => {
      asked.push(path);
      return path === 'm.onnx' ? bytesAt(op) : new Uint8Array(new Float32Array([2]).buffer);
    }, 'm.onnx');
  await expect(read('Det')).rejects.toThrow('the operator Det is not supported');
  expect(asked).toEqual(['m.onnx']);
  await read('Relu');
  expect(asked).toEqual(['m.onnx', 'm.onnx', 'm.data']);
});
