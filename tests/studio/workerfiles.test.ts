import { expect, it, vi } from 'vitest';
import { float32, type Model } from '../../src/graph/index.ts';
import type { Image } from '../../src/image/index.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { studioFiles } from '../../src/studio/worker/files.ts';
import { keptPhoto } from '../../src/studio/worker/photos.ts';

/* What the page's worker keeps of files: read, decoded and derived once, and never of a file that has changed. */

const scaled = (by: number): Model => ({
  graph: {
    name: 'scaled',
    inputs: [{ name: 'x', type: 'float32', shape: [1, 1024] }],
    outputs: [{ name: 'y', type: 'float32', shape: [1, 1024] }],
    nodes: [{ name: 'y', op: 'Mul', inputs: ['x', 'by'], outputs: ['y'], attributes: {} }],
    constants: new Map([['by', float32([1, 1024], new Float32Array(1024).fill(by))]]),
  },
  info: { heads: [], provenance: {} },
});

/** The model's file, and the one beside it that holds its weights. */
function filesOf(by: number): readonly { readonly path: string; readonly source: Blob }[] {
  const { bytes, externalData } = writeOnnx(scaled(by), {
    externalDataPath: 'w.weights',
    externalDataThreshold: 0,
  });
  return [
    { path: 'nets/m.onnx', source: new Blob([new Uint8Array(bytes)]) },
    { path: 'nets/w.weights', source: new Blob(externalData!.parts.map((part) => new Uint8Array(part))) },
  ];
}

const factorOf = ({ model }: { readonly model: Model }) => model.graph.constants.get('by')!.data[0];

it('reads a model once, whatever other files come and go', async () => {
  const files = studioFiles();
  files.give(filesOf(2));
  const before = await files.readModel('nets/m.onnx');
  const version = files.versionOf('nets/m.onnx');
  files.give([{ path: 'a.png', source: new Blob(['a']) }]);
  files.forget(['a.png']);
  expect(await files.readModel('nets/m.onnx')).toBe(before);
  expect(files.versionOf('nets/m.onnx')).toBe(version);
});

it.each(['nets/m.onnx', 'nets/w.weights'])('reads a model again where %s has changed', async (changed) => {
  const files = studioFiles();
  files.give(filesOf(2));
  expect(factorOf(await files.readModel('nets/m.onnx'))).toBe(2);
  const version = files.versionOf('nets/m.onnx');
  files.give(filesOf(3).filter(({ path }) => path === changed));
  const after = await files.readModel('nets/m.onnx');
  expect(factorOf(after)).toBe(changed === 'nets/w.weights' ? 3 : 2);
  expect(files.versionOf('nets/m.onnx')).not.toBe(version);
});

it('knows what a model was read from when others have taken its place', async () => {
  const files = studioFiles();
  files.give(filesOf(2));
  await files.readModel('nets/m.onnx');
  const [{ source }] = filesOf(5);
  const others = ['a', 'b', 'c', 'd'].map((name) => `nets/${name}.onnx`);
  files.give(others.map((path) => ({ path, source })));
  for (const other of others) await files.readModel(other);
  const version = files.versionOf('nets/m.onnx');
  files.give(filesOf(3).slice(1));
  expect(files.versionOf('nets/m.onnx')).not.toBe(version);
  expect(factorOf(await files.readModel('nets/m.onnx'))).toBe(3);
});

it('reads and decodes a photo once for its answer and its explanation', async () => {
  const files = studioFiles();
  const decode = vi.fn(
    async (bytes: Uint8Array): Promise<Image> => ({
      width: 1,
      height: 1,
      channels: 3,
      data: new Uint8Array([bytes[0], 0, 0]),
    }),
  );
  const unused = () => Promise.reject(new Error('not asked for'));
  const images = keptPhoto({ decode, measure: unused, encodePng: unused, drawSvg: unused, draw: unused });
  const photo = async (path: string) => images.decode(await files.read(path), path);
  files.give([
    { path: 'a.png', source: new Blob(['a']) },
    { path: 'b.png', source: new Blob(['b']) },
  ]);
  const [first, second] = await Promise.all([photo('a.png'), photo('a.png')]);
  expect(second).toBe(first);
  expect(decode).toHaveBeenCalledTimes(1);
  expect((await photo('b.png')).data[0]).toBe('b'.charCodeAt(0));
  files.give([{ path: 'b.png', source: new Blob(['c']) }]);
  expect((await photo('b.png')).data[0]).toBe('c'.charCodeAt(0));
});

it('reads what was written in place of what was given, and nothing that was taken away', async () => {
  const files = studioFiles();
  await files.write('made/x.csv', new TextEncoder().encode('1'));
  expect(new TextDecoder().decode(await files.read('made/x.csv'))).toBe('1');
  await files.write('made/x.csv', new TextEncoder().encode('2'));
  expect(new TextDecoder().decode(await files.read('made/x.csv'))).toBe('2');
  files.give([{ path: 'a.png', source: new Blob(['a']) }]);
  await files.read('a.png');
  files.forget(['a.png']);
  await expect(files.read('a.png')).rejects.toThrow('a.png');
});
