import type { GraphBuilder, Tensor } from '../graph/index.ts';

/** An operation that is affine in one input, taken apart so that rules can run it with other inputs and weights. */
export interface LinearMap {
  readonly kind: 'convolution' | 'dense' | 'average' | 'affine';
  /** Which of the node's inputs is the variable. */
  readonly input: number;
  /** The weights; absent where they are fixed and positive (average pooling). */
  readonly weight?: string | undefined;
  readonly bias?: string | undefined;
  /**
   * Makes the weights and bias where they are not inputs of the node but follow from them (BatchNormalization,
   * Div, Sub); then `weight` and `bias` are absent. See {@link withWeights}.
   */
  readonly derive?:
    | ((b: GraphBuilder) => { readonly weight?: string | undefined; readonly bias?: string | undefined })
    | undefined;
  /** Groups of channels that do not see each other. */
  readonly groups: number;
  /** Input channels that one output sees; 1 where channels stay apart. */
  readonly fanIn: number;
  /** Kernel cells per channel: kh·kw, and 1 for dense layers. */
  readonly cells: number;

  /** The operation on another input with other weights: Σ x·w + bias, in the output's shape. */
  apply(b: GraphBuilder, x: string, weight: string | undefined, bias: string | undefined): string;

  /** Its transpose: Σ_j w_ij·s_j, from the output's shape to the input's. */
  transpose(b: GraphBuilder, s: string, weight: string | undefined): string;

  /** Σ of the weights over each output's whole window, padding included; broadcasts against the output. */
  windowSum(b: GraphBuilder, weight: string | undefined): string;

  /** A per-output-channel vector (a bias) in a shape that broadcasts against the output. */
  perOutput(b: GraphBuilder, vector: string): string;

  /** How many input elements each output really sees (padding is none); broadcasts against the output. */
  readonly seen: () => Tensor<'float32'>;

  /**
   * The transpose with all weights one, on one channel per group: from s (N×K×…, or N×groups×… if `narrow`) to
   * N×groups×…; cheap, since all channels of a group get the same.
   */
  spread(b: GraphBuilder, s: string, narrow: boolean): string;

  /** One channel per group (as {@link spread} makes) repeated to the input's shape. */
  widen(b: GraphBuilder, narrow: string): string;
}

/** The map with its weights and bias as values, whether it has them or derives them. */
export function withWeights(b: GraphBuilder, map: LinearMap): LinearMap {
  return map.derive ? { ...map, ...map.derive(b) } : map;
}
