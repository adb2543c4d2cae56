import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { readMean } from '../../src/caffe/index.ts';
import { hashOf } from '../../src/common/hash.node.ts';
import { type Unit, type UnitRequest, writePlan } from '../../src/plan/index.ts';
import { gradient, savePicture } from '../data/pictures.ts';
import { until } from '../plan/units.ts';
import { fixtures, folder, limn, main } from './limn.ts';

const net = fileURLToPath(new URL('../fixtures/reference/tiny_adience', import.meta.url));
let dir = '';

/** Two networks without training, one of which has no weights that fit. */
beforeAll(async () => {
  dir = folder();
  for (const name of ['good', 'bad']) {
    mkdirSync(join(dir, 'nets', name), { recursive: true });
    cpSync(join(net, 'deploy.prototxt'), join(dir, 'nets', name, 'deploy.prototxt'));
  }
  cpSync(join(net, 'weights.caffemodel'), join(dir, 'good.caffemodel'));
  writeFileSync(join(dir, 'bad.caffemodel'), 'no weights');
  const { default: sharp } = await import('sharp');
  mkdirSync(join(dir, 'faces'));
  for (const i of [0, 1, 2]) {
    await sharp({ create: { width: 40, height: 40, channels: 3, background: { r: 80 * i, g: 90, b: 20 } } })
      .png()
      .toFile(join(dir, `faces/${i}.png`));
  }
  writeFileSync(join(dir, 'faces.txt'), '0.png 0\n1.png 1\n2.png 0\n');
  writeFileSync(
    join(dir, 'spec.yaml'),
    `definitions: nets
import: {prototxt: deploy.prototxt, weights: '{definition}.caffemodel', mean: 104}
evaluate:
  faces: {data: faces.txt, images: faces}
`,
  );
});

it('plans, runs, and says what failed', async () => {
  const planned = await limn(['plan', 'spec.yaml', '-o', 'work/plan.json'], dir);
  expect(planned).toMatchObject({ code: 0, stderr: '' });
  expect(planned.stdout).toMatch(
    /^4 units: 2 import, 2 evaluate\n\nunit +id +iterations\nbad\/import +[0-9a-f]{12}\n/,
  );
  const ran = await limn(['run', 'work/plan.json', '--workers', '2'], dir);
  expect(ran.code).toBe(1);
  expect(ran.stdout).toMatch(
    /^failed: bad\/import: exit code 1: .*bad\.caffemodel.*\n {2}units\/bad\/import-[0-9a-f]{12}\/output\.log\n4 units: 1 failed, 1 blocked, 2 done\n$/,
  );
  expect(ran.stderr).toMatch(/^\d\d:\d\d:\d\d running {2}\S+\/import\n/);
  expect(ran.stderr).toMatch(/ done {5}good\/evaluate-faces in \d/);
  expect(ran.stderr).toMatch(/ blocked {2}bad\/evaluate-faces: needs bad\/import\n/);
  const again = await limn(['run', 'work/plan.json', '--only', 'good/*', '--json'], dir);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  const { counts, units } = JSON.parse(again.stdout);
  expect(counts).toEqual({ done: 2 });
  const result = JSON.parse(readFileSync(join(dir, 'work', units[1].folder, 'result/result.json'), 'utf8'));
  expect(result.data.images).toBe(3);
});

it('gives all of a plan as JSON', async () => {
  const { stdout } = await limn(['plan', 'spec.yaml', '-o', 'other.json', '--json'], dir);
  const { counts, units } = JSON.parse(stdout);
  expect(counts).toEqual({ import: 2, evaluate: 2 });
  expect(units).toEqual(JSON.parse(readFileSync(join(dir, 'other.json'), 'utf8')).units);
});

it('stops with its units when it is interrupted', async () => {
  await limn(['plan', 'spec.yaml', '-o', 'stop/plan.json'], dir);
  const child = spawn(process.execPath, [main, 'run', 'stop/plan.json', '--only', 'good/*'], { cwd: dir });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  await until(() => said.includes('running'));
  child.kill('SIGINT');
  expect(await ended).toBe('SIGINT');
  expect(said).toContain('stopping');
  expect(said).toMatch(/stopped {2}good\/import/);
  expect((await limn(['run', 'stop/plan.json', '--only', 'good/*'], dir)).code).toBe(0);
});

