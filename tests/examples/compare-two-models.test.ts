import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { expect, it } from 'vitest';
import { image } from '../../src/image/index.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { folder, tinyModel } from '../cli/limn.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const labels = ['ant', 'bee', 'cat', 'dog', 'tiger cat'];

it('examples/compare-two-models.ts evaluates, compares by group and writes a page', async () => {
  const dir = folder();
  const model = tinyModel();
  const scale = { ...model.info.preprocessing!, scale: 1 / 500 };
  writeFileSync(join(dir, 'a.onnx'), writeOnnx(model).bytes);
  writeFileSync(join(dir, 'b.onnx'), writeOnnx(tinyModel({ preprocessing: scale })).bytes);
  const rows = ['path,kind,size'];
  for (let i = 0; i < 20; i++) {
    const picture = image(20 + (i % 3), 24);
    for (let j = 0; j < picture.data.length; j++) picture.data[j] = (j * (i + 3) * 37 + i * 50) % 256;
    writeFileSync(join(dir, `${i}.png`), await encodePng(picture));
    rows.push(`${i}.png,${labels[i % 5]},${i % 2 ? 'small' : 'large'}`);
  }
  rows.push('gone.png,ant,small');
  writeFileSync(join(dir, 'photos.csv'), `${rows.join('\n')}\n`);
  // Programs find limn as they would when it is installed.
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(root, join(dir, 'node_modules/limn'));
  const source = readFileSync(join(root, 'examples/compare-two-models.ts'), 'utf8');
  writeFileSync(join(dir, 'compare.mjs'), (await transform(source, { loader: 'ts' })).code);
  const run = (...args: string[]) =>
    execFileSync(process.execPath, ['compare.mjs', 'a.onnx', 'b.onnx', 'photos.csv', ...args], {
      cwd: dir,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  expect(() => run('kind', 'size', 'out')).toThrow(
    /gone\.png: no such file[\s\S]*1 of 21 pictures is missing/,
  );
  writeFileSync(join(dir, 'photos.csv'), `${rows.slice(0, -1).join('\n')}\n`);
  const said = run('kind', 'size', 'out').trimEnd().split('\n');
  expect(said.at(-1)).toBe('out/report.html');
  expect(said.length).toBeGreaterThan(1);
  const { targets, tables } = JSON.parse(readFileSync(join(dir, 'out/comparison.json'), 'utf8'));
  expect(targets[0].entries.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
  expect(tables.map(({ kind }: { kind: string }) => kind)).toContain('groups');
  expect(readFileSync(join(dir, 'out/report.html'), 'utf8')).toContain('<svg');
});
