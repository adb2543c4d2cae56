import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectedText } from '../../src/cli/print/network.ts';
import { float32, GraphBuilder } from '../../src/graph/index.ts';
import { writeNpy } from '../../src/image/index.ts';
import { loadModel, nodeHost } from '../../src/node.node.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import {
  classify,
  type ImportOnnxRequest,
  importFaceApi,
  importFromCaffe,
  importFromHuggingFace,
  importFromOnnx,
  importFromTfjs,
  importFromToolbox,
  inspect,
} from '../../src/verbs/index.ts';
import { foreign } from '../onnx/support.ts';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);
const fixtures = fileURLToPath(new URL('../fixtures/tfjs/', import.meta.url));
const photo = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));

/** A network for colour pictures of any size and three classes, as exporters write one: without what limn says of it. */
function network(): Uint8Array {
  const b = new GraphBuilder('net');
  const x = b.input({ name: 'pixel_values', type: 'float32', shape: ['batch', 3, 'height', 'width'] });
  const weights = float32(
    [3, 3, 2, 2],
    Array.from({ length: 36 }, (_, i) => Math.sin(i)),
  );
  const made = b.op('Relu', [b.op('Conv', [x, b.weight('w', weights)])]);
  const pooled = b.op('Flatten', [b.op('GlobalAveragePool', [made])], { axis: 1 });
  b.output(pooled, { name: 'logits', type: 'float32', shape: ['batch', 3] });
  return foreign(writeOnnx({ graph: b.build(), info: { heads: [], provenance: {} } }).bytes);
}

