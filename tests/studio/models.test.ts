import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOn } from '../../src/hosts/calls.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { preprocess } from '../../src/image/index.ts';
import { explanationOf } from '../../src/studio/models/elsewhere.ts';
import { importPlanOf, missingBeside } from '../../src/studio/models/plan.ts';
import { groupLayers } from '../../src/studio/network/groups.ts';
import { sheetOf } from '../../src/studio/worker/layer.ts';
import { compile, type InspectedLayer, importFromCaffe, inspect } from '../../src/verbs/index.ts';
import { hasChromium, launch } from '../conformance/chromium.ts';
import { noise } from '../nets.ts';
import { runCommand, runProgram } from './programs.ts';
import { serveSite } from './site.ts';

describe('the channels of a layer', () => {
  it('are the strongest of all, which are added up whole', () => {
    const size = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), size, size, fc.integer(), (count, height, width, seed) => {
        const { data } = noise([count, height, width], seed);
        const { channels, sum, whole } = sheetOf(data, [count, height, width]);
        const held = (channel: number, place: number) => data[channel * height * width + place];
        const all = Array.from({ length: count }, (_, channel) => channel);
        const places = Array.from({ length: height * width }, (_, place) => place);
        const absolute = all.map((channel) =>
          places.reduce((total, place) => total + Math.abs(held(channel, place)), 0),
        );
        expect(channels.map((each) => each.absolute)).toEqual(
          absolute.sort((a, b) => b - a).slice(0, channels.length),
        );
        if (count === 1 || places.length === 1) {
          expect(whole).toBeUndefined();
          return;
        }
        const literal = places.map((place) =>
          all.reduce((total, channel) => total + held(channel, place), 0),
        );
        expect(whole).toMatchObject({ width, height });
        for (const place of places) expect(whole!.data[place]).toBeCloseTo(literal[place], 4);
        expect(sum).toBeCloseTo(
          literal.reduce((total, value) => total + value, 0),
          3,
        );
      }),
    );
  });
});

describe('files that are given together', () => {
  it.each([
    [
      ['n/train_val.prototxt', 'n/net.caffemodel', 'n/deploy.prototxt', 'n/mean.binaryproto', 'n/labels.txt'],
      {
        source: 'caffe',
        prototxt: 'n/deploy.prototxt',
        caffemodel: 'n/net.caffemodel',
        mean: 'n/mean.binaryproto',
        labels: 'n/labels.txt',
        name: 'net.onnx',
      },
    ],
    [['v/config.json', 'v/onnx/model.onnx', 'v/README.md'], { source: 'hf', folder: 'v', name: 'v.onnx' }],
    [['t/model.json', 't/weights.bin'], { source: 'tfjs', model: 't/model.json', name: 't.onnx' }],
    [
      ['a.onnx', 'labels.txt'],
      { source: 'onnx', model: 'a.onnx', labels: 'labels.txt', name: 'a-prepared.onnx' },
    ],
    [['net.caffemodel'], undefined],
    [['a.onnx', 'cat.jpg'], undefined],
    [['cat.jpg', 'list.txt'], undefined],
  ])('%j', (paths, plan) => {
    expect(importPlanOf(paths)).toEqual(plan);
    expect(importPlanOf([...paths].reverse())).toEqual(plan);
  });

  it('are told apart from parts of a network that lack the rest', () => {
    const said = ['a/net.caffemodel', 'net.prototxt', 'net.onnx.data', 'net.onnx_data', 'net.h5'];
    for (const path of said) expect(missingBeside(path)).toMatch(/drop|export/);
    for (const path of ['cat.jpg', 'list.txt', 'net.onnx']) expect(missingBeside(path)).toBeUndefined();
  });
});

