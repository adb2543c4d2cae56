import { type GraphBuilder, mayEqual } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { countPerImage, sumTo } from '../shaping.ts';
import type { Site } from '../site.ts';
import { denseMap, foldableDense, plainGemm } from './dense.ts';

/** y = alpha·A·B + beta·C with optional transposes; A is M×D (D×M if transA), B D×K (K×D if transB). */
export const gemm: Operator = {
  op: 'Gemm',

  shapes(site) {
    const [a, b] = [site.shape(0), site.shape(1)];
    if (a.length !== 2 || b.length !== 2) site.fail(`needs two matrices, got [${a}] and [${b}]`);
    const [rows, inner] = flag(site, 'transA') ? [a[1], a[0]] : a;
    const [depth, columns] = flag(site, 'transB') ? [b[1], b[0]] : b;
    if (!mayEqual(inner, depth)) site.fail(`matrices [${a}] and [${b}] do not fit`);
    return [[rows, columns]];
  },

  role(site) {
    if (!site.constant(1) || flag(site, 'transA')) return { kind: 'product', form: 'matrices' };
    const transB = flag(site, 'transB');
    const own = { weight: site.input(1), bias: site.has(2) ? site.input(2) : undefined };
    const map = denseMap(site, {
      bias: own.bias,
      apply: (b, x, weight, bias) =>
        b.op('Gemm', bias ? [x, weight, bias] : [x, weight], transB ? { transB: 1 } : {}),
      transpose: (b, s, weight) => product(b, s, weight, false, !transB, 1),
      weightAxis: transB ? 1 : 0,
    });
    const [alpha, beta] = [site.float('alpha', 1), site.float('beta', 1)];
    if (alpha === 1 && beta === 1) return { kind: 'linear', map };
    // The factors belong to the node's own weights and bias: the map is without.
    const derive = (b: GraphBuilder) => ({
      weight: scaled(b, own.weight, alpha),
      bias: own.bias && scaled(b, own.bias, beta),
    });
    return { kind: 'linear', map: { ...map, weight: undefined, bias: undefined, derive } };
  },

  multiplyAdds: (site) => countPerImage(site.output()) * site.dims(1)[flag(site, 'transB') ? 1 : 0],

  foldable(site) {
    if (flag(site, 'transA')) return undefined;
    const transposed = flag(site, 'transB');
    const [alpha, beta] = [site.float('alpha', 1), site.float('beta', 1)];
    const rebuild = () => plainGemm(transposed ? { transB: 1 } : {});
    return foldableDense(site, { transposed, alpha, beta, rebuild });
  },

  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    const scale = site.float('alpha', 1);
    const [ta, tb] = [flag(site, 'transA'), flag(site, 'transB')];
    const [left, right] = [site.input(0), site.input(1)];
    if (input === 0)
      return ta ? product(b, right, dy, tb, true, scale) : product(b, dy, right, false, !tb, scale);
    if (input === 1)
      return tb ? product(b, dy, left, true, ta, scale) : product(b, left, dy, !ta, false, scale);
    const db = sumTo(b, dy, site.output(), site.shape(2));
    return scaled(b, db, site.float('beta', 1));
  },
};

const flag = (site: Site, name: string): boolean => site.int(name, 0) === 1;

const scaled = (b: GraphBuilder, value: string, factor: number): string =>
  factor === 1 ? value : b.op('Mul', [value, b.scalar(factor)]);

/** alpha · op(left) · op(right). */
function product(
  b: GraphBuilder,
  left: string,
  right: string,
  transA: boolean,
  transB: boolean,
  alpha: number,
): string {
  if (!transA && !transB && alpha === 1) return b.op('MatMul', [left, right]);
  return b.op('Gemm', [left, right], {
    ...(transA && { transA: 1 }),
    ...(transB && { transB: 1 }),
    ...(alpha !== 1 && { alpha: { float: alpha } }),
  });
}
