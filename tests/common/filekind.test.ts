import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  BlobProtoSchema,
  definitionText,
  NetParameterSchema,
  parsePrototxt,
  parseSolver,
  readCaffemodel,
  writeCaffemodel,
  writeMean,
} from '../../src/caffe/index.ts';
import { solverStateParts } from '../../src/caffe/solverstate.ts';
import { concatenate } from '../../src/common/bytes.ts';
import { fileKindAt } from '../../src/common/filekind.node.ts';
import { fileKind, telling } from '../../src/common/filekind.ts';
import { float32 } from '../../src/graph/index.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { tinyInception } from '../nets.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const kindOf = (content: Uint8Array) => fileKind(content).kind;
const net = create(NetParameterSchema, { name: 'net', layer: [{ name: 'a', type: 'Bias' }] });
const weights = writeCaffemodel(net, new Map([['a', { type: 'Bias', blobs: [float32([3], [1, 2, 3])] }]]));
const state = concatenate(
  solverStateParts({
    iteration: 7,
    learnedNet: 'net_iter_7.caffemodel',
    currentStep: 1,
    history: [float32([2], [1, 2])],
  }),
);
const model = writeOnnx({ graph: tinyInception(), info: { heads: [], provenance: {} } }).bytes;

const files: readonly (readonly [string, Uint8Array, string])[] = [
  ['a network', bytes('name: "a"\nlayer { name: "x" type: "ReLU" }'), 'definition'],
  ['a network of V1', bytes('layers < type: RELU >\n'), 'definition'],
  ['a network after a long comment', bytes(`# net: "x"\ninput: "data"\n`), 'definition'],
  ['a network with a comment in GBK', bytes('# \xd6\xd0\xce\xc4\nname: "a" layer { }'), 'definition'],
  ['a solver', bytes('net: "train_val.prototxt"\nbase_lr: 0.1'), 'solver'],
  ['a solver that holds its network', bytes('net_param { layer { name: "x" } }\n'), 'solver'],
  ['weights', weights, 'weights'],
  [
    'weights of V1',
    toBinary(NetParameterSchema, create(NetParameterSchema, { name: 'a', layers: [{ name: 'x' }] })),
    'weights',
  ],
  ['a solver state', state, 'solver state'],
  ['a mean image', writeMean(float32([3, 2, 2], new Float32Array(12))), 'mean'],
  [
    'a mean image with a shape',
    toBinary(
      BlobProtoSchema,
      create(BlobProtoSchema, { shape: { dim: [1n, 1n, 1n] }, data: new Uint8Array(4) }),
    ),
    'mean',
  ],
  ['a model', model, 'model'],
  ['a list', bytes('faces/a.jpg 0\nfaces/b.jpg 1\n'), 'text'],
  ['a web page', bytes('\n<!DOCTYPE html>\n<html lang="en">'), 'other'],
  ['HDF5', bytes('\x89HDF\r\n\x1a\n'), 'other'],
  ['nothing', new Uint8Array(), 'other'],
];

describe('what a file is', () => {
  it.each(files)('%s', (_, content, kind) => expect(kindOf(content)).toBe(kind));

  it('is told from the beginning of a large one', () => {
    const large = writeCaffemodel(
      net,
      new Map([['a', { type: 'Bias', blobs: [float32([telling], new Float32Array(telling).fill(0.1))] }]]),
    );
    expect(kindOf(large.subarray(0, telling))).toBe('weights');
    expect(kindOf(model.subarray(0, Math.floor(model.length / 2)))).toBe('model');
  });

  it('is unknown rather than wrong, and never an error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => void fileKind(noise)));
    expect(kindOf(bytes('\x0b'))).toBe('unknown');
    expect(kindOf(Uint8Array.of(0x28, 0xff, 0xff, 0xff))).toBe('unknown');
  });

  it('does not depend on its name', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'limn-test-'));
    afterAll(() => rmSync(dir, { recursive: true, force: true }));
    for (const [name, content] of [
      ['weights.onnx', weights],
      ['net.caffemodel', model],
    ] as const) {
      writeFileSync(join(dir, name), content);
      expect((await fileKindAt(join(dir, name)))?.kind).toBe(kindOf(content));
    }
    await expect(fileKindAt(join(dir, 'none'))).rejects.toThrow('none: no such file');
  });
});

describe('one in the place of another is named', () => {
  const solver = 'net: "a.prototxt"\nbase_lr: 1';
  it.each([
    [
      'a solver as a network',
      () => parsePrototxt(solver, 'f'),
      'f: this is a solver of Caffe; pass the network that its net names here',
    ],
    [
      'a network as a solver',
      () => parseSolver('layer { name: "a" }', 'f'),
      'f: this is a network definition of Caffe; pass the solver whose net it is here',
    ],
    [
      'a web page as a network',
      () => parsePrototxt('<!DOCTYPE html><html>', 'f'),
      'f: this is a web page; download the file itself, in its raw form',
    ],
    [
      'weights as a network',
      () => definitionText(weights, 'f'),
      'f: this is a .caffemodel, weights of Caffe; pass a prototxt here',
    ],
    [
      'a solver state as weights',
      () => readCaffemodel(state, 'f'),
      'f: this is a .solverstate of Caffe; pass a .caffemodel here',
    ],
    [
      'a model as weights',
      () => readCaffemodel(model, 'f'),
      'f: this is an ONNX model; pass a .caffemodel here',
    ],
  ])('%s', (_, read, message) => expect(read).toThrow(message));
});
