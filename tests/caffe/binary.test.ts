import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  BlobProtoSchema,
  DatumSchema,
  decodeCaffe,
  NetParameterSchema,
  parsePrototxt,
  readCaffemodel,
  readMean,
  readNet,
  V1LayerParameter_LayerType as V1,
  writeCaffemodel,
  writeMean,
} from '../../src/caffe/index.ts';
import { float32 } from '../../src/graph/tensor.ts';

const bytesOf = (...numbers: number[]) => new Uint8Array(Float32Array.from(numbers).buffer);
const encode = (net: MessageInitShape<typeof NetParameterSchema>) =>
  toBinary(NetParameterSchema, create(NetParameterSchema, net));
const read = (bytes: Uint8Array) => readCaffemodel(bytes, 'w');
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('a caffemodel', () => {
  it('gives tensors by layer name, wherever the values lie', () => {
    // Names of four lengths put the floats at every alignment.
    for (const name of ['a', 'ab', 'abc', 'abcd']) {
      const blobs = [{ shape: { dim: [2n, 1n] }, data: bytesOf(1, -2) }, { data: bytesOf(0.5) }];
      const bytes = encode({
        layer: [
          { name, type: 'InnerProduct', blobs },
          { name: 'r', type: 'ReLU' },
        ],
      });
      for (const input of [bytes, Buffer.from(bytes)]) {
        expect([...read(input)]).toEqual([
          [name, { type: 'InnerProduct', blobs: [float32([2, 1], [1, -2]), float32([], [0.5])] }],
        ]);
      }
    }
  });

  it('views aligned values in place', () => {
    const blobs = [{ shape: { dim: [4n] }, data: bytesOf(1, 2, 3, 4) }];
    const views = ['a', 'ab', 'abc', 'abcd'].filter((name) => {
      const bytes = encode({ layer: [{ name, type: 'Bias', blobs }] });
      return read(bytes).get(name)!.blobs[0].data.buffer === bytes.buffer;
    });
    expect(views).toHaveLength(1);
  });

  it('reads V1 layers and gives old four-axis blobs their axes of today', () => {
    const blob = (num: number, channels: number, height: number, width: number) => ({
      num,
      channels,
      height,
      width,
      data: new Uint8Array(4 * num * channels * height * width),
    });
    const layers = [
      { name: 'c', type: V1.CONVOLUTION, blobs: [blob(2, 1, 3, 3), blob(1, 1, 1, 2)] },
      { name: 'i', type: V1.INNER_PRODUCT, blobs: [blob(1, 1, 1, 5), blob(1, 1, 1, 1)] },
      { name: 'n', type: V1.MVN, blobs: [blob(1, 3, 1, 1)] },
    ];
    const shapes = [...read(encode({ layers }))].map(([name, w]) => [
      name,
      w.type,
      w.blobs.map((b) => b.shape),
    ]);
    expect(shapes).toEqual([
      ['c', 'Convolution', [[2, 1, 3, 3], [2]]],
      ['i', 'InnerProduct', [[1, 5], [1]]],
      ['n', 'MVN', [[1, 3, 1, 1]]],
    ]);
  });

  it('rounds double values to float32', () => {
    const doubleData = new Uint8Array(Float64Array.of(0.1, 2).buffer);
    const bytes = encode({
      layer: [{ name: 'a', type: 'Bias', blobs: [{ shape: { dim: [2n] }, doubleData }] }],
    });
    expect(read(bytes).get('a')!.blobs[0].data).toEqual(Float32Array.of(0.1, 2));
  });

  it('reads values that are not packed, or packed in several pieces', () => {
    const one = '0000803f';
    const two = '00000040';
    const pieces = [`2d${one} 2d${two}`, `2a04${one} 2a04${two}`, `2d${one} 2a04${two}`, `2a08${one}${two}`];
    for (const piece of pieces) {
      expect(decodeCaffe(BlobProtoSchema, hex(piece), 'b').data).toEqual(bytesOf(1, 2));
    }
    expect(decodeCaffe(DatumSchema, hex(`35${one} 35${two}`), 'd').floatData).toEqual(bytesOf(1, 2));
  });

  it('skips fields that it does not know, and merges a message given twice', () => {
    const unknown = 'f83f01 f93f0000000000000000 fd3f00000000 fa3f0161';
    const blob = decodeCaffe(BlobProtoSchema, hex(`${unknown} 3a030a0102 3a020803`), 'b');
    expect(blob.shape?.dim).toEqual([2n, 3n]);
  });

  it('is written with the given weights and read again', () => {
    const net = parsePrototxt(
      'name: "n" layer { name: "c" type: "Convolution" convolution_param { num_output: 1 } } layer { name: "r" }',
      'net',
    );
    const weights = new Map([
      ['c', { type: 'Convolution', blobs: [float32([1, 1, 1, 2], [3, 4]), float32([1], [5])] }],
    ]);
    const bytes = writeCaffemodel(net, weights);
    expect(read(bytes)).toEqual(weights);
    expect(readNet(bytes, 'w')).toMatchObject({
      name: 'n',
      layer: [{ convolutionParam: { numOutput: 1 } }, { name: 'r' }],
    });
    expect(() => writeCaffemodel(net, new Map([['x', { type: 'ReLU', blobs: [] }]]))).toThrow('weights of x');
  });
});

