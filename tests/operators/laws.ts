import { expect } from 'vitest';
import type { GraphBuilder, Shape } from '../../src/graph/index.ts';
import { type LinearMap, type Site, withWeights } from '../../src/operators/index.ts';
import { build, count, type NdArray } from '../reference/array.ts';
import { expectClose } from './close.ts';
import { array } from './random.ts';

/** A check's outputs beside the node's own: what to add to the graph, and what to expect of the results. */
export interface Law {
  readonly outputs: Readonly<Record<string, { value: string; shape: Shape }>>;
  readonly feeds: Readonly<Record<string, NdArray>>;
  readonly verify: (results: Readonly<Record<string, NdArray>>) => void;
}

interface Given {
  readonly operands: Readonly<Record<string, NdArray>>;
  readonly output: NdArray;
  readonly next: () => number;
}

const dot = (a: NdArray, b: NdArray): number => {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((sum, value, i) => sum + value * b.data[i], 0);
};

/** What must hold between the parts of a linear map, whatever the operator. */
export function linearLaws(
  b: GraphBuilder,
  site: Site,
  derived: LinearMap,
  { operands, output, next }: Given,
): Law[] {
  const map = withWeights(b, derived);
  const name = site.input(map.input);
  const shape = operands[name].shape;
  const [inShape, outShape] = [site.shape(map.input), site.output()];
  const [u, s] = [array(next, shape), array(next, output.shape)];
  const uName = b.input({ name: 'u', type: 'float32', shape: inShape });
  const sName = b.input({ name: 's', type: 'float32', shape: outShape });
  const feeds = { u, s };
  const own = map.weight;
  // Other weights of both signs, and all ones.
  const other = own && b.op('Sub', [b.op('Mul', [own, own]), b.scalar(0.5)]);
  const ones = own && b.op('Add', [b.op('Mul', [own, b.scalar(0)]), b.scalar(1)]);
  const oneInput = b.op('Expand', [b.scalar(1), b.op('Shape', [name])]);

  const applied = map.apply(b, uName, other, undefined);
  const adjoint: Law = {
    outputs: {
      applied: { value: applied, shape: outShape },
      transposed: { value: map.transpose(b, sName, other), shape: inShape },
    },
    feeds,
    verify(r) {
      const [left, right] = [dot(r.applied, s), dot(u, r.transposed)];
      expect(Math.abs(left - right), `<apply(u), s> = ${left}, <u, transpose(s)> = ${right}`).toBeLessThan(
        1e-5 * (1 + Math.sqrt(dot(r.applied, r.applied) * dot(s, s))),
      );
    },
  };

  const outputs: Record<string, string> = { forward: map.apply(b, name, own, map.bias) };
  if (map.bias !== undefined) {
    outputs.biasedAfter = b.op('Add', [map.apply(b, name, own, undefined), map.perOutput(b, map.bias)]);
  }
  const forward: Law = {
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([key, value]) => [key, { value, shape: outShape }]),
    ),
    feeds: {},
    verify(r) {
      for (const key of Object.keys(outputs)) expectClose(r[key], output, `the map's ${key}`);
    },
  };

  // Fixed weights are what each window shares out evenly: transposing undoes the division.
  const even = own
    ? sName
    : b.op('Mul', [sName, b.op('Div', [b.constant(map.seen()), map.apply(b, oneInput, ones, undefined)])]);
  const spreading: Law = {
    outputs: {
      spread: { value: map.widen(b, map.spread(b, sName, false)), shape: inShape },
      evenly: { value: map.transpose(b, even, ones), shape: inShape },
    },
    feeds: {},
    verify: (r) => expectClose(r.spread, r.evenly, 'spread and widened'),
  };

  const broadcast = (value: string) => b.op('Add', [b.op('Mul', [site.node.outputs[0], b.scalar(0)]), value]);
  const seeing: Law = {
    outputs: {
      onOnes: { value: map.apply(b, oneInput, ones, undefined), shape: outShape },
      otherOnOnes: { value: map.apply(b, oneInput, other, undefined), shape: outShape },
      windowSum: {
        value: broadcast(map.windowSum(b, other)),
        shape: outShape,
      },
      seen: {
        value: broadcast(b.constant(map.seen())),
        shape: outShape,
      },
    },
    feeds: {},
    verify(r) {
      if (own !== undefined) expectClose(r.seen, r.onOnes, 'the inputs seen');
      if (site.node.op === 'ConvTranspose') return;
      const whole = r.seen.data.map((n) => (n === map.fanIn * map.cells ? 1 : 0));
      const where = (a: NdArray): NdArray => ({ shape: a.shape, data: a.data.map((v, i) => v * whole[i]) });
      expectClose(where(r.windowSum), where(r.otherOnOnes), 'the sum of the weights of whole windows');
    },
  };

  return [adjoint, forward, spreading, seeing, ...narrowLaw(b, map, { output, next })];
}

/** One channel per group in, the same as with all others zero. */
function narrowLaw(b: GraphBuilder, map: LinearMap, { output, next }: Omit<Given, 'operands'>): Law[] {
  const axis = map.kind === 'dense' ? output.shape.length - 1 : 1;
  const channels = output.shape[axis];
  if (channels === undefined || channels % map.groups !== 0) return [];
  const narrow = array(next, output.shape.with(axis, map.groups));
  const perGroup = channels / map.groups;
  const wide = build(output.shape, (index) => {
    if (index[axis] % perGroup !== 0) return 0;
    const from = index.with(axis, index[axis] / perGroup);
    let place = 0;
    from.forEach((n, i) => {
      place = place * narrow.shape[i] + n;
    });
    return narrow.data[place];
  });
  const declare = (name: string, a: NdArray) =>
    b.input({ name, type: 'float32', shape: ['N', ...a.shape.slice(1)] });
  const [narrowName, wideName] = [declare('narrow', narrow), declare('wide', wide)];
  return [
    {
      outputs: {
        fromNarrow: { value: map.spread(b, narrowName, true), shape: [] },
        fromWide: { value: map.spread(b, wideName, false), shape: [] },
      },
      feeds: { narrow, wide },
      verify(r) {
        expectClose(r.fromNarrow, r.fromWide, 'spread from one channel per group');
        expect(count(r.fromNarrow.shape)).toBeGreaterThan(0);
      },
    },
  ];
}
