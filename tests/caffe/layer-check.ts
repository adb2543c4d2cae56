import { expect } from 'vitest';
import { exportCaffe, importNet, parsePrototxt, readCaffemodel, upgradeNet } from '../../src/caffe/index.ts';
import { float32, type Model } from '../../src/graph/index.ts';
import { lower } from '../../src/operators/index.ts';
import type { NdArray } from '../reference/array.ts';
import { runGraph } from '../run.ts';

export interface LayerCase {
  readonly type: string;
  /** The layer's parameters as prototxt. */
  readonly params?: string;
  readonly inputs: readonly NdArray[];
  readonly blobs?: readonly NdArray[];
  /** One array per top. */
  readonly expected: readonly NdArray[];
  /** What an export is: the same layer again unless given, others that compute the same, or refused. */
  readonly exported?: 'equivalent' | 'refused';
}

/**
 * Holds a layer to a float64 reference: imported, run by ONNX Runtime as limn runs it, shapes as inferred; then exported, imported
 * again, and the same graph.
 */
export async function checkLayer({
  type,
  params = '',
  inputs,
  blobs = [],
  expected,
  exported,
}: LayerCase): Promise<void> {
  const names = inputs.map((_, i) => `x${i}`);
  const tops = expected.map((_, i) => `y${i}`);
  const shapes = inputs.map(
    (x) => `input_shape { ${[1, ...x.shape.slice(1)].map((n) => `dim: ${n}`).join(' ')} }`,
  );
  const text = `name: "net" ${names.map((name) => `input: "${name}"`).join(' ')} ${shapes.join(' ')}
    layer { name: "layer" type: "${type}" ${names.map((name) => `bottom: "${name}"`).join(' ')}
      ${tops.map((name) => `top: "${name}"`).join(' ')} ${params} }`;
  const tensors = blobs.map(({ shape, data }) => float32(shape, data));
  const weights = blobs.length > 0 ? new Map([['layer', { type, blobs: tensors }]]) : new Map();
  const model = importNet(upgradeNet(parsePrototxt(text, 'net'), 'net'), 'net', { weights });
  const feeds = Object.fromEntries(inputs.map(({ shape, data }, i) => [`x${i}`, float32(shape, data)]));
  await expectResults(model);
  if (exported === 'refused') expect(() => exportCaffe(model)).toThrow('cannot be written as a Caffe layer');
  else if (exported === 'equivalent') await expectResults(exportedAgain(model));
  else expectRoundTrip(model);

  async function expectResults(model: Model): Promise<void> {
    const results = await runGraph(lower(model.graph), feeds);
    for (const { name, shape } of model.graph.outputs) {
      expect(results[name].shape.slice(1), `the inferred shape of ${name}`).toEqual(shape.slice(1));
    }
    expected.forEach((reference, i) => {
      const result = results[`y${i}`];
      expect(result.shape, text).toEqual(reference.shape);
      const scale = reference.data.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
      reference.data.forEach((value, j) => {
        const error = Math.abs(Number(result.data[j]) - value);
        if (!(error <= 5e-6 * scale))
          expect.fail(`${text}\ny${i}[${j}] is ${result.data[j]}, should be ${value}`);
      });
    });
  }
}

/** A model as it is after an export to Caffe's files. */
function exportedAgain(model: Model): Model {
  const { prototxt, caffemodel } = exportCaffe(model);
  return importNet(parsePrototxt(prototxt, 'again'), 'again', {
    weights: model.graph.constants.size > 0 ? readCaffemodel(caffemodel, 'again') : new Map(),
  });
}

/** Exports a model to Caffe's files, imports them again, and expects an equal model. Returns it. */
export function expectRoundTrip(model: Model): Model {
  const again = exportedAgain(model);
  expect(again.graph.inputs).toEqual(model.graph.inputs);
  expect(again.graph.outputs).toEqual(model.graph.outputs);
  expect(again.graph.nodes).toEqual(model.graph.nodes);
  expect(again.info.heads).toEqual(model.info.heads);
  expect([...again.graph.constants.keys()].sort()).toEqual([...model.graph.constants.keys()].sort());
  for (const [name, { type, shape, data }] of model.graph.constants) {
    const other = again.graph.constants.get(name)!;
    expect({ name, type: other.type, shape: other.shape }).toEqual({ name, type, shape });
    // Element by element in plain code: networks have millions of them.
    const different = (other.data as Float32Array).findIndex((value, i) => !Object.is(value, data[i]));
    if (different >= 0)
      expect.fail(`${name}[${different}] is ${other.data[different]}, was ${data[different]}`);
  }
  return again;
}