it('does not let go of half-written outputs', async () => {
  await limn(['plan', 'spec.yaml', '-o', 'half/plan.json'], dir);
  const { stdout } = await limn(['run', 'half/plan.json', '--only', 'good/import', '--json'], dir);
  const model = join(dir, 'half', JSON.parse(stdout).units[0].folder, 'model.onnx');
  expect(existsSync(model)).toBe(true);
  rmSync(model);
  expect((await limn(['run', 'half/plan.json', '--only', 'good/*'], dir)).stdout).toBe('2 units: 2 done\n');
  expect(existsSync(model)).toBe(true);
});

it('ends a training that was killed with the weights of one that was not', async () => {
  mkdirSync(join(dir, 'bright/nets/net'), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(dir, 'bright', name), text);
  const net = `name: "net"
layer { name: "data" type: "ImageData" top: "data" top: "label" transform_param { scale: 0.004 mirror: true }
  image_data_param { source: "/gone/faces.txt" root_folder: "/gone/faces/" batch_size: 2 } }
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
layer { name: "drop" type: "Dropout" bottom: "fc" top: "fc" }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }`;
  write('nets/net/net.prototxt', net);
  write(
    'nets/net/solver.prototxt',
    'net: "net.prototxt" base_lr: 0.01 lr_policy: "fixed" momentum: 0.9 display: 1',
  );
  write(
    'spec.yaml',
    'definitions: nets\ntrain: {solver: solver.prototxt, map: {/gone: ..}, set: {max_iter: 400, snapshot: 40}, threads: 1}\n',
  );
  const weights = (folder: string): Buffer => {
    const { units } = JSON.parse(readFileSync(join(dir, 'bright', folder, 'plan.json'), 'utf8'));
    return readFileSync(join(dir, 'bright', folder, units[0].outputs[0]));
  };
  const run = (folder: string, ...more: string[]) => ['run', `bright/${folder}/plan.json`, ...more];
  for (const folder of ['straight', 'killed'])
    await limn(['plan', 'bright/spec.yaml', '-o', `bright/${folder}/plan.json`], dir);
  expect(await limn(run('straight'), dir)).toMatchObject({ code: 0, stdout: '1 unit: 1 done\n' });

  const { units } = JSON.parse(readFileSync(join(dir, 'bright/killed/plan.json'), 'utf8'));
  const snapshot = join(dir, 'bright/killed', units[0].resume.folder, 'solver_iter_40.limnstate');
  const child = spawn(process.execPath, [main, ...run('killed')], { cwd: dir });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await until(() => existsSync(snapshot));
  // The unit itself at once, so that it cannot write a last snapshot; then its runner.
  const folder = join(dir, 'bright/killed', units[0].folder);
  const { worker } = JSON.parse(readFileSync(join(folder, 'lock.1'), 'utf8'));
  child.kill('SIGSTOP');
  process.kill(worker.pid, 'SIGKILL');
  child.kill('SIGKILL');
  await ended;
  expect(await limn(run('killed'), dir)).toMatchObject({ code: 0, stdout: '1 unit: 1 done\n' });
  expect(readFileSync(join(folder, 'output.log'), 'utf8')).toMatch(/limn train \{.*"snapshot":/);
  expect(weights('killed').equals(weights('straight'))).toBe(true);
});

it.each([
  [['run', 'work/plan.json', '--input', 'x.npy'], /--input: work\/plan.json is a plan; leave it out/],
  [['run', 'work/plan.json', '--threads', '2'], /--threads: work\/plan.json is a plan/],
  [['run', 'work/plan.json', '--workers', '0'], /--workers/],
  [
    ['run', 'work/plan.json', '--only', 'nothing'],
    /--only: no unit fits nothing; names are like bad\/import/,
  ],
  [['plan', 'spec.yaml'], /--output/],
])('refuses %j', async (args, message) => {
  if (!existsSync(join(dir, 'work/plan.json')))
    await limn(['plan', 'spec.yaml', '-o', 'work/plan.json'], dir);
  const { code, stderr } = await limn(args, dir);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

it('still feeds models', async () => {
  const models = await fixtures();
  const wrong = (...args: string[]) => limn(['run', 'net.onnx', ...args], models);
  expect(await wrong('-o', 'out')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--input: missing'),
  });
  expect(await wrong('--input', 'batch.npy')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--output: missing'),
  });
  expect(await wrong('--workers', '2')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('net.onnx is no plan'),
  });
  expect((await limn(['run', 'none.onnx', '--input', 'batch.npy', '-o', 'out'], models)).code).toBe(1);
  expect((await wrong('--input', 'batch.npy', '-o', 'out')).code).toBe(0);
});

