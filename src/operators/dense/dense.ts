import { float32, type GraphBuilder } from '../../graph/index.ts';
import type { LinearMap } from '../linear.ts';
import type { Site } from '../site.ts';

/** What tells one matrix product (Gemm, MatMul) from another. */
export interface Product {
  readonly bias?: string;
  apply(b: GraphBuilder, x: string, weight: string, bias: string | undefined): string;
  transpose(b: GraphBuilder, s: string, weight: string): string;
  /** The weights' axis over which inputs are summed. */
  readonly weightAxis: 0 | 1;
}

/** A fully connected layer as a linear map: x …×D, weights D×K or K×D, output …×K. */
export function denseMap(site: Site, product: Product): LinearMap {
  const inner = site.dims(1)[product.weightAxis];
  const rank = site.shape(0).length;
  return {
    kind: 'dense',
    input: 0,
    weight: site.input(1),
    bias: product.bias,
    groups: 1,
    fanIn: inner,
    cells: 1,
    apply: (b, x, weight, bias) => product.apply(b, x, weight!, bias),
    transpose: (b, s, weight) => product.transpose(b, s, weight!),
    windowSum: (b, weight) => b.op('ReduceSum', [weight!, b.ints(product.weightAxis)], { keepdims: 0 }),
    perOutput: (_, vector) => vector,
    seen: () => float32([1], [inner]),
    spread: (b, s, narrow) => (narrow ? s : b.op('ReduceSum', [s, b.ints(rank - 1)], { keepdims: 1 })),
    widen: (b, narrow) =>
      b.op('Expand', [narrow, b.ints(...Array.from({ length: rank - 1 }, () => 1), inner)]),
  };
}