function write(path: string, content: string | Uint8Array | object): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const isData = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(path, isData ? content : JSON.stringify(content));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'limn-import-'));
  write(at('vit', 'onnx', 'model.onnx'), network());
  write(at('vit', 'config.json'), { id2label: { 0: 'ant', 1: 'bee', 2: 'cat' }, num_channels: 3 });
  write(at('vit', 'preprocessor_config.json'), {
    image_processor_type: 'ViTImageProcessor',
    size: { height: 20, width: 24 },
    resample: 3,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('says how a network gets the size of its pictures where its file leaves that open', async () => {
  const model = at('vit', 'onnx', 'model.onnx');
  const request = { model, output: at('sized.onnx') };
  await expect(importFromOnnx(request, nodeHost)).rejects.toThrow(
    /dimension 2 of 'pixel_values' is not fixed \('height'\); import the network with inputShape$/,
  );
  await importFromOnnx({ ...request, inputShape: [1, 3, 9, 8] }, nodeHost);
  expect((await loadModel(request.output)).model.graph.inputs[0].shape.slice(1)).toEqual([3, 9, 8]);
});

it('refuses a folder that is called as a file of the model would be', async () => {
  const request = { output: join(tmpdir(), 'limn-no-folder.onnx') };
  await expect(importFaceApi(request, nodeHost)).rejects.toThrow(
    'it is the folder to write into; give one: face-api-age-gender.onnx is written there',
  );
});

describe('importFromHuggingFace', () => {
  it('makes a model that knows its labels, its photos and its input', async () => {
    const output = at('vit.onnx');
    const { heads, preprocessing } = await importFromHuggingFace({ folder: at('vit'), output }, nodeHost);
    expect(heads).toEqual([
      { name: 'class', output: 'logits', kind: 'classes', labels: ['ant', 'bee', 'cat'] },
    ]);
    expect(preprocessing).toEqual({
      resize: { height: 20, width: 24, mode: 'stretch', filter: 'bicubic' },
      channels: 'rgb',
      mean: [127.5, 127.5, 127.5],
      scale: 2 / 255,
    });
    const { model } = await loadModel(output);
    expect(model.graph.inputs[0].shape).toEqual(['batch', 3, 20, 24]);
    const answers = [];
    for await (const answer of [await classify({ model: output, photos: [photo] }, nodeHost)])
      answers.push(answer);
    expect(answers).toHaveLength(1);
  });

  it('lets the request say otherwise', async () => {
    const labels = ['x', 'y', 'z'];
    const request = { folder: at('vit'), output: at('other.onnx'), labels, resizeFilter: 'lanczos' as const };
    const { heads, preprocessing } = await importFromHuggingFace(request, nodeHost);
    expect(heads[0].labels).toEqual(labels);
    expect(preprocessing?.resize?.filter).toBe('lanczos');
  });

  it('says what is missing, and how to make it', async () => {
    const run = (name: string, more = {}) =>
      importFromHuggingFace({ folder: at(name), output: at('no.onnx'), ...more }, nodeHost);
    write(at('weights', 'config.json'), {});
    write(at('weights', 'model.safetensors'), '');
    await expect(run('weights')).rejects.toThrow(
      /it holds no \.onnx file; export its weights: .*optimum-cli/,
    );
    write(at('timm', 'config.json'), '{"pretrained_cfg": {}}');
    write(at('timm', 'model.safetensors'), '');
    await expect(run('timm')).rejects.toThrow(/timm\.create_model\('local-dir:/);
    write(at('several', 'a.onnx'), network());
    write(at('several', 'onnx', 'b.onnx'), network());
    await expect(run('several')).rejects.toThrow(/it holds a\.onnx, onnx\/b\.onnx; say which file/);
    await expect(run('several', { file: 'a.onnx' })).rejects.toThrow(/config\.json: there is no such file/);
    await expect(run('gone')).rejects.toThrow(/there is no such folder/);
    write(at('labels', 'model.onnx'), network());
    write(at('labels', 'config.json'), { id2label: { 0: 'a', 1: 'b' } });
    cpSync(at('vit', 'preprocessor_config.json'), at('labels', 'preprocessor_config.json'));
    await expect(run('labels')).rejects.toThrow(/config\.json: 2 names for the 3 classes of output 'class'/);
  });
});

describe('importFromOnnx', () => {
  it('prepares photos as torchvision does for its weights', async () => {
    write(at('net.onnx'), network());
    const request = { model: at('net.onnx'), output: at('preset.onnx') };
    const run = (preset: string) =>
      importFromOnnx({ ...request, preset, inputShape: [1, 3, 224, 224] }, nodeHost);
    const { preprocessing } = await run('Swin_T_Weights.IMAGENET1K_V1');
    expect(preprocessing).toEqual({
      resize: { height: 232, width: 232, mode: 'shorter-side', filter: 'bicubic' },
      crop: { height: 224, width: 224, rounding: 'even' },
      channels: 'rgb',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    });
    await expect(run('ResNet5_Weights.IMAGENET1K_V2')).rejects.toThrow(
      /did you mean ResNet50_Weights\.IMAGENET1K_V2/,
    );
    await expect(run('Inception_V3_Weights.IMAGENET1K_V1')).rejects.toThrow(
      /299×299, the network takes 224×224/,
    );
    expect((await loadModel(at('preset.onnx'))).model.info.provenance.preset).toBe(
      'Swin_T_Weights.IMAGENET1K_V1',
    );
  });
});

describe('an import of which nothing says how pixel values are scaled', () => {
  const notes = async (more: Partial<ImportOnnxRequest>) => {
    write(at('plain.onnx'), network());
    const said: string[] = [];
    const request = { model: at('plain.onnx'), output: at('plain-prepared.onnx'), inputShape: [1, 3, 8, 8] };
    await importFromOnnx({ ...request, ...more }, nodeHost, { on: ({ text }) => said.push(text) });
    return said;
  };

  it.each<[string, Partial<ImportOnnxRequest>, number]>([
    ['nothing is given', {}, 1],
    ['only a size is', { resize: 12, channels: 'bgr' }, 1],
    ['a mean is', { mean: [104, 117, 123] }, 0],
    ['a scale is, if only 1', { scale: 1 }, 0],
    ['a preset is', { preset: 'ResNet18_Weights.IMAGENET1K_V1', inputShape: [1, 3, 224, 224] }, 0],
  ])('says so where %s, and not otherwise', async (_, more, count) => {
    const said = await notes(more);
    expect(said).toHaveLength(count);
    for (const text of said) expect(text).toMatch(/^nothing says how pixel values are scaled: 0 to 255/);
  });

  it('takes a model of its own as it is', async () => {
    await notes({});
    expect(
      await notes({ model: at('plain-prepared.onnx'), output: at('again.onnx'), inputShape: undefined }),
    ).toEqual([]);
  });
});

describe('importFromTfjs', () => {
  it('makes a model of what Teachable Machine exports', async () => {
    cpSync(join(fixtures, 'teachable'), at('teachable'), { recursive: true });
    const request = { model: at('teachable', 'model.json'), output: at('teachable.onnx') };
    const { heads, preprocessing } = await importFromTfjs(request, nodeHost);
    expect(heads[0]).toMatchObject({ name: 'class', kind: 'classes', labels: ['cat', 'dog', 'none'] });
    expect(preprocessing).toEqual({
      resize: { height: 16, width: 16, mode: 'shorter-side' },
      crop: { height: 16, width: 16 },
      channels: 'rgb',
      mean: [127, 127, 127],
      scale: 1 / 127,
    });
    const { graph } = readOnnx(new Uint8Array(readFileSync(at('teachable.onnx'))), 'teachable');
    expect(graph.inputs[0].shape).toEqual(['N', 3, 16, 16]);
  });

  it('names files that are missing', async () => {
    write(at('half', 'model.json'), readFileSync(join(fixtures, 'graph', 'model.json'), 'utf8'));
    const request = { model: at('half', 'model.json'), output: at('half.onnx') };
    await expect(importFromTfjs(request, nodeHost)).rejects.toThrow(/half\/weights\.bin/);
  });
});

describe('importFromToolbox', () => {
  // Whether two numbers have the same sign: |x + y| against |x - y|.
  const sameSign =
    'Linear 2 4\n1 -1 1 -1\n1 -1 -1 1\n0 0 0 0\nRect\nLinear 4 2\n0 1\n0 1\n1 0\n1 0\n0 0\nSoftMax\n';

  it('makes a model that answers about vectors as the toolbox keeps them', async () => {
    write(at('same-sign.txt'), sameSign);
    write(at('labels.txt'), 'different\nsame\n');
    write(at('pairs.npy'), writeNpy(float32([4, 2], [1, 1, -1, 1, 1, -1, -1, -1])));
    const output = at('same-sign.onnx');
    const request = { network: at('same-sign.txt'), output, labels: at('labels.txt') };
    const { heads } = await importFromToolbox(request, nodeHost);
    expect(heads[0].labels).toEqual(['different', 'same']);
    const { photos } = await classify({ model: output, photos: [at('pairs.npy')] }, nodeHost);
    const labels = photos.map((photo) => {
      const answer = 'outputs' in photo ? photo.outputs.class : undefined;
      return answer?.kind === 'classes' ? answer.top[0].label : answer;
    });
    expect(labels).toEqual(['same', 'different', 'different', 'same']);
  });

  it('makes the same model of a pickle of its objects, whatever it is called', async () => {
    const of = (name: string) => fileURLToPath(new URL(`../fixtures/toolbox/${name}`, import.meta.url));
    write(at('objects.txt'), readFileSync(of('protocol-2.nn')));
    const graphs = [of('network.txt'), of('python2-0.nn'), at('objects.txt')].map(async (path, i) => {
      const output = at(`objects-${i}.onnx`);
      await importFromToolbox({ network: path, output }, nodeHost);
      return readOnnx(new Uint8Array(readFileSync(output)), output).graph;
    });
    const [text, ...objects] = await Promise.all(graphs);
    for (const graph of objects) expect(graph).toEqual(text);
  });

  it('says how objects of MATLAB become text', async () => {
    write(at('net.nn'), new Uint8Array([0x80, 2, 0x63]));
    write(at('net.mat'), new TextEncoder().encode(`MATLAB 5.0 MAT-file${' '.repeat(109)}`));
    const run = (name: string) =>
      importFromToolbox({ network: at(name), output: at('objects.onnx') }, nodeHost);
    await expect(run('net.nn')).rejects.toThrow(/net\.nn: a pickle of Python .*: it ends too early$/);
    await expect(run('net.mat')).rejects.toThrow(/objects of MATLAB; .*in its folder matlab$/);
  });
});

it('notes how the faces were cut out that a network was trained on, whatever it is imported from', async () => {
  const caffe = fileURLToPath(new URL('../fixtures/reference/tiny_vgg/', import.meta.url));
  const from: Readonly<Record<string, (output: string, faces: object) => Promise<unknown>>> = {
    onnx: (output, faces) =>
      importFromOnnx({ model: at('net.onnx'), output, inputShape: [1, 3, 8, 8], ...faces }, nodeHost),
    hf: (output, faces) => importFromHuggingFace({ folder: at('vit'), output, ...faces }, nodeHost),
    tfjs: (output, faces) =>
      importFromTfjs({ model: join(fixtures, 'teachable', 'model.json'), output, ...faces }, nodeHost),
    caffe: (output, faces) => {
      const [prototxt, caffemodel] = [join(caffe, 'deploy.prototxt'), join(caffe, 'weights.caffemodel')];
      return importFromCaffe({ prototxt, caffemodel, output, ...faces }, nodeHost);
    },
  };
  write(at('net.onnx'), network());
  for (const [name, run] of Object.entries(from)) {
    const output = at(`faces-${name}.onnx`);
    await run(output, { faceAlign: 'rotation', faceMargin: 0.1 });
    expect((await loadModel(output)).model.info.faces, name).toEqual({ align: 'rotation', margin: 0.1 });
    const inspected = await inspect({ model: output }, nodeHost);
    expect(inspectedText(inspected), name).toMatch(/^faces +turned upright, border 0\.1$/m);
    await expect(run(at(`none-${name}.onnx`), { faceMargin: 0.1 }), name).rejects.toThrow(/faceMargin/);
  }
});
