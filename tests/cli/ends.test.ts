import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { fixtures, limn } from './limn.ts';

/* Commands that run models in worker threads end when something is wrong with one of many photos. */

let dir: string;
const photos = Array.from({ length: 8 }, (_, i) => `${i}.jpg`);

beforeAll(async () => {
  dir = await fixtures();
  for (const [i, photo] of photos.entries())
    copyFileSync(join(dir, i === 5 ? 'truncated.jpg' : 'photo.jpg'), join(dir, photo));
  writeFileSync(join(dir, 'list.txt'), photos.map((photo, i) => `${photo} ${i % 5}\n`).join(''));
});

it.concurrent.each<[string, string[]]>([
  ['grid of photos', ['grid', 'net.onnx', '--photos', ...photos, '-o', 'grid']],
  ['grid of means', ['grid', 'net.onnx', '--means', 'list.txt', '-o', 'means']],
  ['evaluate', ['evaluate', 'net.onnx', 'list.txt', '-o', 'evaluated']],
  ['classify', ['classify', 'net.onnx', ...photos]],
  ['explain', ['explain', 'net.onnx', ...photos, '--no-figure', '-o', 'explained']],
])('limn %s', { timeout: 120_000 }, async (_, words) => {
  const { code, stderr } = await limn([...words, '--threads', '2'], dir);
  expect(stderr).toMatch(/5\.jpg: /);
  expect(stderr).not.toMatch(/unexpected|\n\s+at /);
  expect(code).toBe(1);
});

it.concurrent.each<[string, string[], RegExp]>([
  ['classify with a prepared tensor of another shape', ['classify', 'net.onnx', 'small.npy'], /small\.npy: /],
  [
    'run with numbers that are none',
    ['run', 'net.onnx', '--input', 'truncated.npy', '-o', 'run'],
    /truncated\.npy/,
  ],
])('limn %s', { timeout: 120_000 }, async (_, words, message) => {
  const { code, stderr } = await limn(words, dir);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
});
