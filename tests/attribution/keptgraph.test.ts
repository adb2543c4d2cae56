import fc from 'fast-check';
import { expect, it } from 'vitest';
import { explainer, type Method } from '../../src/attribution/index.ts';
import { keptGraph } from '../../src/attribution/methods/keptgraph.ts';
import type { Graph, Model } from '../../src/graph/index.ts';
import type { RelevanceGraph } from '../../src/relevance/index.ts';
import type { Runtime } from '../../src/runtime/index.ts';
import { images, smallModel } from './net.ts';

const model = (): Model => ({
  graph: { name: 'net', inputs: [], outputs: [], nodes: [], constants: new Map() },
  info: { heads: [], provenance: {} },
});
const made =
  ({ graph }: Model) =>
  (): RelevanceGraph => ({
    graph: { ...graph },
    head: { name: 'y', output: 'y', kind: 'classes' },
    handling: new Map(),
    sums: [],
  });

const plain = fc.oneof(
  fc.constantFrom(undefined, 0, 1, '0', '1', 'NaN', Number.NaN, Number.POSITIVE_INFINITY, true, 'true'),
  fc.string(),
  fc.double(),
  fc.array(fc.string(), { maxLength: 3 }),
);
const fields = fc.dictionary(fc.constantFrom('method', 'gamma', 'upTo', 'at'), plain);

/** The same, compared literally: what is undefined is as if it were not there. */
const same = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => {
    const [x, y] = [a[name], b[name]];
    if (Array.isArray(x) && Array.isArray(y))
      return x.length === y.length && x.every((each, i) => each === y[i]);
    return x === y || (Number.isNaN(x) && Number.isNaN(y));
  });

it('gives the same graph for the same model and fields only', () => {
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      const net = model();
      const first = keptGraph(net, a, made(net));
      const reversed = Object.fromEntries(Object.entries(a).reverse());
      expect(keptGraph(net, reversed, made(net)).graph).toBe(first.graph);
      expect(keptGraph(net, b, made(net)).graph === first.graph).toBe(same(a, b));
      const other = model();
      expect(keptGraph(other, a, made(other)).graph).not.toBe(first.graph);
    }),
  );
});

it('compares no composites and tensors', () => {
  const net = model();
  const asked = { composite: { name: 'own', entries: [] } };
  const first = keptGraph(net, asked, made(net));
  expect(keptGraph(net, asked, made(net)).graph).not.toBe(first.graph);
});

/** One photo's request: an explainer of its own, run as the verbs run photos that come one by one. */
async function graphOf(net: Model, method: Method): Promise<Graph> {
  const loaded: Graph[] = [];
  const runtime: Runtime = {
    async load(graph) {
      loaded.push(graph);
      throw new Error('enough');
    },
  };
  const how = { batch: 1, fixed: true, parallel: 1, session: { threads: 1 } };
  await expect(explainer(net, runtime, { ...method, ...how }).explain(images(1, 1))).rejects.toThrow(
    'enough',
  );
  return loaded[0];
}

it.each<Method>([
  { method: 'lrp' },
  { method: 'lrp', formula: 102 },
  { method: 'gradient' },
  { method: 'gradient-x-input' },
  { method: 'guided-backprop' },
  { method: 'deconvnet' },
  { method: 'excitation-backprop' },
  { method: 'deeplift' },
  { method: 'grad-cam' },
  { method: 'smoothgrad' },
  { method: 'integrated-gradients' },
  { method: 'gradient-shap', baseline: 'zero' },
])('derives $method once for requests of photos one after the other', async (method) => {
  const net = smallModel();
  expect(await graphOf(net, method)).toBe(await graphOf(net, method));
});
