import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  BlobProtoSchema,
  NetParameterSchema,
  parsePrototxt,
  parseSolver,
  readCaffemodel,
  writeCaffemodel,
  writeMean,
} from '../../src/caffe/index.ts';
import { solverStateParts } from '../../src/caffe/solverstate.ts';
import { concatenate } from '../../src/common/bytes.ts';
import { decodeText, fileKind, telling } from '../../src/common/filekind.ts';
import { nodeFiles } from '../../src/common/files.node.ts';
import { fileKindAt } from '../../src/common/files.ts';
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
  ['nothing', new Uint8Array(), 'empty'],
];

describe('what a file is', () => {
  it.each(files)('%s', (_, content, kind) => expect(kindOf(content)).toBe(kind));

  it.each([
    ['a JPEG picture', '\xff\xd8\xff\xe0'],
    ['a PNG picture', '\x89PNG\r\n\x1a\n'],
    ['a WebP picture', 'RIFF\x10\0\0\0WEBPVP8L'],
    ['a NumPy array', '\x93NUMPY\x01\0'],
    ['an LMDB database', `${'\0'.repeat(16)}\xde\xc0\xef\xbe\x01\0\0\0`],
    ['an archive (as PyTorch and Keras save)', 'PK\x03\x04'],
    ['an archive', `net/${'\0'.repeat(253)}ustar`],
    ['a compressed file', '\x1f\x8b\x08'],
    ['a compressed file', 'BZh91AY&SY'],
    ['a pickle of Python', '\x80\x02}'],
    ['a Git LFS pointer, not the file itself', 'version https://git-lfs.github.com/spec/v1\n'],
    ['a text in UTF-16', '\xff\xfea\0'],
    ['a web page', '<!DOCTYPE html>\n<html>'],
    ['a web page', '\n\n\n\n\n<!doctype HTML>'],
    ['a web page', '\xef\xbb\xbf<html lang="en">'],
    ['a web page', '<!-- saved from url=(0022)https://example.org/ -->\n<html>'],
    ['a web page', '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">'],
    [
      'a text with a merge conflict of Git in it',
      'a.jpg 0\n<<<<<<< HEAD\nb.jpg 1\n=======\nb.jpg 2\n>>>>>>> main\n',
    ],
    ['an empty file', ''],
  ])('%s, whoever asks', (name, content) => {
    expect(fileKind(bytes(content)).name).toBe(name);
    const read = () => decodeText(bytes(content), 'f', 'a list', true);
    // What an empty file lacks, its reader says.
    if (content === '') expect(read()).toBe('');
    else expect(read).toThrow(`f: ${name}, not a list`);
  });

  it('is no web page for a mere mention of one', () => {
    for (const text of ['name: "<html>"', '<layer>', '<htmlx', 'a <html>', '# <!DOCTYPE html>'])
      expect(fileKind(bytes(text)).name, text).not.toBe('a web page');
    expect(fileKind('\uFEFF<html>').name).toBe('a web page');
  });

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

  it.each([
    ['one word', 'tench'.repeat(13_000)],
    ['quotes that nothing ends', `"${'\\"'.repeat(30_000)}`],
    ['beginnings of conflicts', '<<<<<<< a\n'.repeat(6_000)],
    ['comments of a page that does not come', '<!-- -->'.repeat(60)],
    ['words far from what follows them', `a${' '.repeat(400)}`.repeat(150)],
  ])('is told of %s without going back and forth', (_, text) => {
    expect(fileKind(text).kind).toBe('text');
    expect(fileKind(new TextEncoder().encode(text)).kind).toBe('text');
  });

  it('does not depend on its name', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'limn-test-'));
    afterAll(() => rmSync(dir, { recursive: true, force: true }));
    for (const [name, content] of [
      ['weights.onnx', weights],
      ['net.caffemodel', model],
    ] as const) {
      writeFileSync(join(dir, name), content);
      expect((await fileKindAt(nodeFiles, join(dir, name))).kind).toBe(kindOf(content));
    }
    await expect(fileKindAt(nodeFiles, join(dir, 'none'))).rejects.toThrow('none: no such file');
  });
});

describe('one in the place of another is named', () => {
  const solver = 'net: "a.prototxt"\nbase_lr: 1';
  it.each([
    [
      'a solver as a network',
      () => parsePrototxt(solver, 'f'),
      'f: a solver of Caffe, not a network definition; give the network that its net names',
    ],
    [
      'a network as a solver',
      () => parseSolver('layer { name: "a" }', 'f'),
      'f: a network definition of Caffe, not a solver; give the solver whose net it is',
    ],
    [
      'a web page as a network',
      () => parsePrototxt('<!DOCTYPE html><html>', 'f'),
      'f: a web page, not a network definition; download the file itself',
    ],
    [
      'weights as a network',
      () => decodeText(weights, 'f', 'a network definition'),
      'f: weights of Caffe (.caffemodel), not a network definition; give another file',
    ],
    [
      'a solver state as weights',
      () => readCaffemodel(state, 'f'),
      'f: a solver state of Caffe (.solverstate), not a .caffemodel; give another file',
    ],
    [
      'a model as weights',
      () => readCaffemodel(model, 'f'),
      'f: an ONNX model, not a .caffemodel; give another file',
    ],
  ])('%s', (_, read, message) => expect(read).toThrow(message));
});
