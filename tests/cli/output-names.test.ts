import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluatedFolder } from '../../src/cli/options/output.ts';
import {
  compiledModel,
  importedCaffe,
  importedFolder,
  importedOnnx,
  importedTfjs,
  mendedModel,
} from '../../src/verbs/usualnames.ts';
import { fixtures, limn } from './limn.ts';

describe('where to, if nobody says so', () => {
  it('is named after what was given, and lies here', () => {
    expect(importedCaffe('/nets/bvlc_googlenet.caffemodel')).toBe('bvlc_googlenet.onnx');
    expect(importedOnnx('hub/resnet18.onnx')).toBe('resnet18-prepared.onnx');
    expect(importedOnnx('resnet18-prepared.onnx')).toBe('resnet18-prepared-2.onnx');
    expect(importedOnnx('resnet18-prepared-2.onnx')).toBe('resnet18-prepared-3.onnx');
    expect(importedFolder('hub/vit-base/')).toBe('vit-base.onnx');
    expect(importedFolder('/')).toBe('model.onnx');
    expect(importedTfjs('my_model/model.json')).toBe('my_model.onnx');
    expect(importedTfjs('flowers.v2.json')).toBe('flowers.v2.onnx');
    expect(compiledModel('nets/age.v1.onnx')).toBe('age.v1-explain.onnx');
    expect(mendedModel('C:\\nets\\age.onnx')).toBe('age-mended.onnx');
    expect(importedOnnx('net.model')).toBe('net-prepared.onnx');
    expect(importedFolder('.')).toBe('model.onnx');
    expect(importedTfjs('model.json')).toBe('model.onnx');
  });

  it('tells evaluations of several models, targets and parts of the photos apart', () => {
    const folder = (...given: Parameters<typeof evaluatedFolder>) => evaluatedFolder(...given);
    expect(folder({ models: ['nets/age.onnx'] })).toBe(join('results', 'age'));
    expect(folder({ models: ['net.onnx'], target: 'gender' })).toBe(join('results', 'gender', 'net'));
    expect(folder({ models: ['net.onnx'], as: 'adience' })).toBe(join('results', 'age', 'net'));
    expect(folder({ models: ['a.onnx', 'b.onnx'], target: 'age' })).toBe(join('results', 'age'));
    expect(folder({ models: ['age_{fold}.onnx'] })).toBe(join('results', 'age'));
    expect(folder({ models: ['a.onnx'], shard: { index: 2, of: 8 } })).toBe(join('results', 'a-2-of-8'));
    // What a column is called leads nowhere else.
    expect(folder({ models: ['a.onnx'], target: '../../x' })).toBe(join('results', '__.._x', 'a'));
  });

  it('holds for the commands; what limn did not make stays', async () => {
    const dir = await fixtures();
    const here = (name: string) => join(dir, name);
    const run = async (...args: string[]) => {
      const { code, stderr } = await limn(args, dir);
      return code === 0 ? '' : stderr;
    };
    expect(await run('compile', 'net.onnx')).toBe('');
    // Again, over its own.
    expect(await run('compile', 'net.onnx')).toBe('');
    expect(await run('import', 'caffe', 'deploy.prototxt', 'net.caffemodel')).toMatch(
      /net\.onnx: is there already, and limn did not make it/,
    );
    writeFileSync(here('net-prepared.onnx'), 'mine');
    expect(await run('import', 'onnx', 'net.onnx')).toMatch(/net-prepared\.onnx: is there already/);
    expect(readFileSync(here('net-prepared.onnx'), 'utf8')).toBe('mine');
    writeFileSync(here('list.txt'), 'photo.jpg 0\nphoto.png 1\n');
    expect(await run('evaluate', 'net.onnx', 'list.txt', '--target', 'class')).toBe('');
    expect(await run('compare', 'results/class/net')).toBe('');
    expect(JSON.parse(readFileSync(here('compared/comparison.json'), 'utf8')).targets).toHaveLength(1);
  }, 120_000);
});