describe('an explanation as a file', () => {
  const model = join(mkdtempSync(join(tmpdir(), 'limn-compiled-')), 'net.onnx');
  beforeAll(async () => {
    const from = fileURLToPath(new URL('../fixtures/reference/tiny_vgg/', import.meta.url));
    const [prototxt, caffemodel] = [join(from, 'deploy.prototxt'), join(from, 'weights.caffemodel')];
    await importFromCaffe({ prototxt, caffemodel, output: model }, nodeHost);
  });
  afterAll(() => rmSync(dirname(model), { recursive: true, force: true }));

  it.each([
    ['lrp', {}],
    ['lrp', { composite: 'gamma', gamma: 0.1 }],
    ['gradient', {}],
    ['guided-backprop', {}],
    ['deconvnet', {}],
    ['excitation-backprop', {}],
  ] as const)('gives what the page shows: %s %j', async (method, parameters) => {
    const output = model.replace('net', `net-${method}`);
    const column = { model, target: 'predicted', method, parameters };
    await compile({ model, output, ...explanationOf(column) }, nodeHost);
    const photo = fileURLToPath(new URL('../../demo/astronaut-face.png', import.meta.url));
    const shown = await callsOn(nodeHost).explain(model, photo, { method, ...parameters });
    const session = await InferenceSession.create(output);
    const { info } = (await nodeHost.files.readModel(output)).model;
    const input = preprocess([await nodeHost.images.decode(readFileSync(photo), photo)], info.preprocessing!);
    const { relevance } = await session.run({
      data: new Tensor('float32', input.data, input.shape),
      target: new Tensor('int64', [-1n], [1]),
    });
    const values = relevance.data as Float32Array;
    expect(values.length).toBe(shown.relevance.data.length);
    const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    expect(most).toBeGreaterThan(0);
    const apart = values.reduce(
      (largest, value, i) => Math.max(largest, Math.abs(value - shown.relevance.data[i])),
      0,
    );
    expect(apart / most).toBeLessThan(1e-4);
  });
});

describe('layers in blocks', () => {
  const layer = (name: string): InspectedLayer => ({
    index: null,
    name,
    type: 'Conv',
    output: [],
    form: null,
    moves: false,
    rule: null,
    parameters: 0,
    multiplyAdds: 0,
  });
  const grouped = (names: readonly string[], blocks = [] as Parameters<typeof groupLayers>[1]) =>
    groupLayers(names.map(layer), blocks).map((line) =>
      line.kind === 'layer' ? line.layer.name : `${line.name}: ${line.layers.length}`,
    );

  it('are those whose names begin alike, with what stands between them', () => {
    expect(grouped(['conv1', 'inc/1', 'relu', 'inc/2', 'inc/3', 'pool', 'out'])).toEqual([
      'conv1',
      'inc: 4',
      'pool',
      'out',
    ]);
    const torch = ['/layer1/layer1.0/conv1/Conv', '/layer1/layer1.0/relu/Relu', '/layer1/layer1.0/Add'];
    expect(grouped([...torch, '/layer1/layer1.1/conv1/Conv'])).toEqual([
      'layer1/layer1.0: 3',
      '/layer1/layer1.1/conv1/Conv',
    ]);
  });

  it('are what repeats, where names say nothing', () => {
    const names = ['a', 'b', 'c', 'b2', 'c2', 'd'];
    expect(grouped(names, [{ start: 1, length: 2, times: 2 }])).toEqual([
      'a',
      'block 1 of 2: 2',
      'block 2 of 2: 2',
      'd',
    ]);
  });

  it('lose none', () => {
    const names = ['x/a', 'x/b', 'r', 'y/a', 'x/c', 'x/d', 'x/e', 'q'];
    const all = groupLayers(names.map(layer), [{ start: 0, length: 2, times: 4 }]);
    expect(
      all.flatMap((line) => (line.kind === 'layer' ? [line.layer] : line.layers)).map((l) => l.name),
    ).toEqual(names);
  });
});