describe('errors', () => {
  const net = encode({
    name: 'n',
    layer: [{ name: 'a', blobs: [{ shape: { dim: [2n] }, data: bytesOf(1, 2) }] }],
  });
  const withBlob = (blob: MessageInitShape<typeof BlobProtoSchema>) =>
    encode({ layer: [{ name: 'a', type: 'Bias', blobs: [blob] }] });

  it.each([
    ['an empty file', new Uint8Array(), 'w: an empty file, not a .caffemodel'],
    [
      'a truncated file',
      net.slice(0, -1),
      'w: byte 5: NetParameter.layer needs 20 bytes, 19 are left; the file is truncated',
    ],
    [
      'a text file',
      new TextEncoder().encode('name: "CaffeNet" layer { }'),
      'w: a network definition of Caffe, not a .caffemodel',
    ],
    [
      'an HDF5 file',
      hex('894844460d0a1a0a'),
      "w: an HDF5 file (as Keras and Caffe save), not a .caffemodel; save the weights in Caffe's binary",
    ],
    [
      'a mean image',
      writeMean(float32([1, 1, 1], [1])),
      'w: a mean image of Caffe (.binaryproto), not a .caffemodel',
    ],
    ['a net without layers', encode({ name: 'n' }), 'w: the file holds no layers'],
    ['a group', hex('0b'), 'w: byte 0: no field starts here'],
    ['field 0', hex('0000'), 'w: byte 0: no field starts here'],
    [
      'an endless number',
      hex(`28${'ff'.repeat(11)}`),
      'w: byte 1: NetParameter.force_backward has a number of more',
    ],
    [
      'a message longer than its parent',
      hex('a206 03 3a05 00 00'),
      'w: byte 4: LayerParameter.blobs needs 5 bytes, 1 are left; the file is damaged',
    ],
    [
      'a shape that does not fit',
      withBlob({ shape: { dim: [3n] }, data: bytesOf(1, 2) }),
      'w: layer a: blob 0: shape 3 does not hold 2 values',
    ],
    [
      'half a float',
      withBlob({ shape: { dim: [1n] }, data: new Uint8Array(5) }),
      'w: layer a: blob 0: 5 bytes are no whole number of 4-byte floats',
    ],
    [
      'a huge axis',
      withBlob({ shape: { dim: [2n ** 40n] } }),
      'w: layer a: blob 0: 1099511627776 is no size of an axis',
    ],
    [
      'too many axes',
      withBlob({ shape: { dim: Array(33).fill(1n) } }),
      'w: layer a: blob 0: a shape has 33 axes',
    ],
    [
      'an unknown V1 type',
      encode({ layers: [{ name: 'a', type: 99 as V1 }] }),
      'w: layer a: no layer type has the number 99',
    ],
    [
      'a name twice',
      encode({ layer: [1, 2].map(() => ({ name: 'a', blobs: [{ data: bytesOf(1) }] })) }),
      'w: layer a: two layers of this name',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'LimnError' }));
    expect(() => read(bytes)).toThrow(message);
  });

  it('caps the number of fields', () => {
    const inputs = new Uint8Array(2 * 1_100_000).map((_, i) => (i % 2 === 0 ? 0x1a : 0));
    expect(() => read(inputs)).toThrow('more than 1048576 fields');
    // A shape of 1.2 million zeros.
    const shape = new Uint8Array(1_200_008);
    shape.set(hex('3a 849f49 0a 809f49'));
    expect(() => readMean(shape, 'm')).toThrow('more than 1048576 fields');
  });
});

describe('a mean image', () => {
  it('has channels, height and width, from either kind of shape', () => {
    const mean = float32([3, 1, 2], [1, 2, 3, 4, 5, 6]);
    expect(readMean(writeMean(mean), 'm')).toEqual(mean);
    const blob = { shape: { dim: [1n, 3n, 1n, 2n] }, data: bytesOf(1, 2, 3, 4, 5, 6) };
    expect(readMean(toBinary(BlobProtoSchema, create(BlobProtoSchema, blob)), 'm')).toEqual(mean);
  });

  it.each([
    [
      'a caffemodel',
      encode({ name: 'n', layer: [{ name: 'a' }] }),
      'm: weights of Caffe (.caffemodel), not a .binaryproto; give another file',
    ],
    [
      'two images',
      toBinary(
        BlobProtoSchema,
        create(BlobProtoSchema, { shape: { dim: [2n, 1n, 1n, 1n] }, data: bytesOf(1, 2) }),
      ),
      'm: expected a mean image of 1×C×H×W, got 2×1×1×1',
    ],
    [
      'a blob without a shape',
      toBinary(BlobProtoSchema, create(BlobProtoSchema, { data: bytesOf(1, 2) })),
      'got a file without a shape',
    ],
  ])('is not %s', (_, bytes, message) => {
    expect(() => readMean(bytes, 'm')).toThrow(message);
  });
});
