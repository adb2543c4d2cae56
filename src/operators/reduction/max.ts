import { float32, type GraphBuilder, multiplyDims, size, type Tensor } from '../../graph/index.ts';
import { keepsOrder } from '../fold.ts';
import type { Operator } from '../operator.ts';
import { computing, constantShape } from '../shape/computing.ts';
import type { Site } from '../site.ts';
import { evaluateReduction } from './evaluate.ts';
import { globalReduction, keepDims, type Reduction, reductionOf } from './reduction.ts';

/** A maximum or minimum over axes; the first element that attains it, in row-major order, is the winner. */
function extremum(
  op: string,
  reduction: (site: Site) => Reduction,
  join: (x: number, y: number) => number,
): Operator {
  return {
    op,
    shapes: (site) => [reduction(site).output],
    role: () => ({ kind: 'max' }),
    nonNegative: (site, known) => known(site.input(0)),
    evaluate: (site, [x]) =>
      x &&
      evaluateReduction(x, reduction(site), {
        join: (a, b) => (typeof a === 'number' && typeof b === 'number' ? join(a, b) : undefined),
      }),
    vjp(b, site, [dy], input) {
      if (dy === undefined || input !== 0) return undefined;
      const reduced = reduction(site);
      const maxima = keepDims(b, site.node.outputs[0], reduced);
      const share = keepDims(b, dy, reduced);
      return b.op('Where', [isFirst(b, site, reduced, maxima), share, b.scalar(0)]);
    },
    competition(b, site) {
      const reduced = reduction(site);
      return {
        values: [site.input(0)],
        rank: reduced.kept.length,
        axes: reduced.axes,
        among: (value) => keepDims(b, value, reduced),
        back: ([shares]) => shares,
      };
    },
  };
}

export const reduceMax = extremum('ReduceMax', reductionOf, Math.max);
export const reduceMin = extremum('ReduceMin', reductionOf, Math.min);
export const globalMaxPool: Operator = {
  ...extremum('GlobalMaxPool', globalReduction, Math.max),
  through: keepsOrder,
};

/** The product over axes; of shapes, computed while a file is read. */
export const reduceProd = computing('ReduceProd', {
  shapes(site) {
    constantShape(site);
    return [reductionOf(site).output];
  },
  evaluate: (site, [x]) => x && evaluateReduction(x, reductionOf(site), { join: multiplyDims }),
});

/** Whether an element is the first that equals its maximum: of all that do, it has the lowest position. */
function isFirst(b: GraphBuilder, site: Site, { axes }: Reduction, maxima: string): string {
  const lengths = site.shape(0).map((_, i) => (axes.includes(i) ? site.dim(0, i) : 1));
  const position = b.table(`positions ${lengths}`, () => positions(lengths));
  const attained = b.op('Where', [b.op('Equal', [site.input(0), maxima]), position, b.scalar(size(lengths))]);
  return b.op('Equal', [position, b.op('ReduceMin', [attained, b.ints(...axes)], { keepdims: 1 })]);
}

// Floats, since integers are slow or missing on WebGPU; exact up to 2²⁴ elements.
function positions(lengths: readonly number[]): Tensor<'float32'> {
  return float32(
    lengths,
    Float32Array.from({ length: size(lengths) }, (_, i) => i),
  );
}
