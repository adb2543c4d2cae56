import { type Attributes, float32, type GraphBuilder } from '../../graph/index.ts';
import type { Foldable } from '../fold.ts';
import type { LinearMap } from '../linear.ts';
import { floatConstant } from '../shaping.ts';
import type { Site } from '../site.ts';

/** What tells one matrix product (Gemm, MatMul) from another. */
export interface MatrixProduct {
  readonly bias?: string | undefined;
  apply(b: GraphBuilder, x: string, weight: string, bias: string | undefined): string;
  transpose(b: GraphBuilder, s: string, weight: string): string;
  /** The weights' axis over which inputs are summed. */
  readonly weightAxis: 0 | 1;
}

/** A fully connected layer as a linear map: x …×D, weights D×K or K×D, output …×K. */
export function denseMap(site: Site, product: MatrixProduct): LinearMap {
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

/** What tells one matrix product from another when it is taken apart. */
interface Factors {
  /** The weights are K×D rather than D×K. */
  readonly transposed: boolean;
  readonly alpha: number;
  readonly beta: number;
  readonly rebuild: Foldable['rebuild'];
}

/** A product with constant weights taken apart; undefined also where the bias is not one number per output. */
export function foldableDense(
  site: Site,
  { transposed, alpha, beta, rebuild }: Factors,
): Foldable | undefined {
  const weight = floatConstant(site, 1);
  if (weight?.shape.length !== 2) return undefined;
  const [rows, columns] = weight.shape;
  const row = (i: number) => Math.floor(i / columns);
  const column = (i: number) => i % columns;
  const [inputs, outputs] = transposed ? [columns, rows] : [rows, columns];
  const bias = site.has(2) ? biasPerOutput(site, outputs)?.map((c) => c * beta) : undefined;
  if (site.has(2) && !bias) return undefined;
  const axis = site.shape(0).length - 1;
  return {
    weight,
    ...(bias && { bias }),
    inputs,
    outputs,
    inputAxis: axis,
    outputAxis: axis,
    inputOf: transposed ? column : row,
    outputOf: transposed ? row : column,
    factor: alpha,
    hasFactors: alpha !== 1 || beta !== 1,
    uniform: true,
    rebuild,
  };
}

/** Gemm without factors, on rows of which each is an input: the one product of matrices that has room for a bias. */
export const plainGemm = (attributes: Attributes): ReturnType<Foldable['rebuild']> => ({
  op: 'Gemm',
  attributes,
});

/** Gemm's C as one number per column; undefined where it is no constant or rows differ. */
function biasPerOutput(site: Site, outputs: number): readonly number[] | undefined {
  if (
    !site.constant(2) ||
    site
      .dims(2)
      .slice(0, -1)
      .some((n) => n !== 1)
  )
    return undefined;
  const values = site.constants(2);
  if (values.length === outputs) return values;
  return values.length === 1 ? Array.from({ length: outputs }, () => values[0]) : undefined;
}
