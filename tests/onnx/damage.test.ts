import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { float, type Graph } from '../../src/graph/graph.ts';
import { float32, int64 } from '../../src/graph/tensor.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import { noise, oldBytes } from './support.ts';

const ours = writeOnnx({
  graph: {
    name: 'g',
    inputs: [{ name: 'x', type: 'float32', shape: ['N', 3] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['N', 2] }],
    nodes: [
      {
        name: 'fc',
        op: 'Gemm',
        inputs: ['x', 'w', ''],
        outputs: ['h'],
        attributes: { transB: 1, alpha: float(2) },
      },
      {
        name: 'softmax',
        op: 'Softmax',
        inputs: ['h'],
        outputs: ['y'],
        attributes: { axis: -1, s: 'text', n: [1, 2] },
      },
    ],
    constants: new Map([['w', noise([2, 3])]]),
  } satisfies Graph,
  info: { heads: [{ name: 'class', output: 'y', kind: 'classes' }], provenance: {} },
}).bytes;

const old = oldBytes({
  opset: 8,
  nodes: [
    { op: 'Constant', inputs: [], outputs: ['shape'], attributes: { value: int64([2], [2, 30]) } },
    { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['c'], attributes: { value: float32([1], [1]) } },
    {
      op: 'Pad',
      inputs: ['x'],
      outputs: ['p'],
      attributes: { pads: [0, 0, 1, 1, 0, 0, 1, 1], value: float(1) },
    },
    { op: 'Squeeze', inputs: ['p'], outputs: ['s'], attributes: { axes: [0] } },
    { op: 'Transpose', inputs: ['s'], outputs: ['t'], attributes: { perm: [2, 0, 1] } },
    { op: 'Flatten', inputs: ['t'], outputs: ['f'], attributes: { axis: 2 } },
    { op: 'Softmax', inputs: ['f'], outputs: ['y'] },
  ],
});

/** Reads bytes that may be anything: a model or a one-line LimnError comes of it, nothing else. */
function attempt(bytes: Uint8Array): void {
  try {
    readOnnx(bytes, 'm.onnx', () => new Uint8Array(8));
  } catch (error) {
    expect(error).toBeInstanceOf(LimnError);
    expect((error as Error).message).toMatch(/^m\.onnx/);
  }
}

const sources = fc.constantFrom(ours, old);

describe('damaged files', () => {
  it('cut anywhere are refused, with the byte offset', () => {
    for (const source of [ours, old]) {
      attempt(source);
      for (let length = 0; length < source.length; length++) attempt(source.slice(0, length));
    }
    const cut = () => readOnnx(ours.slice(0, ours.length - 5), 'm.onnx');
    expect(cut).toThrow(
      /^m\.onnx: byte \d+: ModelProto\.graph needs \d+ bytes, \d+ are left; the file is truncated, or not an ONNX model$/,
    );
  });

  it('with bytes changed are read or refused', () => {
    const change = fc.tuple(fc.nat(2000), fc.nat(255));
    fc.assert(
      fc.property(sources, fc.array(change, { minLength: 1, maxLength: 4 }), (source, changes) => {
        const bytes = source.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        attempt(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('with a list that is none or empty are read or refused', () => {
    const perm = { op: 'Transpose', inputs: ['x'], outputs: ['y'], attributes: { perm: 1 } };
    attempt(oldBytes({ opset: 8, nodes: [perm] }));
    attempt(oldBytes({ opset: 8, nodes: [{ op: 'Sum', inputs: [], outputs: ['y'] }] }));
  });

  it('with pieces moved, repeated or put in are read or refused', () => {
    const piece = fc.record({
      from: fc.nat(2000),
      length: fc.nat(40),
      to: fc.nat(2000),
      noise: fc.uint8Array({ maxLength: 12 }),
    });
    fc.assert(
      fc.property(sources, sources, piece, (source, other, { from, length, to, noise }) => {
        const at = to % source.length;
        attempt(
          Buffer.concat([
            source.subarray(0, at),
            other.subarray(from, from + length),
            noise,
            source.subarray(at),
          ]),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('with more fields than any model has are refused', () => {
    // Empty operator sets, two bytes each.
    const bytes = new Uint8Array(2 * 1_100_000).map((_, i) => (i % 2 === 0 ? 0x42 : 0));
    expect(() => readOnnx(bytes, 'm.onnx')).toThrow(
      /^m\.onnx: byte \d+: more than 1048576 fields; this is not/,
    );
  });

  it('of noise are refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt), { numRuns: 1000 });
  });
});

describe('other files in the place of a model', () => {
  const refused = (bytes: ArrayLike<number>, message: string) =>
    expect(() => readOnnx(Uint8Array.from(bytes), 'm.onnx')).toThrow(message);

  it('are named', () => {
    refused([], 'm.onnx: an empty file, not an ONNX model');
    refused([0xff, 0xd8, 0xff, 0xe0, 0, 16], 'm.onnx: a JPEG picture, not an ONNX model');
    refused([0x50, 0x4b, 3, 4, 0], 'm.onnx: an archive');
    refused(Buffer.from('name: "CaffeNet"\nlayer {}\n'), 'not an ONNX model');
    // The beginning of a caffemodel: field 1 is the net's name.
    refused(
      [0x0a, 3, 97, 98, 99],
      'm.onnx: byte 0: ModelProto.ir_version has wire type 2; this is not an ONNX model',
    );
    refused([0xa2, 0x06, 2, 0x0a, 0], 'm.onnx: weights of Caffe (.caffemodel), not an ONNX model; import');
  });
});
