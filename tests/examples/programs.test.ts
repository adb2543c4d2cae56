import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { expect, it } from 'vitest';
import { readNpy } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { fixtures, folder, limn } from '../cli/limn.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const hasPython = (): boolean => {
  try {
    execFileSync('python3', ['-c', 'import numpy, onnxruntime, PIL'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('Python has no onnxruntime, numpy and Pillow here: its example is not run');
    return false;
  }
};

it('examples/explain-a-photo.ts says what is in a photo and draws why', async () => {
  const dir = await fixtures();
  // Programs find limn as they would when it is installed.
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(root, join(dir, 'node_modules/limn'));
  const source = readFileSync(join(root, 'examples/explain-a-photo.ts'), 'utf8');
  writeFileSync(join(dir, 'explain.mjs'), (await transform(source, { loader: 'ts' })).code);
  const said = execFileSync(process.execPath, ['explain.mjs', 'net.onnx', 'photo.png', 'why.png', 'dog'], {
    cwd: dir,
    encoding: 'utf8',
  });
  expect(said).toMatch(/^(class: [\w ]+ [\d.]+\n){3}explained: dog, -?[\d.]+\n$/);
  const { width, height } = await decodeFile(join(dir, 'why.png'));
  expect([width, height]).toEqual([17, 17]);
});

it.skipIf(!hasPython())('examples/read-explanation.py computes what limn does', async () => {
  const [dir, out] = [await fixtures(), folder()];
  const path = (name: string) => join(out, name);
  // Of this size already: resizing differs between libraries.
  const { default: sharp } = await import('sharp');
  await sharp(join(dir, 'photo.png')).resize(20, 20, { fit: 'fill' }).png().toFile(path('photo.png'));
  await limn(['compile', 'net.onnx', '--composite', 'epsilon-plus', '-o', path('explain.onnx')], dir);
  const explain = ['explain', 'net.onnx', path('photo.png'), '--composite', 'epsilon-plus', '--no-figure'];
  await limn([...explain, '-o', out], dir);
  const said = execFileSync(
    'python3',
    [join(root, 'examples/read-explanation.py'), path('explain.onnx'), path('photo.png'), path('read.npy')],
    { encoding: 'utf8' },
  );
  expect(said).toMatch(/^\w[\w ]*: score -?[\d.]+, relevance adds up to -?[\d.]+\n$/);
  const [own, read] = ['photo.npy', 'read.npy'].map((name) => readNpy(readFileSync(path(name)), name));
  expect(read.shape).toEqual(own.shape);
  read.data.forEach((value, i) => {
    expect(Number(value)).toBeCloseTo(Number(own.data[i]), 3);
  });
});
