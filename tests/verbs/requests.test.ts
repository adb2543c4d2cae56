import type * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { planRequest, runPlanRequest } from '../../src/plan/index.ts';
import { plan } from '../../src/plan/plan.node.ts';
import { runPlan } from '../../src/plan/run.node.ts';
import { dataLmdb } from '../../src/verbs/data/lmdb.node.ts';
import { dataSquare } from '../../src/verbs/data/square.node.ts';
import * as verbs from '../../src/verbs/index.ts';
import { test } from '../../src/verbs/test/test.node.ts';
import { train } from '../../src/verbs/train/train.node.ts';

/** Requests of every verb around a model that are right but for the files that they name. */
const requests = {
  average: [verbs.average, verbs.averageRequest, { maps: ['a.npy'], output: 'mean.png' }],
  classify: [verbs.classify, verbs.classifyRequest, { model: 'net.onnx', photos: ['a.png'] }],
  compare: [verbs.compare, verbs.compareRequest, { results: ['a'] }],
  compile: [verbs.compile, verbs.compileRequest, { model: 'net.onnx', output: 'c.onnx' }],
  dataLists: [verbs.dataLists, verbs.dataListsRequest, { folds: 'folds', output: 'lists' }],
  dataLmdb: [dataLmdb, verbs.dataLmdbRequest, { lists: ['a.txt'], images: '.', output: 'db' }],
  dataMean: [verbs.dataMean, verbs.dataMeanRequest, { data: 'a.txt', output: 'mean.binaryproto' }],
  dataShow: [verbs.dataShow, verbs.dataShowRequest, { data: 'a.txt' }],
  dataSquare: [dataSquare, verbs.dataSquareRequest, { folder: 'faces', output: 'squares' }],
  demo: [verbs.demo, verbs.demoRequest, {}],
  doctor: [verbs.doctor, verbs.doctorRequest, { model: 'net.onnx', data: 'a.csv' }],
  evaluate: [verbs.evaluate, verbs.evaluateRequest, { models: ['net.onnx'], data: 'a.csv', output: 'out' }],
  explain: [verbs.explain, verbs.explainRequest, { model: 'net.onnx', photos: ['a.png'] }],
  faces: [verbs.faces, verbs.facesRequest, { photos: ['a.png'], output: 'out' }],
  grid: [verbs.grid, verbs.gridRequest, { models: ['net.onnx'], output: 'out' }],
  importFaceApi: [verbs.importFaceApi, verbs.importFaceApiRequest, {}],
  importFromCaffe: [
    verbs.importFromCaffe,
    verbs.importCaffeRequest,
    { prototxt: 'a.prototxt', caffemodel: 'a.caffemodel', output: 'a.onnx' },
  ],
  importFromHuggingFace: [
    verbs.importFromHuggingFace,
    verbs.importHuggingFaceRequest,
    { folder: 'vit', output: 'a.onnx' },
  ],
  importFromTfjs: [verbs.importFromTfjs, verbs.importTfjsRequest, { model: 'model.json', output: 'a.onnx' }],
  importFromToolbox: [
    verbs.importFromToolbox,
    verbs.importToolboxRequest,
    { network: 'net.txt', output: 'a.onnx' },
  ],
  importFromOnnx: [verbs.importFromOnnx, verbs.importOnnxRequest, { model: 'net.onnx', output: 'a.onnx' }],
  init: [verbs.init, verbs.initRequest, { prototxt: 'a.prototxt', output: 'a.caffemodel' }],
  inspect: [verbs.inspect, verbs.inspectRequest, { model: 'net.onnx' }],
  page: [verbs.page, verbs.pageRequest, { model: 'net.onnx', photo: 'a.png', output: 'out' }],
  plan: [plan, planRequest, { spec: 'a.yaml', output: 'plan.json' }],
  plot: [verbs.plot, verbs.plotRequest, { runs: ['run'], output: 'a.svg' }],
  report: [verbs.report, verbs.reportRequest, { comparison: 'compared' }],
  runPlan: [runPlan, runPlanRequest, { plan: 'plan.json' }],
  test: [test, verbs.testRequest, { model: 'net.onnx' }],
  train: [train, verbs.trainRequest, { solver: 'a.prototxt', output: 'run' }],
  runModel: [verbs.runModel, verbs.runModelRequest, { model: 'net.onnx', input: ['a.npy'], output: 'out' }],
  saveExplanations: [
    verbs.saveExplanations,
    verbs.saveRequest,
    { model: 'net.onnx', photos: ['a.png'], output: 'out' },
  ],
} as const;

/** Verbs with requests of all types alike. */
type AnyVerb = (
  request: object,
  host: typeof nodeHost,
  watch?: { readonly signal: AbortSignal },
) => Promise<unknown>;
interface AnySchema {
  readonly entries: Readonly<Record<string, v.GenericSchema>>;
}

const table = Object.entries(requests).map(
  ([name, [verb, schema, right]]) =>
    [name, verb as unknown as AnyVerb, schema as unknown as AnySchema, right as object] as const,
);

describe.each(table)('a request of %s', (_, verb, { entries }, right) => {
  it.each(Object.keys(entries))('with a wrong %s is refused before anything is read', async (field) => {
    const asked = verb({ ...right, [field]: Number.NaN }, nodeHost);
    const error = await asked.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: 'LimnError', kind: 'request' });
    expect((error as Error).message).toMatch(new RegExp(`^${field}\\b`));
    expect((error as Error).message).not.toMatch(/--|undefined|\[object/);
  });

  it('with a field too many, or one missing, is refused', async () => {
    await expect(verb({ ...right, frobnicate: 1 }, nodeHost)).rejects.toThrow(
      'frobnicate: there is no such field; leave it out',
    );
    for (const field of Object.keys(right)) {
      const { [field as keyof typeof right]: gone, ...rest } = right;
      expect(gone).toBeDefined();
      await expect(verb(rest, nodeHost)).rejects.toThrow(`${field}: it is missing; give it`);
    }
  });
});

// Those of plans have signals of their own, or nothing to stop.
const stoppable = table.filter(([name]) => name !== 'plan' && name !== 'runPlan');

it.each(stoppable)('%s that was stopped before it began is not begun', async (_, verb, _schema, right) => {
  const reason = new Error('enough');
  await expect(verb(right, nodeHost, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
