import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesIn, fixtures, folder, limn, main } from './limn.ts';

let dir = '';
let out = '';
beforeAll(async () => {
  dir = await fixtures();
  out = folder();
  writeFileSync(join(dir, 'file'), 'a file where a folder should be');
  mkdirSync(join(dir, 'empty'));
});

/**
 * What a wrong call must come to: its exit code, one line on stderr that matches, nothing on stdout, no stack trace,
 * and no file in the output folder. `OUT` stands for that folder.
 */
const cases: readonly (readonly [call: string, code: number, line: RegExp])[] = [
  // Wrong calls.
  ['frobnicate', 2, /unknown command 'frobnicate'/],
  ['classify', 2, /missing required argument 'model'/],
  ['classify net.onnx photo.png --colour red', 2, /unknown option '--colour'/],
  ['classify net.onnx photo.png --crops eleven', 2, /--crops.*eleven.*center, ten/],
  ['classify net.onnx photo.png --top 0', 2, /--top.*expected a whole number from 1 on, got '0'/],
  ['classify net.onnx batch.npy photo.png', 2, /batch\.npy: a prepared tensor goes alone/],
  ['explain net.onnx photo.png --composite nice -o OUT', 2, /--composite.*'nice' is invalid.*iccv2017/],
  ['explain net.onnx photo.png --formula 103 -o OUT', 2, /--formula.*'103' is invalid.*102/],
  [
    'explain net.onnx photo.png --formula 102 --composite epsilon -o OUT',
    2,
    /--formula: it and --composite exclude/,
  ],
  ['explain net.onnx photo.png --method magic -o OUT', 2, /'magic' is invalid/],
  [
    'explain net.onnx photo.png --samples 3 -o OUT',
    2,
    /--samples: it means nothing to lrp; it is for smoothgrad/,
  ],
  ['explain net.onnx photo.png --epsilon -1 -o OUT', 2, /--epsilon.*-1/],
  [
    'explain net.onnx photo.png --epsilon zero -o OUT',
    2,
    /--epsilon.*expected a number from 0 on, got 'zero'/,
  ],
  ['explain net.onnx photo.png --percentile 101 -o OUT', 2, /--percentile.*from 0 to 100/],
  ['explain net.onnx photo.png --limit 1 --percentile 99 -o OUT', 2, /exclude each other/],
  ['explain net.onnx photo.png --raw none npy -o OUT', 2, /'none' excludes other formats/],
  ['explain net.onnx photo.png --provider tpu -o OUT', 2, /--provider.*tpu/],
  ['compile net.onnx --composite epsilon --variant faithful -o OUT/x.onnx', 2, /has no faithful one/],
  ['run net.onnx --input other=batch.npy -o OUT', 1, /there is no input 'other'; it has data/],
  ['import caffe net.caffemodel deploy.prototxt -o OUT/x.onnx', 2, /the weights come second/],
  [
    'import onnx bare.onnx --mean 0.485,0.456,0.406 --std 0.2,0.2,0.2 -o OUT/x.onnx',
    2,
    /for pixels from 0 to 1.*123\.7/,
  ],
  ['import onnx bare.onnx --mean 1,2 -o OUT/x.onnx', 2, /--mean: 2 numbers for 3 channels/],
  ['import onnx bare.onnx --crop 16 -o OUT/x.onnx', 2, /--crop: 16×16, the network takes 17×17/],
  ['import onnx bare.onnx --resize 10 -o OUT/x.onnx', 2, /--resize: 10×10 is less than the crop/],
  ['import onnx bare.onnx --resize wide -o OUT/x.onnx', 2, /--resize.*expected 256 or HEIGHTxWIDTH/],
  // Models that are none.
  ['classify none.onnx photo.png', 1, /none\.onnx: no such file/],
  ['classify . photo.png', 1, /\.: is a folder/],
  ['classify empty.onnx photo.png', 1, /empty\.onnx: /],
  ['classify text.onnx photo.png', 1, /text\.onnx.*not an ONNX model/],
  ['classify photo.png photo.png', 1, /photo\.png: .*not an ONNX model/],
  ['classify truncated.onnx photo.png', 1, /truncated\.onnx: byte \d+/],
  ['classify nan.onnx photo.png', 1, /nan\.onnx: NaN or infinite weights in 'fc\.bias'/],
  [
    'classify deploy.prototxt photo.png',
    1,
    /of Caffe.*, not an ONNX model; import a network definition with its weights/,
  ],
  [
    'classify net.caffemodel photo.png',
    1,
    /of Caffe.*, not an ONNX model; import a network definition with its weights/,
  ],
  ['classify bare.onnx photo.png', 1, /does not say how photos are prepared.*import it anew with --channels/],
  ['inspect none.prototxt', 1, /none\.prototxt: no such file/],
  ['inspect wrong.prototxt', 1, /wrong\.prototxt:2:\d+/],
  ['inspect truncated.onnx', 1, /truncated\.onnx/],
  ['compile truncated.onnx --composite epsilon -o OUT/x.onnx', 1, /truncated\.onnx/],
  ['run truncated.onnx --input batch.npy -o OUT', 1, /truncated\.onnx/],
  ['import onnx truncated.onnx -o OUT/x.onnx', 1, /truncated\.onnx/],
  // Caffe's files.
  ['import caffe none.prototxt net.caffemodel -o OUT/x.onnx', 1, /none\.prototxt: no such file/],
  ['import caffe wrong.prototxt net.caffemodel -o OUT/x.onnx', 1, /wrong\.prototxt:2:\d+/],
  ['import caffe deploy.prototxt photo.png -o OUT/x.onnx', 1, /photo\.png/],
  [
    'import caffe deploy.prototxt other.caffemodel -o OUT/x.onnx',
    1,
    /other\.caffemodel.*layer 'fc'.*\[3,100\]/,
  ],
  ['import caffe deploy.prototxt net.caffemodel --labels photo.png -o OUT/x.onnx', 1, /photo\.png/],
  ['import onnx bare.onnx --labels three.txt -o OUT/x.onnx', 1, /three\.txt: 3 names for the 5 classes/],
  ['import onnx bare.onnx --mean photo.png -o OUT/x.onnx', 1, /photo\.png/],
  // Photos and tensors that are none.
  ['classify net.onnx none.jpg', 1, /none\.jpg: no such file/],
  ['classify net.onnx empty', 1, /empty: there are no photos in it/],
  ['classify net.onnx none/*.jpg', 1, /none\/\*\.jpg: no file fits this pattern/],
  ['classify net.onnx -', 1, /standard input: it is empty/],
  ['classify net.onnx text.jpg', 1, /text\.jpg: a text file, not an image/],
  ['classify net.onnx truncated.jpg', 1, /truncated\.jpg: damaged or truncated/],
  ['classify net.onnx flat.npy', 1, /flat\.npy: its shape is 2×867, the model's input N×3×17×17/],
  ['classify net.onnx small.npy', 1, /small\.npy: its shape is 1×3×16×16/],
  ['classify net.onnx nan.npy', 1, /nan\.npy: element 5 is NaN/],
  ['classify net.onnx truncated.npy', 1, /truncated\.npy: byte 500: truncated/],
  ['explain net.onnx nan.npy -o OUT', 1, /nan\.npy: element 5 is NaN/],
  ['explain net.onnx small.npy -o OUT', 1, /small\.npy: its shape/],
  ['run net.onnx --input nan.npy -o OUT', 1, /nan\.npy: element 5 is NaN/],
  ['run net.onnx --input photo.png -o OUT', 1, /photo\.png/],
  ['average line.npy -o OUT/x.png', 1, /line\.npy: expected relevance N×C×H×W/],
  ['average batch.npy small.npy -o OUT/x.png', 1, /small\.npy: its shape is/],
  ['average nan.npy -o OUT/x.png', 1, /nan\.npy: element 5 is NaN/],
  ['average photo.png -o OUT/x.png', 1, /photo\.png/],
  ['average three.txt -o OUT/x.png', 1, /three\.txt/],
  // What the model does not have.
  ['explain net.onnx photo.png --target 5 -o OUT', 1, /target 5: .*5 classes; give an index from 0 to 4/],
  [
    'explain net.onnx photo.png --target zebra -o OUT',
    1,
    /target 'zebra': no label matches; there are 0 'ant', 1 'bee'/,
  ],
  [
    'explain net.onnx photo.png --head age -o OUT',
    1,
    /head 'age': the model has no such output; it has: class/,
  ],
  ['explain net.onnx photo.png --layer conv9 -o OUT', 1, /layer 'conv9': the network has no such layer/],
  ['run net.onnx --input batch.npy --outputs conv9 -o OUT', 1, /no output or layer 'conv9'/],
  // Outputs that cannot be written.
  ['explain net.onnx photo.png -o file', 1, /file: is a file/],
  ['explain net.onnx photo.png -o file/below', 1, /file\/below: a part of the path is a file/],
  ['run net.onnx --input batch.npy -o file/below', 1, /file\/below/],
  ['average batch.npy -o file/below.png', 1, /file/],
  ['average batch.npy -o .', 1, /\.: is a folder/],
  ['compile net.onnx -o file/below.onnx', 1, /file/],
  ['import face-api -o file/below', 1, /file/],
  ['import onnx net.onnx -o .', 1, /\.: is a folder/],
  ['demo -o file', 1, /file: is a file/],
];

describe('a wrong call', () => {
  it.concurrent.each(cases)('limn %s', async (call, expected, line) => {
    const { code, stdout, stderr } = await limn(
      // Two processes do not write into one folder.
      call.split(' ').map((word) => word.replace('OUT', join(out, call.replace(/\W/g, '-')))),
      dir,
    );
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^limn: [^\n]+\n$/);
    expect(stderr).not.toMatch(/unexpected error|TypeError|RangeError|\n\s+at /);
    expect(stdout).toBe('');
    expect(code).toBe(expected);
  });

  it('leaves no files', () => {
    expect(filesIn(out)).toEqual([]);
    expect(filesIn(dir).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});

describe('a bad photo among many', () => {
  it('is reported; the others go on, in order', async () => {
    const photos = ['photo.png', 'none.jpg', 'photo.jpg', 'text.jpg'];
    const { code, stdout, stderr } = await limn(['classify', 'net.onnx', ...photos], dir);
    expect(code).toBe(1);
    expect(stdout.match(/^photo\.\w+/gm)).toEqual(['photo.png', 'photo.jpg']);
    expect(stderr.match(/^limn: [\w.]+/gm)).toEqual(['limn: none.jpg', 'limn: text.jpg']);
  });

  it('is in the record', async () => {
    const to = folder();
    const { code, stdout } = await limn(
      ['explain', 'net.onnx', 'text.jpg', 'photo.png', '-o', to, '--json'],
      dir,
    );
    expect(code).toBe(1);
    const { photos } = JSON.parse(stdout);
    expect(photos[0]).toEqual({ photo: 'text.jpg', error: expect.stringContaining('not an image') });
    expect(photos[1].photo).toBe('photo.png');
    expect(filesIn(to)).toContain('explain.json');
  });
});

it('survives a command line of many photos', async () => {
  const photos = Array.from({ length: 4000 }, () => 'none.jpg');
  const { code, stdout } = await limn(['classify', 'net.onnx', 'photo.png', ...photos], dir);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^photo\.png\n/);
});

it('has ONNX Runtime tell nobody of it and keep nothing at home, unless that is asked for', async () => {
  const keptWith = async (env: Readonly<Record<string, string>>) => {
    const home = folder();
    const { code } = await limn(['classify', 'net.onnx', 'photo.png'], dir, {
      ...{ HOME: home, XDG_CACHE_HOME: '', CI: '' },
      ...env,
    });
    expect(code).toBe(0);
    return filesIn(home);
  };
  expect(await keptWith({})).toEqual([]);
  // ONNX Runtime itself is silent on Windows, and where it takes the machine for one that only tests.
  if (process.platform === 'linux' && !process.env.CI)
    expect(await keptWith({ ORT_DISABLE_TELEMETRY: '0' })).not.toEqual([]);
});

it('shows where an error comes from if --verbose or LIMN_DEBUG asks for it', async () => {
  const { stderr } = await limn(['inspect', 'none.onnx'], dir);
  expect(stderr).not.toContain('    at ');
  const debug = await limn(['inspect', 'none.onnx'], dir, { LIMN_DEBUG: '1' });
  expect(debug.stderr).toContain('    at ');
  expect((await limn(['inspect', 'none.onnx', '-v'], dir)).stderr).toContain('    at ');
});

describe('an early end', () => {
  const photos = Array.from({ length: 400 }, () => 'photo.png');

  it('by Ctrl-C leaves whole files only, and says that the same call goes on', async () => {
    const to = folder();
    const child = spawn(process.execPath, [main, 'explain', 'net.onnx', ...photos, '--no-figure', '-o', to], {
      cwd: dir,
    });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    // The first line tells that work goes on.
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [, signal] = await once(child, 'close');
    expect(signal).toBe('SIGINT');
    expect(stderr).toBe('limn: stopped; the same call goes on from here\n');
    const files = filesIn(to);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((name) => name.endsWith('.tmp') || name === 'explain.json')).toEqual([]);
  });

  it.each([
    'evaluate net.onnx same.txt',
    'faithfulness net.onnx same.txt --methods gradient',
    'clusters net.onnx same.txt',
    'concepts net.onnx same.txt',
  ])('by Ctrl-C of what keeps what is done says that the same call goes on: %s', async (call) => {
    writeFileSync(
      join(dir, 'same.txt'),
      Array.from({ length: 3000 }, (_, i) => `photo.png ${i % 5}\n`).join(''),
    );
    const to = join(folder(), 'out');
    const child = spawn(process.execPath, [main, ...call.split(' '), '-o', to], { cwd: dir });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const closed = once(child, 'close');
    // A folder tells that work has begun; seconds of it are ahead.
    while (!existsSync(to) && child.exitCode === null) await setTimeout(20);
    child.kill('SIGINT');
    expect(await closed).toEqual([null, 'SIGINT']);
    expect(stderr).toBe('limn: stopped; the same call goes on from here\n');
  });

  it('of who reads the results is silent', async () => {
    const child = spawn(process.execPath, [main, 'classify', 'net.onnx', ...photos], { cwd: dir });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await once(child, 'exit');
    expect(stderr).toBe('');
  });
});
