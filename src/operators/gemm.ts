import type { GraphBuilder } from '../graph/index.ts';
import { denseMap } from './dense.ts';
import type { Operator } from './operator.ts';
import type { Site } from './site.ts';

/** y = alpha·A·B + beta·C with optional transposes; A is M×D (D×M if transA), B D×K (K×D if transB). */
export const gemm: Operator = {
  op: 'Gemm',

  shapes(site) {
    const [a, b] = [site.shape(0), site.shape(1)];
    if (a.length !== 2 || b.length !== 2) site.fail(`needs two matrices, got [${a}] and [${b}]`);
    const [rows, inner] = flag(site, 'transA') ? [a[1], a[0]] : a;
    const [depth, columns] = flag(site, 'transB') ? [b[1], b[0]] : b;
    if (inner !== depth) site.fail(`matrices [${a}] and [${b}] do not fit`);
    return [[rows, columns]];
  },

  role(site) {
    if (!site.constant(1) || flag(site, 'transA')) return { kind: 'product' };
    const attributes = site.node.attributes;
    const scale = site.float('alpha', 1);
    const transB = flag(site, 'transB');
    return {
      kind: 'linear',
      map: denseMap(site, {
        bias: site.has(2) ? site.input(2) : undefined,
        apply: (b, x, weight, bias) => b.op('Gemm', bias ? [x, weight, bias] : [x, weight], attributes),
        transpose: (b, s, weight) => product(b, s, weight, false, !transB, scale),
        weightAxis: transB ? 1 : 0,
        scale,
      }),
    };
  },

  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    const scale = site.float('alpha', 1);
    const [ta, tb] = [flag(site, 'transA'), flag(site, 'transB')];
    const [left, right] = [site.input(0), site.input(1)];
    if (input === 0) return ta ? product(b, right, dy, tb, true, scale) : product(b, dy, right, false, !tb, scale);
    if (input === 1) return tb ? product(b, dy, left, true, ta, scale) : product(b, left, dy, !ta, false, scale);
    const shape = site.shape(2);
    const beta = site.float('beta', 1);
    const axes = shape.length === 2 ? shape.flatMap((dim, i) => (dim === 1 ? [i] : [])) : [0];
    const whole = shape.length === 2 ? dy : site.dims(2)[0] === 1 ? b.op('ReduceSum', [dy, b.ints(1)], { keepdims: 0 }) : dy;
    const sum = axes.length > 0 ? b.op('ReduceSum', [whole, b.ints(...axes)], { keepdims: shape.length === 2 ? 1 : 0 }) : whole;
    const shaped = shape.length === 1 ? b.op('Reshape', [sum, b.ints(site.dims(2)[0])]) : sum;
    return beta === 1 ? shaped : b.op('Mul', [shaped, b.scalar(beta)]);
  },
};

const flag = (site: Site, name: string): boolean => site.int(name, 0) === 1;

/** alpha · op(left) · op(right). */
function product(b: GraphBuilder, left: string, right: string, transA: boolean, transB: boolean, alpha: number): string {
  if (!transA && !transB && alpha === 1) return b.op('MatMul', [left, right]);
  return b.op('Gemm', [left, right], {
    ...(transA && { transA: 1 }),
    ...(transB && { transB: 1 }),
    ...(alpha !== 1 && { alpha: { float: alpha } }),
  });
}
