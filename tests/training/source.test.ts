import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, expect, it } from 'vitest';
import { importCaffe, NetParameterSchema, writeCaffemodel } from '../../src/caffe/index.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { readTrainedWeights } from '../../src/training/source.node.ts';
import { noise } from '../nets.ts';

const dir = mkdtempSync(join(tmpdir(), 'limn-source-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const prototxt = `name: "n" input: "data" input_shape { dim: [1, 6] }
  layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 5 } }`;
const blobs = [noise([5, 6], 1), noise([5], 2)];
const net = create(NetParameterSchema, { name: 'n', layer: [{ name: 'fc', type: 'InnerProduct' }] });
const caffemodel = writeCaffemodel(net, new Map([['fc', { type: 'InnerProduct', blobs }]]));

function written(name: string, content: Uint8Array | string): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

it('reads the same weights from a caffemodel and from a model made of it', async () => {
  const model = importCaffe({
    prototxt: { name: 'n.prototxt', content: prototxt },
    caffemodel: { name: 'n.caffemodel', content: caffemodel },
    converter: 'test',
  });
  for (const path of [written('n.caffemodel', caffemodel), written('n.onnx', writeOnnx(model).bytes)]) {
    const { name, weights } = await readTrainedWeights(path);
    expect(name).toBe(path);
    expect([...weights.keys()]).toEqual(['fc']);
    const read = weights.get('fc')!;
    expect(read.type).toBe('InnerProduct');
    expect(read.blobs.map(({ shape }) => shape)).toEqual([[5, 6], [5]]);
    expect(read.blobs.map(({ data }) => [...data])).toEqual(blobs.map(({ data }) => [...data]));
  }
});

it.each([
  [
    'w.h5',
    '\x89HDF\r\n\x1a\n'.padEnd(64, '\0'),
    /w\.h5: an HDF5 file .*; save the weights in Caffe's binary/,
  ],
  ['w.caffemodel.h5', '\x89HDF\r\n\x1a\n'.padEnd(64, '\0'), /an HDF5 file/],
  ['empty.caffemodel', '', /empty\.caffemodel: an empty file/],
  ['text.onnx', 'this is no model', /text\.onnx/],
])('refuses %s', async (name, content, message) => {
  const path = written(name, Buffer.from(content, 'latin1'));
  await expect(readTrainedWeights(path)).rejects.toThrow(message);
  await expect(readTrainedWeights(path)).rejects.toThrow(expect.objectContaining({ name: 'LimnError' }));
});

it('refuses a file that is not there', async () => {
  await expect(readTrainedWeights(join(dir, 'none.caffemodel'))).rejects.toThrow(/none\.caffemodel: .*/);
});
