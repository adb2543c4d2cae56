import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { readNpy, readRawHeatmap } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { readOnnx } from '../../src/onnx/index.ts';
import { filesIn, fixtures, folder, limn } from './limn.ts';

let dir = '';
beforeAll(async () => {
  dir = await fixtures();
});

/** Runs a command that must succeed and say nothing on stderr. */
async function succeeds(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await limn(args, dir);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

const npy = (path: string) => readNpy(readFileSync(path), path);
const json = (text: string) => JSON.parse(text);

describe('help', () => {
  const commands = ['import', 'inspect', 'classify', 'explain', 'compile', 'average', 'run', 'demo'];

  it('names every command, and shows examples for each', async () => {
    const help = await succeeds('--help');
    for (const name of commands) expect(help).toContain(`  ${name} `);
    const called = [
      ['import', 'caffe'],
      ['import', 'onnx'],
      ['import', 'face-api'],
      ...commands.slice(1, -1).map((c) => [c]),
    ];
    for (const each of called)
      expect(await succeeds(...each, '--help')).toMatch(/Examples:\n(.*\n)*?.*\$ limn /);
  });

  it('loads nothing that computes, not even worker threads', async () => {
    const list = "process.on('exit', () => console.error(process.moduleLoadList.join('\\n')))";
    const preload = `data:text/javascript,${encodeURIComponent(list)}`;
    const { stderr } = await limn(['--help'], undefined, { NODE_OPTIONS: `--import=${preload}` });
    expect(stderr).toMatch(/^NativeModule child_process$/m);
    expect(stderr).not.toMatch(/^NativeModule (?:worker_threads|module|os|crypto|zlib|http)$/m);
  });

  it('prints its version', async () => {
    const { version } = json(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await succeeds('--version')).toBe(`${version}\n`);
  });
});

describe('import', () => {
  it('makes a model of a Caffe network that knows its photos and labels', async () => {
    const out = join(folder(), 'new', 'net.onnx');
    const text = await succeeds(
      ...['import', 'caffe', 'deploy.prototxt', 'net.caffemodel', '--mean', '1,2,3', '--resize', '10'],
      ...['--labels', 'three.txt', '-o', out],
    );
    expect(text).toContain('579 parameters');
    const { info } = readOnnx(readFileSync(out), out);
    expect(info.preprocessing).toEqual({
      resize: { height: 10, width: 10, mode: 'stretch' },
      crop: { height: 8, width: 8 },
      channels: 'bgr',
      mean: [1, 2, 3],
    });
    expect(info.heads).toEqual([
      { name: 'class', output: 'prob', kind: 'classes', labels: ['one', 'two', 'three'] },
    ]);
    expect(info.provenance).toMatchObject({ caffemodel: 'net.caffemodel', labels: 'three.txt' });
    expect(info.provenance['caffemodel.sha256']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('adds to an .onnx file what it does not say and keeps what it does', async () => {
    const out = join(folder(), 'net.onnx');
    await succeeds('import', 'onnx', 'net.onnx', '--mean', '9', '--channels', 'rgb', '-o', out);
    const { info } = readOnnx(readFileSync(out), out);
    expect(info.preprocessing).toMatchObject({ mean: [9, 9, 9], channels: 'rgb', scale: 1 / 2000 });
    expect(info.heads[0].labels).toHaveLength(5);
  });

  it('takes face-api from its npm package', async () => {
    const out = folder();
    const result = json(await succeeds('import', 'face-api', '-o', out, '--json'));
    expect(result).toMatchObject({ output: join(out, 'face-api-age-gender.onnx'), parameters: 421_730 });
  });
});

describe('inspect', () => {
  it('lists layers with shapes, parameters and multiply-adds', async () => {
    const text = await succeeds('inspect', 'net.onnx');
    expect(text).toMatch(/fc +Gemm +N×5 +3,845 +3\.84 k/);
    const { layers, total } = json(await succeeds('inspect', 'net.onnx', '--json'));
    const conv = layers.find((layer: { name: string }) => layer.name === 'conv1');
    expect(conv).toMatchObject({
      type: 'Conv',
      output: ['N', 8, 17, 17],
      parameters: 224,
      multiplyAdds: 17 * 17 * 8 * 27,
    });
    expect(total.parameters).toBe(
      layers.reduce((sum: number, each: { parameters: number }) => sum + each.parameters, 0),
    );
  });

  it('reads a prototxt without weights', async () => {
    expect(await succeeds('inspect', 'deploy.prototxt')).toMatch(
      /2 layers, 579 parameters, 576 multiply-adds per image/,
    );
  });
});

describe('classify', () => {
  it('says the same of one photo, of many, of ten crops of grey, and as JSON', async () => {
    expect(await succeeds('classify', 'net.onnx', 'photo.png')).toMatch(
      /^photo\.png\n +class +\d+\.\d % +\w/,
    );
    const photos = Array.from({ length: 9 }, () => 'photo.png');
    const { photos: all } = json(await succeeds('classify', 'net.onnx', ...photos, '--json', '--top', '2'));
    const { photos: one } = json(await succeeds('classify', 'net.onnx', 'photo.png', '--json', '--top', '2'));
    expect(all).toHaveLength(9);
    const probability = (each: { outputs: { class: { probability: number }[] } }) =>
      each.outputs.class[0].probability;
    for (const each of all) expect(probability(each)).toBeCloseTo(probability(one[0]), 6);
    expect(one[0].outputs.class).toHaveLength(2);
    // A photo of one colour looks the same in every crop.
    const { photos: ten } = json(
      await succeeds('classify', 'net.onnx', 'photo.png', '--crops', 'ten', '--json', '--top', '2'),
    );
    expect(probability(ten[0])).toBeCloseTo(probability(one[0]), 5);
  });

  it('takes a prepared batch', async () => {
    const { photos } = json(await succeeds('classify', 'net.onnx', 'batch.npy', '--json', '--top', '5'));
    expect(photos.map((each: { photo: string }) => each.photo)).toEqual(['batch.npy[0]', 'batch.npy[1]']);
    const sum = photos[1].outputs.class.reduce(
      (total: number, each: { probability: number }) => total + each.probability,
      0,
    );
    expect(sum).toBeCloseTo(1, 5);
  });
});

describe('explain', () => {
  it('writes a figure, a heatmap, raw relevance and a record that agree', async () => {
    const out = join(folder(), 'out');
    const text = await succeeds(
      ...[
        'explain',
        'net.onnx',
        'photo.jpg',
        '--raw',
        'npy',
        'rawhm',
        '--target',
        'dog',
        '--layer',
        'norm1',
        '-o',
        out,
      ],
    );
    expect(text).toMatch(/^photo\.jpg: dog \d+\.\d % \(score .*\) → /);
    expect(filesIn(out)).toEqual(
      [
        'explain.json',
        'photo.npy',
        'photo.png',
        'photo_heatmap.png',
        'photo_norm1.npy',
        'photo_rawhm.txt',
      ].sort(),
    );
    const relevance = npy(join(out, 'photo.npy'));
    expect(relevance.shape).toEqual([1, 3, 17, 17]);
    expect(npy(join(out, 'photo_norm1.npy')).shape).toEqual([1, 8, 8, 8]);
    const textual = readRawHeatmap(readFileSync(join(out, 'photo_rawhm.txt'), 'utf8'), 'rawhm');
    textual.data.forEach((value, i) => {
      expect(value).toBeCloseTo(Number(relevance.data[i]), 4);
    });
    const record = json(readFileSync(join(out, 'explain.json'), 'utf8'));
    expect(record.explanation).toMatchObject({ method: 'lrp', head: 'class' });
    expect(record.explanation.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(record.model.sha256).toMatch(/^[0-9a-f]{64}$/);
    const [photo] = record.photos;
    expect(photo.target.classes).toEqual([{ index: 3, label: 'dog' }]);
    expect(photo.relevance.sum).toBeCloseTo(
      Array.from(relevance.data, Number).reduce((sum, value) => sum + value, 0),
      3,
    );
    const heatmap = await decodeFile(join(out, 'photo_heatmap.png'));
    expect([heatmap.width, heatmap.height]).toEqual([17, 17]);
  });

  it('writes what the LRP Toolbox writes, by a rule as it names it', async () => {
    const explained = async (formula: string) => {
      const out = join(folder(), 'out');
      const asked = [
        '--formula',
        formula,
        '--up-to',
        '0',
        '--epsilon',
        '0.1',
        '--raw',
        'toolbox',
        '--top',
        '2',
      ];
      await succeeds('explain', 'net.onnx', 'photo.jpg', ...asked, '--no-figure', '-o', out);
      return out;
    };
    const out = await explained('eps_n_flat');
    expect(filesIn(out)).toEqual([
      'explain.json',
      'photo_as_inputted_into_the_dnn.png',
      'photo_heatmap.png',
      'photo_rawhm.txt',
      'photo_top10scores.txt',
    ]);
    // A line for each class, the best first, however few the record lists.
    const scores = readFileSync(join(out, 'photo_top10scores.txt'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').map(Number));
    const [photo] = json(readFileSync(join(out, 'explain.json'), 'utf8')).photos;
    expect(photo.scores).toHaveLength(2);
    expect(scores.map(([index]) => index).sort()).toEqual([...scores.keys()]);
    expect(scores.map(([, value]) => value)).toEqual(scores.map(([, value]) => value).sort((a, b) => b - a));
    photo.scores.forEach(({ index, value }: { index: number; value: number }, i: number) => {
      expect(scores[i][0]).toBe(index);
      expect(scores[i][1]).toBeCloseTo(value, 5);
    });
    expect(photo.files).toMatchObject({
      top10scores: join(out, 'photo_top10scores.txt'),
      asInput: join(out, 'photo_as_inputted_into_the_dnn.png'),
    });
    const seen = await decodeFile(join(out, 'photo_as_inputted_into_the_dnn.png'));
    expect([seen.width, seen.height]).toEqual([17, 17]);
    const byCode = await explained('54');
    expect(readFileSync(join(byCode, 'photo_rawhm.txt'), 'utf8')).toBe(
      readFileSync(join(out, 'photo_rawhm.txt'), 'utf8'),
    );
  });

  it('explains many photos as it explains one, in order, also those of one name', async () => {
    const out = folder();
    const photos = Array.from({ length: 8 }, (_, i) => (i % 2 ? 'photo.jpg' : 'photo.png'));
    const { photos: all } = json(
      await succeeds('explain', 'net.onnx', ...photos, '--no-figure', '-o', out, '--json'),
    );
    expect(all.map((each: { photo: string }) => each.photo)).toEqual(photos);
    expect(new Set(all.map((each: { files: { relevance: string } }) => each.files.relevance)).size).toBe(8);
    const alone = folder();
    await succeeds('explain', 'net.onnx', 'photo.png', '--no-figure', '-o', alone);
    const one = npy(join(alone, 'photo.npy')).data;
    npy(all[2].files.relevance).data.forEach((value, i) => {
      expect(Number(value)).toBeCloseTo(Number(one[i]), 4);
    });
  });

  it('keeps one colour scale for all photos where it is asked to', async () => {
    const args = ['explain', 'net.onnx', 'photo.png', 'photo.jpg', '--target', '0', '--no-figure', '--json'];
    const own = json(await succeeds(...args, '-o', folder())).photos.map(
      (each: { limit: number }) => each.limit,
    );
    const shared = json(await succeeds(...args, '--shared-scale', '-o', folder())).photos;
    expect(shared.map((each: { limit: number }) => each.limit)).toEqual([Math.max(...own), Math.max(...own)]);
  });

  it('takes a prepared batch and reports conservation', async () => {
    const out = folder();
    const text = await succeeds(
      ...['explain', 'net.onnx', 'batch.npy', '--composite', 'epsilon', '--conservation', '-o', out],
    );
    expect(npy(join(out, 'relevance.npy')).shape).toEqual([2, 3, 17, 17]);
    expect(text).toMatch(
      /layer +rule +received +\|received\| +passed on +bias +stabiliser +padding +other\nfc +epsilon/,
    );
  });

  it.each([
    ['gradient'],
    ['gradient-x-input'],
    ['guided-backprop'],
    ['deconvnet'],
    ['smoothgrad', '--samples', '3'],
    ['integrated-gradients', '--steps', '4', '--baseline', 'gray'],
    ['gradient-shap', '--samples', '3', '--noise', '0.1', '--seed', '2'],
    ['deeplift', '--baseline', 'black'],
    ['occlusion', '--window', '5'],
    ['rise', '--samples', '5', '--cells', '4', '--keep', '0.3', '--of', 'score'],
    ['kernel-shap', '--window', '9', '--baseline', 'gray'],
    ['grad-cam', '--layer', 'block'],
    ['grad-cam++'],
    ['layer-cam', '--layer', 'pool1'],
    ['score-cam', '--of', 'probability'],
    ['excitation-backprop'],
  ])('knows the method %s', async (method, ...rest) => {
    const out = folder();
    await succeeds('explain', 'net.onnx', 'photo.png', '--method', method, ...rest, '-o', out, '--no-figure');
    expect(npy(join(out, 'photo.npy')).data.some((value) => Number(value) !== 0)).toBe(true);
  });
});

describe('compile', () => {
  it('writes what plain ONNX Runtime computes as explain does', async () => {
    const out = folder();
    const model = join(out, 'explain.onnx');
    await succeeds('compile', 'net.onnx', '--formula', '102', '-o', model);
    await succeeds('explain', 'net.onnx', 'batch.npy', '--formula', '102', '--target', '2', '-o', out);
    const expected = npy(join(out, 'relevance.npy'));
    const session = await ort.InferenceSession.create(model);
    const input = npy(join(dir, 'batch.npy'));
    const results = await session.run({
      data: new ort.Tensor('float32', input.data as Float32Array, input.shape),
      target: new ort.Tensor('int64', BigInt64Array.of(2n, 2n)),
    });
    await session.release();
    const relevance = results.relevance.data as Float32Array;
    relevance.forEach((value, i) => {
      expect(value).toBeCloseTo(Number(expected.data[i]), 4);
    });
  });
});

describe('average', () => {
  it('averages raw heatmaps of both formats', async () => {
    const out = folder();
    const args = ['explain', 'net.onnx', 'photo.png', '--raw', 'npy', 'rawhm', '--no-figure', '-o', out];
    await succeeds(...args);
    const [raw, text, mean] = ['photo.npy', 'photo_rawhm.txt', 'mean.npy'].map((name) => join(out, name)) as [
      string,
      string,
      string,
    ];
    expect(await succeeds('average', raw, text, raw, '-o', mean)).toContain('the mean of 3 heatmaps');
    npy(mean).data.forEach((value, i) => {
      expect(Number(value)).toBeCloseTo(Number(npy(raw).data[i]), 4);
    });
    await succeeds('average', raw, '-o', join(out, 'mean.png'), '--colors', 'bwr', '--no-figure');
    expect((await decodeFile(join(out, 'mean.png'))).width).toBe(17);
  });
});

describe('run', () => {
  it('writes the tensors asked for, of outputs and of layers', async () => {
    const out = folder();
    await succeeds(
      'run',
      'net.onnx',
      '--input',
      'data=batch.npy',
      '--outputs',
      'prob',
      'block/1x1/relu',
      '-o',
      out,
    );
    expect(filesIn(out)).toEqual(['block_1x1.npy', 'prob.npy']);
    expect(npy(join(out, 'block_1x1.npy')).shape).toEqual([2, 4, 8, 8]);
    const all = folder();
    await succeeds('run', 'net.onnx', '--input', 'batch.npy', '--outputs', 'all', '-o', all);
    expect(filesIn(all).length).toBeGreaterThan(10);
    expect(npy(join(all, 'prob.npy')).data).toEqual(npy(join(out, 'prob.npy')).data);
  });
});

describe('demo', () => {
  it('explains a face and writes a page that stands alone', async () => {
    const out = folder();
    const said = await succeeds('demo', '-o', out);
    expect(said).toMatch(/gender female \(8\d\.\d %\), age 3\d/);
    expect(said.trimEnd().split('\n').at(-1)).toBe(
      `To look at photos of your own in a page: npx limn studio ${out}`,
    );
    expect(filesIn(out)).toContain('gender.png');
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    expect(page).toContain('What speaks for female');
  });
});
