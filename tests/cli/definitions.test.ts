import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { limn } from './limn.ts';
import { sandbox } from './training.ts';

let dir = '';
beforeAll(async () => {
  dir = await sandbox({ max_iter: '2', test_interval: '2', test_iter: '1', snapshot: '2' });
});

const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await limn([...args, '--json'], dir);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};
const refuses = async (...args: string[]) => {
  const { code, stdout, stderr } = await limn(args, dir);
  expect([code, stdout]).toEqual([expect.toSatisfy((exit) => exit === 1 || exit === 2), '']);
  return stderr;
};

describe('a definition is known by what it holds', () => {
  it('under any name, to every command', async () => {
    const text = readFileSync(join(dir, 'train_val.prototxt'), 'utf8');
    const { layers } = await json('inspect', 'train_val.prototxt');
    for (const name of ['net.prototxt.txt', 'net.txt', 'net.pt', 'net']) {
      // Comments in another encoding than UTF-8 are comments, too.
      writeFileSync(join(dir, name), Buffer.from(`# \xd6\xd0\xce\xc4\n${text}`, 'latin1'));
      expect((await json('inspect', name)).layers).toEqual(layers);
    }
    await json('init', 'net.pt', '-o', 'start.caffemodel');
    copyFileSync(join(dir, 'start.caffemodel'), join(dir, 'start.bin'));
    const tested = await json('test', '--model', 'net', '--weights', 'start.bin', '--iterations', '1');
    expect(tested.outputs).toHaveLength(2);

    const solver = readFileSync(join(dir, 'solver.prototxt'), 'utf8');
    writeFileSync(join(dir, 'solver.txt'), solver.replace('train_val.prototxt', 'net.txt'));
    const { code, stderr } = await limn(['train', '--solver', 'solver.txt', '-o', 'run', '--quiet'], dir);
    expect([code, stderr]).toEqual([0, '']);
    await json('import', 'caffe', 'net.txt', 'run/tiny_iter_2.caffemodel', '-o', 'net.onnx');
    copyFileSync(join(dir, 'net.onnx'), join(dir, 'net.model'));
    expect((await json('inspect', 'net.model')).total.parameters).toBe(
      (await json('inspect', 'net.txt')).total.parameters,
    );
  }, 120_000);

  it('and one in the place of another is named', async () => {
    const caffe = ['import', 'caffe'];
    expect(await refuses(...caffe, 'start.bin', 'net.txt', '-o', 'x.onnx')).toContain(
      'the weights come second',
    );
    expect(await refuses(...caffe, 'net.txt', 'net.model', '-o', 'x.onnx')).toContain(
      'net.model: an ONNX model, not a .caffemodel; give another file',
    );
    expect(await refuses('inspect', 'solver.txt')).toContain(
      'a solver of Caffe, not a network definition; give the network that its net names',
    );
    expect(await refuses('train', '--solver', 'net.txt', '-o', 'other')).toContain(
      'a network definition of Caffe, not a solver; give the solver whose net it is',
    );
    writeFileSync(join(dir, 'page.prototxt'), '<!DOCTYPE html>\n<html><body>404</body></html>\n');
    expect(await refuses('inspect', 'page.prototxt')).toContain('page.prototxt: ');
    expect(await refuses('init', 'start.bin', '-o', 'x.caffemodel')).toContain(
      'start.bin: weights of Caffe (.caffemodel), not a network definition',
    );
  });
});

describe('the size of pictures that a definition leaves open', () => {
  const net = `layer { name: "data" type: "ImageData" top: "data" top: "label" image_data_param { source: "train.txt" batch_size: 2 } }
    layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 2 } }
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }`;

  it('is that of its data, where they are there, or is asked for', async () => {
    writeFileSync(join(dir, 'open.prototxt'), net);
    const shapes = async (...args: string[]) =>
      (await json('inspect', 'open.prototxt', ...args)).inputs.map(({ shape }: { shape: unknown }) => shape);
    expect(await shapes()).toEqual([['N', 3, 20, 20]]);
    renameSync(join(dir, 'train.txt'), join(dir, 'elsewhere.txt'));
    expect(await refuses('inspect', 'open.prototxt')).toBe(
      "limn: open.prototxt:1:1: layer 'data': its size is not known; give --input-shape: N×C×H×W\n",
    );
    expect(await shapes('--input-shape', '1,3,9,9')).toEqual([['N', 3, 9, 9]]);
    renameSync(join(dir, 'elsewhere.txt'), join(dir, 'train.txt'));
  });
});
