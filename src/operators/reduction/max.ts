import { float32, type GraphBuilder, size, type Tensor } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import type { Site } from '../site.ts';
import { globalReduction, keepDims, type Reduction, reductionOf } from './sum.ts';

/** A maximum over axes; the first element that attains it, in row-major order, is the winner. */
function reducingMax(op: string, reduction: (site: Site) => Reduction): Operator {
  return {
    op,
    shapes: (site) => [reduction(site).output],
    role: () => ({ kind: 'max' }),
    nonNegative: (site, known) => known(site.input(0)),
    vjp(b, site, [dy], input) {
      if (dy === undefined || input !== 0) return undefined;
      const reduced = reduction(site);
      const maxima = keepDims(b, site.node.outputs[0], reduced);
      const share = keepDims(b, dy, reduced);
      return b.op('Where', [isFirst(b, site, reduced, maxima), share, b.scalar(0)]);
    },
  };
}

export const reduceMax = reducingMax('ReduceMax', reductionOf);
export const globalMaxPool = reducingMax('GlobalMaxPool', globalReduction);

/** Whether an element is the first that equals its maximum: of all that do, it has the lowest position. */
function isFirst(b: GraphBuilder, site: Site, { axes }: Reduction, maxima: string): string {
  const lengths = site.shape(0).map((_, i) => (axes.includes(i) ? site.dims(0, i)[0] : 1));
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
