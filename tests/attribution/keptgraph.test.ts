import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keptGraph } from '../../src/attribution/methods/keptgraph.ts';
import type { Model } from '../../src/graph/index.ts';
import type { RelevanceGraph } from '../../src/relevance/index.ts';

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
