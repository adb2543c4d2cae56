import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Model, Preprocessing } from '../../src/graph/index.ts';
import { encodePng } from '../../src/image/pixels/encode.node.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import { head, net, photos, right } from '../evaluation/doctor/task.ts';
import { folder, limn, main } from './limn.ts';

const dir = folder();
const { labels, ...bare } = head;

const writeModel = (name: string, info: Model['info'], graph = net()) =>
  writeFileSync(join(dir, name), writeOnnx({ graph, info }).bytes);
const write = (name: string, info: Partial<Model['info']>, graph = net()) =>
  writeModel(name, { heads: [head], preprocessing: right, provenance: {}, ...info }, graph);

beforeAll(async () => {
  const rows = ['path,class'];
  const list: string[] = [];
  for (const [i, { truth, picture }] of photos(90, 3).entries()) {
    const name = `photos/${i}.png`;
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), await encodePng(await picture()));
    rows.push(`${name},${labels![truth]}`);
    list.push(`${name} ${truth + 1}`);
  }
  writeFileSync(join(dir, 'photos.csv'), `${rows.join('\n')}\n`);
  writeFileSync(join(dir, 'from1.txt'), `${list.join('\n')}\n`);
  write('right.onnx', {});
  const { mean: _, ...meanless } = right;
  write('meanless.onnx', { preprocessing: { ...meanless, channels: 'bgr' } as Preprocessing });
  write('swapped.onnx', { heads: [{ ...head, labels: [0, 4, 2, 3, 1, 5].map((i) => labels![i]) }] });
  writeModel('unprepared.onnx', { heads: [head], provenance: {} });
  write('floor.onnx', {}, net({ ceil: 0, softmaxes: 2 }));
  write('nameless.onnx', { heads: [bare], provenance: { converter: 'limn 0.0.1' } });
});

const doctor = (model: string, ...rest: string[]) => limn(['doctor', model, 'photos.csv', ...rest], dir);

/** Runs a command as it was printed. */
const shell = (line: string) =>
  execFileSync('sh', ['-c', `limn() { "${process.execPath}" "${main}" "$@"; }; ${line}`], { cwd: dir });

describe('limn doctor', () => {
  it('says nothing about a model that is used rightly', async () => {
    const { code, stdout, stderr } = await doctor('right.onnx');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^right\.onnx: class of 90 photos of 90 \(seed 1\), accuracy (9\d\.\d|100\.0) %\nnothing found: .*\(gains below \d+\.\d points/,
    );
  });

  it.each([
    ['meanless.onnx', 'channels'],
    ['swapped.onnx', 'labels'],
    ['unprepared.onnx', 'preparation'],
  ])('%s: finds the mistake in %s, and its command mends the model', async (model, kind) => {
    const { code, stdout } = await doctor(model, '--json');
    expect(code).toBe(1);
    const said = JSON.parse(stdout);
    expect(said.findings.map((finding: { kind: string }) => finding.kind)).toContain(kind);
    expect(said.findings[0].evidence.gain.low).toBeGreaterThan(0);
    shell(said.fix);
    const mended = await doctor(model.replace('.onnx', '-mended.onnx'));
    expect(mended.stdout).toContain('nothing found');
    expect(mended.code).toBe(0);
  });

  it('mends by itself what no option can say', async () => {
    const { code, stdout } = await doctor('floor.onnx', '-o', 'even.onnx');
    expect(code).toBe(1);
    expect(stdout).toMatch(/1\. pooling: .* round the number of their windows up/);
    expect(stdout).toMatch(/2\. softmax: .*\n {3}negative log-likelihood .* → /);
    expect(stdout).toContain('fix: limn doctor floor.onnx photos.csv -o floor-mended.onnx');
    expect(stdout).toContain('→ even.onnx');
    expect(readOnnx(readFileSync(join(dir, 'even.onnx')), 'even.onnx').info.provenance).toEqual({
      mended: 'pooling, softmax',
    });
    expect((await doctor('even.onnx')).code).toBe(0);
  });

  it('says that labels count from 1', async () => {
    const { code, stdout } = await limn(['doctor', 'nameless.onnx', 'from1.txt'], dir);
    expect(code).toBe(1);
    expect(stdout).toMatch(/1\. labels: the data's classes are counted from 1 on/);
    expect(stdout).toMatch(/note: the model was imported by limn 0\.0\.1/);
  });

  it('tells wrong calls from findings', async () => {
    expect((await doctor('right.onnx', '--sample', '0')).code).toBe(2);
    expect((await limn(['doctor', 'right.onnx'], dir)).code).toBe(2);
    const other = await doctor('right.onnx', '--target', 'colour');
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("no column 'colour'")]);
  });
});
