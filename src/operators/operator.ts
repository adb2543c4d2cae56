import type { DataType, GraphBuilder, Shape } from '../graph/index.ts';
import type { LinearMap } from './linear.ts';
import type { Site } from './site.ts';

/**
 * What an operation means to relevance propagation.
 * - `linear`: affine in one input; the rules of the composite apply.
 * - `activation`: element by element; relevance passes.
 * - `movement`: elements are moved, copied or dropped; the VJP moves relevance as it does gradients.
 * - `max`: one input element wins; the VJP gives relevance to the winner.
 * - `normalisation`: divides by a function of neighbours.
 * - `sum`, `product`: of several non-constant inputs.
 * - `softmax`: scores to probabilities; explanations start below it.
 */
export type Role =
  | { readonly kind: 'linear'; readonly map: LinearMap }
  | { readonly kind: 'activation' | 'movement' | 'max' | 'normalisation' | 'sum' | 'product' | 'softmax' };

/** One ONNX operator: everything limn knows about it. */
export interface Operator {
  /** The ONNX operator type, or the type within limn's own domain. */
  readonly op: string;

  /** The shapes of the outputs, in the graph's one operator set. Errors: inputs that do not fit. */
  shapes(site: Site): readonly Shape[];

  /** The types of the outputs; the first input's unless given. */
  types?(site: Site): readonly DataType[];

  role(site: Site): Role;

  /**
   * The vector–Jacobian product: from the cotangents of the outputs (undefined where none arrives) the nodes that
   * compute the cotangent of the given input, in that input's shape. Undefined where no gradient flows to it.
   */
  vjp(
    b: GraphBuilder,
    site: Site,
    cotangents: readonly (string | undefined)[],
    input: number,
  ): string | undefined;

  /** Whether no output element is ever negative, given which values are known not to be. */
  nonNegative?(site: Site, known: (value: string) => boolean): boolean;

  /** The equivalent in other ONNX operators, where ONNX Runtime's own kernel is slow or absent; undefined to keep it. */
  lower?(b: GraphBuilder, site: Site): string | undefined;
}
