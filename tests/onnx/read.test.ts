import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { float32, int64, tensor } from '../../src/graph/tensor.ts';
import {
  AttributeProto_AttributeType,
  TensorProto_DataType as Code,
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TypeProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';
import { readOnnx } from '../../src/onnx/index.ts';
import { noise, type OldModel, type OldNode, oldModel, run, runGraph } from './support.ts';

const node = (op: string, inputs: string[], outputs: string[], name?: string): OldNode => ({
  op,
  inputs,
  outputs,
  ...(name && { name }),
});
const model = (part: Partial<OldModel>, edit?: (proto: ModelProto) => void) => {
  const proto = oldModel({ opset: 18, nodes: [node('Relu', ['x'], ['y'])], ...part });
  edit?.(proto);
  return toBinary(ModelProtoSchema, proto);
};
const read = (part: Partial<OldModel>, edit?: (proto: ModelProto) => void) =>
  readOnnx(model(part, edit), 'm.onnx');

describe('names and order', () => {
  it('names nodes without a name, and one of two of a name', () => {
    const { graph } = read({
      nodes: [node('Relu', ['x'], ['a']), node('Relu', ['a'], ['b'], 'n'), node('Relu', ['b'], ['y'], 'n')],
    });
    expect(graph.nodes.map((n) => n.name)).toEqual(['Relu_a', 'n', 'n_2']);
  });

  it('sorts nodes', () => {
    const { graph } = read({
      nodes: [node('Add', ['a', 'b'], ['y']), node('Relu', ['a'], ['b']), node('Tanh', ['x'], ['a'])],
    });
    expect(graph.nodes.map((n) => n.op)).toEqual(['Tanh', 'Relu', 'Add']);
  });

  it('sorts chains that are deeper than the call stack', () => {
    const chain = Array.from({ length: 20000 }, (_, i) => node('Relu', [i ? `v${i}` : 'x'], [`v${i + 1}`]));
    const { graph } = read({ nodes: [...chain.reverse(), node('Relu', ['v20000'], ['y'])] });
    expect(graph.nodes[0].outputs).toEqual(['v1']);
  });

  it('takes initializers among the inputs for constants', () => {
    const { graph } = read({
      nodes: [node('Add', ['x', 'w'], ['y'])],
      inputs: { x: [2, 3], w: [3] },
      weights: { w: noise([3]), unused: noise([5]) },
    });
    expect(graph.inputs.map((input) => input.name)).toEqual(['x']);
    expect([...graph.constants.keys()]).toEqual(['w']);
  });

  it('names dimensions that have no size', () => {
    const { graph } = read({}, (proto) => {
      const dims = proto.graph!.input[0].type!.tensorType!.shape!.dim;
      dims[0].dimValue = 0n;
      dims[1].dimParam = 'channels';
      dims[1].dimValue = 0n;
      dims[3].dimValue = -1n;
    });
    expect(graph.inputs[0].shape).toEqual(['N', 'channels', 4, 'x_3']);
    expect(graph.outputs[0]).toEqual({ name: 'y', type: 'float32', shape: [] });
  });
});

describe('Constant and Identity', () => {
  it('become constants and nothing', async () => {
    const nodes: OldNode[] = [
      { op: 'Constant', inputs: [], outputs: ['c'], attributes: { value_float: { float: 2 } } },
      { op: 'Constant', inputs: [], outputs: ['s'], attributes: { value_ints: [2, -1] } },
      node('Identity', ['c'], ['c2']),
      node('Mul', ['x', 'c2'], ['m']),
      node('Identity', ['m'], ['m2']),
      node('Reshape', ['m2', 's'], ['r']),
      node('Identity', ['r'], ['y']),
    ];
    const bytes = model({ nodes });
    const { graph } = readOnnx(bytes, 'm.onnx');
    expect(graph.nodes.map((n) => [n.op, ...n.inputs, ...n.outputs])).toEqual([
      ['Mul', 'x', 'c', 'm'],
      ['Reshape', 'm', 's', 'y'],
    ]);
    expect(graph.constants.get('s')).toEqual(int64([2], [2, -1]));
    const feeds = { x: noise([2, 3, 4, 5]) };
    expect(await runGraph(graph, feeds)).toEqual(await run(bytes, feeds));
  });

  it('stay where an output has to keep its name', () => {
    const nodes = [
      node('Relu', ['x'], ['y']),
      node('Identity', ['y'], ['z']),
      node('Identity', ['x'], ['same']),
    ];
    const { graph } = read({ nodes, outputs: { y: undefined, z: undefined, same: undefined } });
    expect(graph.nodes.map((n) => n.outputs[0])).toEqual(['y', 'z', 'same']);
  });
});

describe('numbers', () => {
  /** A model whose weight's data stands where `fields` puts it. */
  const stored = (code: Code, dims: number[], fields: (writer: BinaryWriter) => BinaryWriter) => {
    const weight = new BinaryWriter()
      .tag(8, WireType.LengthDelimited)
      .string('w')
      .tag(2, WireType.Varint)
      .int32(code);
    for (const n of dims) weight.tag(1, WireType.Varint).int64(n);
    const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(fields(weight).finish()).finish();
    const rest = model({ nodes: [node('Mystery', ['x', 'w'], ['y'])] });
    // A second graph field is merged with the first.
    return new BinaryWriter().raw(rest).tag(7, WireType.LengthDelimited).bytes(graph).finish();
  };
  const weight = (...args: Parameters<typeof stored>) =>
    readOnnx(stored(...args), 'm.onnx').graph.constants.get('w');
  const packed = (no: number, write: (w: BinaryWriter) => BinaryWriter) => (writer: BinaryWriter) =>
    writer.tag(no, WireType.LengthDelimited).bytes(write(new BinaryWriter()).finish());

  it('are read packed', () => {
    expect(
      weight(
        Code.FLOAT,
        [2],
        packed(4, (w) => w.float(1.5).float(-2)),
      ),
    ).toEqual(float32([2], [1.5, -2]));
    expect(
      weight(
        Code.DOUBLE,
        [1],
        packed(10, (w) => w.double(0.1)),
      ),
    ).toEqual(float32([1], [0.1]));
    expect(
      weight(
        Code.INT64,
        [2],
        packed(7, (w) => w.int64(-1).int64(2 ** 40)),
      ),
    ).toEqual(int64([2], [-1, 2 ** 40]));
    expect(
      weight(
        Code.INT32,
        [2],
        packed(5, (w) => w.int32(-7).int32(1e9)),
      ),
    ).toEqual(tensor('int32', [2], Int32Array.of(-7, 1e9)));
    expect(
      weight(
        Code.UINT8,
        [2],
        packed(5, (w) => w.int32(0).int32(255)),
      ),
    ).toEqual(tensor('uint8', [2], Uint8Array.of(0, 255)));
    expect(
      weight(
        Code.BOOL,
        [2],
        packed(5, (w) => w.int32(0).int32(1)),
      ),
    ).toEqual(tensor('bool', [2], Uint8Array.of(0, 1)));
  });

  it('of quantised networks are read, of four bits two from a byte', () => {
    const raw = (...bytes: number[]) => packed(9, (w) => w.raw(Uint8Array.from(bytes)));
    const listed = (...values: number[]) => packed(5, (w) => values.reduce((list, n) => list.int32(n), w));
    for (const fields of [raw(0xff, 0x7f), listed(-1, 127)])
      expect(weight(Code.INT8, [2], fields)).toEqual(tensor('int8', [2], Int8Array.of(-1, 127)));
    for (const fields of [raw(0xfe, 0xff, 0x00, 0x80), listed(-2, -32768)])
      expect(weight(Code.INT16, [2], fields)).toEqual(tensor('int16', [2], Int16Array.of(-2, -32768)));
    for (const fields of [raw(0xfe, 0xff, 0x00, 0x80), listed(65534, 32768)])
      expect(weight(Code.UINT16, [2], fields)).toEqual(tensor('uint16', [2], Uint16Array.of(65534, 32768)));
    for (const fields of [raw(0x8f, 0x07), listed(0x8f, 0x07)]) {
      expect(weight(Code.INT4, [3], fields)).toEqual(tensor('int8', [3], Int8Array.of(-1, -8, 7)));
      expect(weight(Code.UINT4, [3], fields)).toEqual(tensor('uint8', [3], Uint8Array.of(15, 8, 7)));
    }
    expect(() => weight(Code.INT4, [5], raw(1, 2))).toThrow('shape [5] needs 5 elements, the file has 4');
  });

  it('are read unpacked and in pieces', () => {
    const unpacked = (w: BinaryWriter) =>
      w.tag(4, WireType.Bit32).float(1.5).tag(4, WireType.Bit32).float(-2);
    expect(weight(Code.FLOAT, [2], unpacked)).toEqual(float32([2], [1.5, -2]));
    const pieces = (w: BinaryWriter) => packed(4, (p) => p.float(-2))(packed(4, (p) => p.float(1.5))(w));
    expect(weight(Code.FLOAT, [2], pieces)).toEqual(float32([2], [1.5, -2]));
    const ints = (w: BinaryWriter) => w.tag(7, WireType.Varint).int64(300).tag(7, WireType.Varint).int64(-1);
    expect(weight(Code.INT64, [2], ints)).toEqual(int64([2], [300, -1]));
    const mixed = (w: BinaryWriter) => packed(7, (p) => p.int64(-1))(w.tag(7, WireType.Varint).int64(300));
    expect(weight(Code.INT64, [2], mixed)).toEqual(int64([2], [300, -1]));
  });

  it('that are damaged are refused, with the byte offset', () => {
    const endless = packed(7, (w) => w.raw(new Uint8Array(11).fill(255)));
    expect(() => weight(Code.INT64, [1], endless)).toThrow(
      /^m\.onnx: byte \d+: TensorProto\.int64_data has a number of more than 10 bytes/,
    );
    const amid = packed(7, (w) => w.raw(Uint8Array.of(1, 128)));
    expect(() => weight(Code.INT64, [1], amid)).toThrow('TensorProto.int64_data needs 1 bytes, 0 are left');
  });

  it('of 16 bits become float32, exactly', () => {
    // 1, the largest, the smallest subnormal, −2, −0
    const half = [0x3c00, 0x7bff, 0x0001, 0xc000, 0x8000];
    const expected = float32([5], [1, 65504, 2 ** -24, -2, -0]);
    const raw = (bits: number[]) => packed(9, (w) => w.raw(new Uint8Array(Uint16Array.from(bits).buffer)));
    expect(weight(Code.FLOAT16, [5], raw(half))).toEqual(expected);
    const ints = packed(5, (w) => half.reduce((list, bits) => list.int32(bits), w));
    expect(weight(Code.FLOAT16, [5], ints)).toEqual(expected);
    expect(weight(Code.BFLOAT16, [2], raw([0x3fc0, 0xc120]))).toEqual(float32([2], [1.5, -10]));
    expect(readOnnx(stored(Code.FLOAT16, [5], raw(half)), 'm').info.provenance.precision).toBe(
      'float16, converted to float32',
    );
  });

  it('must be as many as the shape says, of a type that limn knows', () => {
    const two = packed(4, (w) => w.float(1).float(2));
    expect(() => weight(Code.FLOAT, [3], two)).toThrow(
      "m.onnx: weights 'w': shape [3] needs 3 elements, the file has 2",
    );
    expect(() => weight(Code.FLOAT, [2 ** 40], two)).toThrow('needs 1099511627776 elements');
    expect(() => weight(Code.FLOAT, [2 ** 40, 2 ** 40], two)).toThrow('impossible shape');
    expect(() => weight(Code.FLOAT, [-2, -1], two)).toThrow('impossible shape');
    expect(() => weight(Code.UINT32, [2], two)).toThrow('elements of type uint32 are not supported');
    expect(() => weight(99 as Code, [2], two)).toThrow('elements of type number 99');
  });

  it('that are not finite are refused, but for bounds', () => {
    const nodes = [node('Mystery', ['x', 'good', 'nan', 'inf', 'bound'], ['y'])];
    const weights = {
      good: noise([2]),
      nan: float32([2], [1, Number.NaN]),
      inf: float32([2], [1, Number.POSITIVE_INFINITY]),
      bound: float32([], [Number.NEGATIVE_INFINITY]),
    };
    expect(() => read({ nodes, weights })).toThrow("m.onnx: NaN or infinite weights in 'nan', 'inf'; export");
    const bound = { good: weights.good, bound: weights.bound };
    expect(
      read({ nodes: [node('Mystery', ['x', 'good', 'bound'], ['y'])], weights: bound }).graph.constants.size,
    ).toBe(2);
  });

  it('of 64 bits become float32 where the whole network computes in them', async () => {
    const nodes: OldNode[] = [
      { op: 'Cast', inputs: ['x'], outputs: ['c'], attributes: { to: Code.DOUBLE } },
      node('Add', ['c', 'w'], ['y']),
    ];
    const types = { x: 'float64', y: 'float64' } as const;
    const weights = { w: tensor('float64', [1], Float64Array.of(0.5)) };
    const { graph, info } = read({ nodes, types, weights });
    expect(info.provenance.precision).toBe('float64, converted to float32');
    const { y } = await runGraph(graph, { x: noise([2, 3, 4, 5]) });
    expect(y.data).toEqual(Array.from(noise([2, 3, 4, 5]).data, (n) => Math.fround(n + 0.5)));
  });
});

describe('data in other files', () => {
  const outside = (entries: Record<string, string>) =>
    model({ nodes: [node('Add', ['x', 'w'], ['y'])], weights: { w: noise([2]) } }, (proto) => {
      const [w] = proto.graph!.initializer;
      w.rawData = new Uint8Array();
      w.dataLocation = TensorProto_DataLocation.EXTERNAL;
      w.externalData = Object.entries(entries).map(([key, value]) => ({
        $typeName: 'onnx.StringStringEntryProto',
        key,
        value,
      }));
    });
  const file = new Uint8Array(Float32Array.of(9, 1.5, 2.5).buffer);
  const load = (entries: Record<string, string>) =>
    readOnnx(outside(entries), 'm.onnx', (location) => (location === 'w.bin' ? file : expect.fail(location)));

  it('is found', () => {
    const { graph } = load({ location: 'w.bin', offset: '4', length: '8' });
    expect(graph.constants.get('w')).toEqual(float32([2], [1.5, 2.5]));
    expect(load({ location: 'w.bin', offset: '4' }).graph).toEqual(graph);
  });

  it('is refused where it cannot be', () => {
    expect(() => load({ location: 'w.bin', offset: '8', length: '8' })).toThrow(
      "m.onnx: weights 'w': bytes 8 to 16 of 'w.bin' are asked for, it has 12",
    );
    expect(() => load({ location: 'w.bin', offset: 'x' })).toThrow(
      "weights 'w': its offset 'x' is no number of bytes",
    );
    for (const location of ['../w.bin', '/etc/passwd', 'a/../../w', 'C:\\w', 'a\\..\\w']) {
      expect(() => load({ location })).toThrow("outside the model's folder");
    }
    expect(() => load({})).toThrow('not named');
    expect(() => readOnnx(outside({ location: 'w.bin' }), 'm.onnx')).toThrow(
      "'w.bin'; keep that file beside the model",
    );
  });
});

describe('what is refused', () => {
  const refusals: Record<string, [Partial<OldModel>, string | RegExp, ((proto: ModelProto) => void)?]> = {
    'a value that nobody makes': [
      { nodes: [node('Relu', ['nothing'], ['y'], 'n')] },
      "m.onnx: node 'n' (Relu): input 'nothing' is not made by any node",
    ],
    'an output that nobody makes': [{ outputs: { z: [1] } }, "m.onnx: output 'z' is not made by any node"],
    'a value made twice': [
      { nodes: [node('Relu', ['x'], ['y'], 'a'), node('Tanh', ['x'], ['y'], 'b')] },
      "m.onnx: node 'b' (Tanh): output 'y' is made by node 'a' too",
    ],
    'a value that is an input already': [
      { nodes: [node('Relu', ['x'], ['x'])] },
      "output 'x' is also an input",
    ],
    'a cycle': [
      { nodes: [node('Add', ['x', 'b'], ['y'], 'n'), node('Relu', ['y'], ['b'], 'm')] },
      "node 'm' (Relu): it needs the output of node 'n', which needs its own: a cycle",
    ],
    'a node of its own making': [{ nodes: [node('Add', ['x', 'y'], ['y'], 'n')] }, 'a cycle'],
    'other domains': [
      { nodes: [{ ...node('NhwcConv', ['x'], ['y'], 'n'), domain: 'com.microsoft' }] },
      "m.onnx: node 'n' (NhwcConv): operators of the domain 'com.microsoft' are not supported; take the model as it was",
    ],
    'a node without outputs': [{ nodes: [node('Relu', ['x'], [''], 'n')] }, 'it has no output'],
    'a node without an operator': [{ nodes: [node('', ['x'], ['y'], 'n')] }, 'it has no operator'],
    'no outputs': [{ outputs: {} }, 'no outputs'],
    'two inputs of a name': [
      {},
      "input 'x' is there twice",
      (proto) => proto.graph!.input.push(proto.graph!.input[0]),
    ],
    'an input of integers of 32 bits without signs': [
      {},
      "m.onnx: input 'x': elements of type uint32 are not supported",
      (proto) => {
        proto.graph!.input[0].type!.tensorType!.elemType = Code.UINT32;
      },
    ],
    'a sequence': [
      {},
      "m.onnx: input 'x': it is no tensor",
      (proto) => {
        proto.graph!.input[0].type = create(TypeProtoSchema, { sequenceType: new Uint8Array(2) });
      },
    ],
    'an input without a shape': [{ inputs: { x: undefined as never } }, "input 'x': its shape is not stated"],
    subgraphs: [
      { nodes: [{ ...node('Loop', ['x'], ['y'], 'n'), attributes: { body: 1 } }] },
      "m.onnx: node 'n' (Loop): control flow with subgraphs is not supported",
      (proto) => {
        proto.graph!.node[0].attribute[0].type = AttributeProto_AttributeType.GRAPH;
      },
    ],
    'attributes of kinds to come': [
      { nodes: [{ ...node('Relu', ['x'], ['y'], 'n'), attributes: { a: 1 } }] },
      "node 'n' (Relu): attribute 'a' is of a kind that is not supported (77)",
      (proto) => {
        proto.graph!.node[0].attribute[0].type = 77;
      },
    ],
    'sparse weights': [
      {},
      'm.onnx: sparse weights are not supported',
      (proto) => proto.graph!.sparseInitializer.push({ $typeName: 'onnx.SparseTensorProto' }),
    ],
    training: [{}, 'training steps', (proto) => proto.trainingInfo.push(new Uint8Array(3))],
    'no operator set': [
      {},
      'does not state its operator set',
      (proto) => {
        proto.opsetImport = [];
      },
    ],
    'a Constant of text': [
      { nodes: [{ ...node('Constant', [], ['y'], 'n'), attributes: { value_string: 'a' } }] },
      "node 'n' (Constant): it holds no tensor of numbers",
    ],
  };
  for (const [name, [part, message, edit]] of Object.entries(refusals)) {
    it(name, () => expect(() => read(part, edit)).toThrow(message));
  }
});
