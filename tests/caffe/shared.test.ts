import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { equals } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import {
  caffeLayers,
  filterNet,
  NetParameterSchema,
  parseLabels,
  parsePrototxt,
  parseSolver,
  readCaffemodel,
  readMean,
  readNet,
  SolverParameterSchema,
  upgradeNet,
  writeCaffemodel,
  writeMean,
  writePrototxt,
  writeSolver,
} from '../../src/caffe/index.ts';
import { describeShared, shared, sharedFiles } from '../shared.ts';

const text = (path: string) => readFileSync(shared(path), 'utf8');
const find = (folder: string, end: string): string[] =>
  sharedFiles(folder).filter((path) => path.endsWith(end));

describeShared('every prototxt of the reference data', () => {
  const files = ['adience/model_definitions', 'models', 'reference'].flatMap((f) => find(f, '.prototxt'));
  const solvers = files.filter((path) => /\/solver[^/]*$/.test(path));
  const nets = files.filter((path) => !solvers.includes(path));

  it('are all there', () => {
    expect(solvers.length).toBeGreaterThan(190);
    expect(nets.length).toBeGreaterThan(240);
  });

  it('solvers parse and survive writing', () => {
    for (const path of solvers) {
      const solver = parseSolver(text(path), path);
      expect(solver.baseLr, path).toBeGreaterThan(0);
      expect(equals(SolverParameterSchema, parseSolver(writeSolver(solver), path), solver), path).toBe(true);
    }
  });

  it('nets parse, survive writing, and link up in both phases', () => {
    for (const path of nets) {
      const net = parsePrototxt(text(path), path);
      expect(equals(NetParameterSchema, parsePrototxt(writePrototxt(net), path), net), path).toBe(true);
      const upgraded = upgradeNet(net, path);
      expect(upgraded.layer.length, path).toBe(net.layer.length + net.layers.length);
      for (const phase of ['train', 'test'] as const) {
        expect(caffeLayers(filterNet(upgraded, { phase }, path), path).length, path).toBeGreaterThan(5);
      }
    }
  });
});

describeShared('the layer list', () => {
  const manifests = find('reference', 'manifest.json');
  it('has manifests to compare with', () => expect(manifests.length).toBeGreaterThanOrEqual(5));

  it.each(manifests)('is that of %s', (path) => {
    const { net, layers } = JSON.parse(text(path));
    const file =
      net === 'googlenet_cat' ? 'models/bvlc_googlenet_deploy.prototxt' : `reference/${net}/deploy.prototxt`;
    const definition = upgradeNet(parsePrototxt(text(file), file), file);
    expect(caffeLayers(filterNet(definition, { phase: 'test' }, file), file)).toEqual(layers);
  });
});

/** Shapes and a digest of the values: comparing millions of numbers one by one would take a minute. */
const summary = (weights: ReturnType<typeof readCaffemodel>) =>
  [...weights].map(([name, { type, blobs }]) => ({
    name,
    type,
    blobs: blobs.map(({ shape, data }) => ({
      shape,
      digest: createHash('sha1')
        .update(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
        .digest('hex'),
    })),
  }));

describeShared('weights', () => {
  const files = [...find('models', '.caffemodel'), ...find('reference', '.caffemodel')];
  it('are there', () => expect(files.length).toBeGreaterThanOrEqual(11));

  it.each(files)('%s loads, and again after being written', (path) => {
    const bytes = readFileSync(shared(path));
    const weights = readCaffemodel(bytes, path);
    expect(weights.size).toBeGreaterThan(3);
    for (const { blobs } of weights.values()) {
      for (const blob of blobs) expect(blob.data.every(Number.isFinite)).toBe(true);
    }
    const again = readCaffemodel(writeCaffemodel(readNet(bytes, path), weights), path);
    expect(summary(again)).toEqual(summary(weights));
  });

  it('have the shapes of their layers', () => {
    const path = 'models/bvlc_googlenet.caffemodel';
    const weights = readCaffemodel(readFileSync(shared(path)), path);
    const shapes = (name: string) => weights.get(name)?.blobs.map((blob) => blob.shape);
    expect(shapes('conv1/7x7_s2')).toEqual([[64, 3, 7, 7], [64]]);
    expect(shapes('loss3/classifier')).toEqual([[1000, 1024], [1000]]);
    expect(weights.get('loss3/classifier')?.type).toBe('InnerProduct');
  });
});

describeShared('means and labels', () => {
  it.each([...find('adience/mean', '.binaryproto'), 'models/imagenet_mean.binaryproto'])(
    '%s loads',
    (path) => {
      const mean = readMean(readFileSync(shared(path)), path);
      expect(mean.shape).toEqual([3, 256, 256]);
      const average = mean.data.reduce((sum, value) => sum + value, 0) / mean.data.length;
      expect(average).toBeGreaterThan(60);
      expect(average).toBeLessThan(160);
      const again = readMean(writeMean(mean), path);
      expect(again.shape).toEqual(mean.shape);
      expect(again.data.every((value, i) => value === mean.data[i])).toBe(true);
    },
  );

  it('reads the ImageNet names without their ids', () => {
    const labels = parseLabels(text('models/synset_words.txt'), 'synset_words.txt');
    expect(labels).toHaveLength(1000);
    expect(labels[282]).toBe('tiger cat');
  });
});