/** A fold of Adience with one face of each of sixty people. */
function foldOf(k: number): string {
  const header =
    'user_id\toriginal_image\tface_id\tage\tgender\tx\ty\tdx\tdy\ttilt_ang\tfiducial_yaw_angle\tfiducial_score';
  const faces = Array.from(
    { length: 60 },
    (_, i) => `u${k}${i}\ti${i}.jpg\t${i}\t(25, 32)\t${i % 2 ? 'm' : 'f'}\t0\t0\t9\t9\t0\t0\t1`,
  );
  return `${header}\n${faces.join('\n')}\n`;
}

it('runs units that prepare data, one of the other', async () => {
  const at = folder();
  for (const n of [0, 1, 2]) await savePicture(at, `faces/${n}.png`, gradient(20, 14 + n, n));
  writeFileSync(join(at, 'faces.txt'), '0.png 0\n1.png 1\n2.png 1\n');
  mkdirSync(join(at, 'folds'));
  for (const k of [0, 1]) writeFileSync(join(at, `folds/fold_${k}_data.txt`), foldOf(k));
  const of = (
    verb: string,
    request: UnitRequest,
    outputs: readonly string[],
    needs: readonly Unit[] = [],
  ): Unit => ({
    ...{
      id: hashOf(verb),
      name: verb,
      kind: 'data',
      folder: `units/${verb}`,
      verb,
      request,
      inputs: [],
      outputs,
    },
    needs: needs.map(({ id }) => id),
  });
  const lists = of('dataLists', { folds: 'folds', output: 'units/lists' }, ['units/lists/lists.json']);
  const squares = of('dataSquare', { folder: 'faces', output: 'units/squares' }, ['units/squares/2.png']);
  const database = of(
    'dataLmdb',
    { lists: ['faces.txt'], images: 'units/squares', resize: 8, output: 'units/faces_lmdb' },
    ['units/faces_lmdb/data.mdb'],
    [squares],
  );
  const mean = of(
    'dataMean',
    { data: 'units/faces_lmdb', output: 'units/mean.binaryproto' },
    ['units/mean.binaryproto'],
    [database],
  );
  const units = [lists, squares, database, mean];
  writeFileSync(join(at, 'plan.json'), writePlan({ limn: 'test', units }));
  const ran = await limn(['run', 'plan.json'], at);
  expect(ran).toMatchObject({ code: 0, stdout: '4 units: 4 done\n' });
  const said = (unit: Unit) => readFileSync(join(at, unit.folder, 'output.log'), 'utf8');
  expect(said(squares)).toContain('units/squares: 3 pictures written, 0 were there already\n');
  expect(said(database)).toContain('units/faces_lmdb: 3 pictures\n');
  expect(said(mean)).toContain('units/mean.binaryproto: the mean of 3 pictures, 3×8×8, channels ');
  const made = readMean(readFileSync(join(at, 'units/mean.binaryproto')), 'mean');
  expect(made.shape).toEqual([3, 8, 8]);
  expect(JSON.parse(readFileSync(join(at, 'units/lists/lists.json'), 'utf8')).splits).toHaveLength(2);
  // What a verb is not asked is refused before it begins.
  const wrong = of('dataMean', { ...mean.request, colour: 'blue' }, []);
  writeFileSync(
    join(at, 'wrong.json'),
    writePlan({ limn: 'test', units: [{ ...wrong, folder: 'units/wrong' }] }),
  );
  const refused = await limn(['run', 'wrong.json'], at);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/failed: dataMean: exit code 2: .*--colour: there is no such field/);
});