describe.skipIf(!hasChromium)('the rooms of models', () => {
  const caffe = fileURLToPath(new URL('../fixtures/reference/tiny_vgg/', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'limn-models-'));
  const model = join(folder, 'weights.onnx');
  let server: Awaited<ReturnType<typeof serveSite>>;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const [prototxt, caffemodel] = [join(caffe, 'deploy.prototxt'), join(caffe, 'weights.caffemodel')];
    await importFromCaffe({ prototxt, caffemodel, output: model }, nodeHost);
    server = await serveSite();
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(90_000);
    await page.goto(server.address);
    await page.locator('.stage-numbers').waitFor();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('import a Caffe network as the command line does', async () => {
    await page.getByRole('button', { name: 'Models' }).click();
    const files = ['deploy.prototxt', 'weights.caffemodel'].map((name) => join(caffe, name));
    await page.locator('.models-list input[type=file]').first().setInputFiles(files);
    await page.locator('.models-list button[aria-pressed="true"]', { hasText: 'weights.onnx' }).waitFor();
    const { file } = await inspect({ model }, nodeHost);
    await expect.poll(() => page.locator('.facts').textContent(), { timeout: 30_000 }).toContain(file.sha256);
  });

  it('say how photos are prepared, and explain with it', async () => {
    await page.getByLabel('Cut from the middle').fill('big');
    await page.keyboard.press('Tab');
    await page.getByText("'big' is no size").waitFor();
    expect(await page.getByRole('button', { name: 'Look at photos with this' }).isDisabled()).toBe(true);
    await page.getByLabel('Cut from the middle').fill('');
    await page.keyboard.press('Tab');
    await page.getByLabel('Order of channels').selectOption('rgb');
    await page.getByLabel('Mean, subtracted').fill('104, 117, 123');
    await page.getByRole('button', { name: 'Look at photos with this' }).click();
    await page.locator('.stage-numbers').waitFor();
    await page.getByText(/^lrp: composite/).waitFor();
    expect(await page.getByLabel('Network', { exact: true }).inputValue()).toBe('weights-prepared.onnx');
  });

  it('save networks and their explanations, by the commands that they say', async () => {
    await page.getByRole('button', { name: 'Models' }).click();
    await page.locator('.models-list button', { hasText: /^weights\.onnx$/ }).click();
    await page.getByLabel('Order of channels').selectOption('rgb');
    await page.getByLabel('Mean, subtracted').fill('104, 117, 123');
    await page.keyboard.press('Tab');
    const saved = async (button: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button }).click(),
      ]);
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    };
    const network = await saved('Save as a self-describing .onnx');
    const explanation = await saved('Save the explanation as .onnx');
    await page.locator('.described summary').first().click();
    const command = await page.getByLabel('the command that writes these files').inputValue();

    const work = join(folder, 'elsewhere');
    mkdirSync(work);
    for (const name of ['deploy.prototxt', 'weights.caffemodel'])
      copyFileSync(join(caffe, name), join(work, name));
    expect(command).toBe(
      'limn import caffe deploy.prototxt weights.caffemodel -o weights.onnx\n' +
        'limn import onnx weights.onnx --channels rgb --mean 104,117,123 -o weights-prepared.onnx\n' +
        'limn compile weights-prepared.onnx -o weights-prepared-explain.onnx',
    );
    const program = await page.getByLabel('the program that writes these files').inputValue();
    for (const run of [() => runCommand(command, work), () => runProgram(program, work)]) {
      await run();
      for (const { name, bytes } of [network, explanation]) {
        expect(bytes.equals(readFileSync(join(work, name))), name).toBe(true);
        rmSync(join(work, name));
      }
    }

    // What explains in the file is what is chosen to explain in the page.
    await page.getByRole('button', { name: 'Explain a photo with it' }).click();
    await page.getByLabel('Method', { exact: true }).selectOption('guided-backprop');
    await page.getByRole('navigation').getByRole('button', { name: 'Models' }).click();
    await page.locator('.described summary').first().click();
    const guided = await page.getByLabel('the command that writes these files').inputValue();
    expect(guided).toContain('limn compile weights.onnx --composite guided-backprop --start one -o');
  });

  it('say what is missing beside a part of a network', async () => {
    await page
      .locator('.models-list input[type=file]')
      .first()
      .setInputFiles(join(caffe, 'weights.caffemodel'));
    await page.getByText('drop the .prototxt with it').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('navigation').getByRole('button', { name: 'Explain' }).click();
    await page.getByLabel('Method', { exact: true }).selectOption('lrp');
  });

  it('show what a layer holds of a photo, and where relevance went', async () => {
    await page.getByLabel('Network', { exact: true }).selectOption('face-api-age-gender.onnx');
    await page.locator('.answer', { hasText: 'female' }).waitFor();
    await page.getByRole('button', { name: 'Network', exact: true }).click();
    await page.locator('.layers details', { hasText: 'exit' }).first().locator('summary').click();
    await page.locator('.layer', { hasText: /^fc_gender/ }).click();
    const sheets = page.locator('.sheet h3');
    await sheets.nth(1).waitFor();
    expect(await sheets.allTextContents()).toEqual([
      expect.stringMatching(/^Activations 2, sum -?[\d.e-]+/),
      expect.stringMatching(/^Relevance 2, sum 0\.8798,/),
    ]);
    await page.locator('.layer', { hasText: /^conv_in/ }).click();
    await page.getByLabel('relevance of all channels together').waitFor();
    await page.locator('.depth').waitFor();
    expect(await page.locator('.depth tbody tr').first().textContent()).toMatch(
      /^fc_gender epsilon.*0\.8798/,
    );
  });
});
