import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import { afterAll } from 'vitest';
import { NetParameterSchema, writeCaffemodel, writePrototxt } from '../../src/caffe/index.ts';
import { float32, type Model } from '../../src/graph/index.ts';
import { writeNpy } from '../../src/image/index.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { noise, tinyInception } from '../nets.ts';

/** The built command line. */
export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
if (!existsSync(main)) throw new Error('dist/ is not built: npm run build');

export interface Outcome {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in a process of its own; `input` is its standard input. */
export function limn(
  args: readonly string[],
  cwd = tmpdir(),
  env: Readonly<Record<string, string>> = {},
  input: Uint8Array | string = '',
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        resolve({ code: error ? (error.code ?? error.signal ?? null) : 0, stdout, stderr });
      },
    );
    // Who does not read its input may have ended before.
    child.stdin?.on('error', () => {}).end(input);
  });
}

/** An empty folder that is removed after the tests. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'limn-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** All files below a folder but what limn keeps of its own, by relative path. */
export function filesIn(path: string): string[] {
  return (readdirSync(path, { recursive: true }) as string[])
    .filter((name) => !/(^|\/)\.limn/.test(name) && !statSync(join(path, name)).isDirectory())
    .sort();
}

/** What every file of a folder holds, without where the folder is. */
export const placeless = (folder: string): Record<string, string> =>
  Object.fromEntries(
    filesIn(folder).map((file) => [
      file,
      readFileSync(join(folder, file), 'latin1').replaceAll(JSON.stringify(folder).slice(0, -1), '"OUT'),
    ]),
  );

/** A small classifier of five classes for photos of 17×17. */
export function tinyModel(info: Partial<Model['info']> = {}): Model {
  return {
    graph: tinyInception(),
    info: {
      preprocessing: {
        resize: { height: 20, width: 20, mode: 'stretch' },
        crop: { height: 17, width: 17 },
        channels: 'bgr',
        mean: [104, 117, 123],
        scale: 1 / 2000,
      },
      heads: [
        { name: 'class', output: 'prob', kind: 'classes', labels: ['ant', 'bee', 'cat', 'dog', 'tiger cat'] },
      ],
      provenance: { made: 'for tests' },
      ...info,
    },
  };
}

/** Writes what the tests feed the command line with, and returns the folder. */
export async function fixtures(): Promise<string> {
  const dir = folder();
  const write = (name: string, data: Uint8Array | string) => writeFileSync(join(dir, name), data);
  const onnx = writeOnnx(tinyModel()).bytes;
  write('net.onnx', onnx);
  write('truncated.onnx', onnx.subarray(0, onnx.length >> 1));
  write('empty.onnx', '');
  write('text.onnx', 'this is no model\n');
  const { graph, info } = tinyModel();
  const { preprocessing: _, ...bare } = info;
  write('bare.onnx', writeOnnx({ graph, info: bare }).bytes);
  const broken = new Map(graph.constants).set('fc.bias', float32([5], [1, Number.NaN, 0, 0, 0]));
  write('nan.onnx', writeOnnx({ ...tinyModel(), graph: { ...graph, constants: broken } }).bytes);

  const { default: sharp } = await import('sharp');
  const picture = sharp({ create: { width: 40, height: 30, channels: 3, background: '#c08040' } });
  const jpeg = await picture.jpeg().toBuffer();
  write('photo.jpg', jpeg);
  write('photo.png', await picture.png().toBuffer());
  write('truncated.jpg', jpeg.subarray(0, jpeg.length - 40));
  write('text.jpg', 'this is no photo\n');

  write('batch.npy', writeNpy(noise([2, 3, 17, 17], 7)));
  write('flat.npy', writeNpy(noise([2, 3 * 17 * 17], 7)));
  write('line.npy', writeNpy(noise([3 * 17 * 17], 7)));
  write('small.npy', writeNpy(noise([1, 3, 16, 16], 7)));
  const nan = noise([1, 3, 17, 17], 7);
  nan.data[5] = Number.NaN;
  write('nan.npy', writeNpy(nan));
  write('truncated.npy', writeNpy(noise([2, 3, 17, 17], 7)).subarray(0, 500));
  write('three.txt', 'one\ntwo\nthree\n');

  const net = create(NetParameterSchema, {
    name: 'tiny',
    input: ['data'],
    inputDim: [1, 3, 8, 8],
    layer: [
      {
        name: 'fc',
        type: 'InnerProduct',
        bottom: ['data'],
        top: ['fc'],
        innerProductParam: { numOutput: 3 },
      },
      { name: 'prob', type: 'Softmax', bottom: ['fc'], top: ['prob'] },
    ],
  });
  write('deploy.prototxt', writePrototxt(net));
  write('wrong.prototxt', 'name: "x"\nlayer { name: "fc" type: "InnerProduct" bottom: data }\n');
  const weights = (inputs: number) =>
    new Map([['fc', { type: 'InnerProduct', blobs: [noise([3, inputs], 1), noise([3], 2)] }]]);
  write('net.caffemodel', writeCaffemodel(net, weights(192)));
  write('other.caffemodel', writeCaffemodel(net, weights(100)));
  return dir;
}
