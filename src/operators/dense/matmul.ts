import { type GraphBuilder, mayEqual, ownDomain, type Shape, size } from '../../graph/index.ts';
import type { Foldable } from '../fold.ts';
import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { countPerImage, sumTo } from '../shaping.ts';
import type { Site } from '../site.ts';
import { numbersOf, places } from '../value.ts';
import { denseMap, foldableDense, plainGemm } from './dense.ts';

/** Products that are added up of constants while a file is read: a few bytes of it must not take minutes. */
const mostProducts = 2 ** 27;

/** Matrix product over the last two axes: x …×M×D times w D×K (or …×D×K). */
export const matmul: Operator = {
  op: 'MatMul',

  shapes(site) {
    const [a, b] = [site.shape(0), site.shape(1)];
    if (a.length < 2 || b.length < 2)
      site.fail(`needs at least two dimensions on both sides, got [${a}] and [${b}]`);
    if (!mayEqual(a.at(-1)!, b.at(-2)!)) site.fail(`matrices [${a}] and [${b}] do not fit`);
    return [[...broadcast(site, a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!]];
  },

  role(site) {
    if (!site.constant(1) || site.shape(1).length !== 2) return { kind: 'product', form: 'matrices' };
    return {
      kind: 'linear',
      map: denseMap(site, { apply, transpose, weightAxis: 0 }),
    };
  },

  multiplyAdds,

  evaluate(site, [a, b]) {
    const [left, right] = [a && numbersOf(a), b && numbersOf(b)];
    const shape = matmul.shapes(site)[0].map(Number);
    const [rows, columns] = shape.slice(-2);
    const inner = a?.shape.at(-1) ?? 0;
    if (!left || !right || !(size(shape) * inner <= mostProducts)) return undefined;
    const batch = shape.slice(0, -2);
    const [ofLeft, ofRight] = [a!, b!].map((each) => places(each.shape.slice(0, -2), batch));
    const data = Array.from({ length: size(shape) }, (_, i) => {
      const matrix = Math.floor(i / (rows * columns));
      const [row, column] = [Math.floor(i / columns) % rows, i % columns];
      let sum = 0;
      for (let k = 0; k < inner; k++)
        sum +=
          left[(ofLeft[matrix] * rows + row) * inner + k] *
          right[(ofRight[matrix] * inner + k) * columns + column];
      return sum;
    });
    return [{ shape, data }];
  },

  foldable: (site) =>
    foldableDense(site, {
      transposed: false,
      alpha: 1,
      beta: 1,
      rebuild: (biased) => rebuilt(site, biased),
    }),

  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    const swap = (value: string, shape: Shape) => {
      const perm = shape.map((_, i) => i);
      [perm[perm.length - 2], perm[perm.length - 1]] = [perm.length - 1, perm.length - 2];
      return b.op('Transpose', [value], { perm });
    };
    const full =
      input === 0
        ? b.op('MatMul', [dy, swap(site.input(1), site.shape(1))])
        : b.op('MatMul', [swap(site.input(0), site.shape(0)), dy]);
    const own = site.shape(input);
    return sumTo(b, full, [...site.output().slice(0, -2), ...own.slice(-2)], own);
  },
};

/**
 * y = x·w + bias over the last axis, of any rank: what a dense layer is that stands on sequences or positions, which ONNX
 * writes as two operators and whose weights and bias rules have to see together. Of limn's own domain: it is made where
 * a network is brought into the form that rules are for, and is MatMul and Add again when it runs.
 */
export const biasedMatMul: Operator = {
  op: 'Dense',
  shapes: (site) => [[...site.shape(0).slice(0, -1), site.dim(1, 1)]],
  role: (site) => ({
    kind: 'linear',
    map: denseMap(site, { bias: site.input(2), apply, transpose, weightAxis: 0 }),
  }),
  multiplyAdds,
  foldable: (site) =>
    foldableDense(site, {
      transposed: false,
      alpha: 1,
      beta: 1,
      rebuild: (biased) => rebuilt(site, biased),
    }),
  vjp(b, site, cotangents, input) {
    const [dy] = cotangents;
    return input === 2
      ? dy && sumTo(b, dy, site.output(), site.shape(2))
      : matmul.vjp(b, site, cotangents, input);
  },
  lower: (b, site) => apply(b, site.input(0), site.input(1), site.input(2)),
};

function multiplyAdds(site: Site): number {
  return countPerImage(site.output()) * Number(site.shape(0).at(-1));
}

function apply(b: GraphBuilder, x: string, weight: string, bias: string | undefined): string {
  const y = b.op('MatMul', [x, weight]);
  return bias ? b.op('Add', [y, bias]) : y;
}

function transpose(b: GraphBuilder, s: string, weight: string): string {
  return b.op('MatMul', [s, b.op('Transpose', [weight], { perm: [1, 0] })]);
}

/** MatMul has no room for a bias; Gemm has, but takes nothing but matrices. */
function rebuilt(site: Site, biased: boolean): ReturnType<Foldable['rebuild']> {
  if (!biased) return { op: 'MatMul', attributes: {} };
  return site.shape(0).length === 2
    ? plainGemm({})
    : { op: biasedMatMul.op, domain: ownDomain, attributes: {} };
}
