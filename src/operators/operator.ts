import type { DataType, GraphBuilder, Node, Shape } from '../graph/index.ts';
import type { ChannelAffine, Foldable } from './fold.ts';
import type { LinearMap } from './linear.ts';
import type { Span } from './shapes.ts';
import type { Site } from './site.ts';
import type { Elements } from './value.ts';

/**
 * What an operation means to relevance propagation.
 * - `linear`: affine in one input; the rules of the composite apply.
 * - `activation`: element by element; relevance passes.
 * - `movement`: elements are moved, copied or dropped; the VJP moves relevance as it does gradients. Cells that it puts
 *   around them (`pads`) take relevance as the padding of a convolution does.
 * - `max`: one input element wins; the VJP gives relevance to the winner.
 * - `normalisation`: divides by a function of neighbours.
 * - `sum`: of several non-constant inputs, or over axes; `signs` of its inputs, 1 unless given; `linear: false` where it is
 *   a function of a sum of functions (a norm).
 * - `product`: of two non-constant inputs: element by element, a quotient or a power of such, or of matrices.
 * - `softmax`: scores to probabilities; explanations start below it, but attention has it inside.
 * - `standardisation`: divides by a statistic of the input itself (its deviation, its root mean square, its norm).
 * - `index`: shapes, positions and conditions; nothing flows through it.
 */
export type Role =
  | { readonly kind: 'linear'; readonly map: LinearMap }
  | { readonly kind: 'movement'; readonly pads?: boolean }
  | { readonly kind: 'product'; readonly form: 'elements' | 'quotient' | 'power' | 'matrices' }
  | { readonly kind: 'sum'; readonly signs?: readonly (1 | -1)[]; readonly linear?: false }
  | {
      readonly kind: 'activation' | 'index' | 'max' | 'normalisation' | 'standardisation' | 'softmax';
    };

/** How scores become probabilities, or the logarithms of such. */
export type Link = 'softmax' | 'log-softmax' | 'sigmoid';

/** A standardisation with a divisor that does not depend on its input: affine, and of the input's shape. */
export interface FixedScale {
  /** Its transpose: from the output's side to the input's. */
  transpose(s: string): string;
  /** What it adds, broadcastable to the output; undefined where that is nothing. */
  readonly bias?: string;
}

/** The values of which a maximum (or minimum) takes one: they compete along some axes, and with those of the other tensors. */
export interface Competition {
  readonly values: readonly string[];
  /** How many dimensions they have. */
  readonly rank: number;
  /** Along which axes of each they compete; none where only tensors compete with each other. */
  readonly axes: readonly number[];
  /** A value in the output's shape, broadcastable to each of `values`. */
  among(value: string): string;
  /** What shares, one for each of `values`, add up to at an input. */
  back(shares: readonly string[], input: number): string;
}

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

  /** The outputs of inputs that are all known (undefined: left out); undefined where it cannot be said. */
  evaluate?(site: Site, inputs: readonly (Elements | undefined)[]): readonly Elements[] | undefined;

  /** Whether {@link evaluate} needs the shapes of its inputs only. */
  readonly ofShapes?: boolean;

  /** Whether it is an operator without inputs. */
  readonly noInput?: boolean;

  /** The operator set that it came with, where that is later than limn's: it is lowered before it runs. */
  readonly since?: number | ((node: Node) => number);

  /** Products that are added up, per image (of symbolic dimensions, one counts); none unless given. */
  multiplyAdds?(site: Site): number;

  /** What the first output has of the first input: all of it as it is, or its elements in order in another shape. */
  readonly keeps?: 'all' | 'elements';

  /** Makes probabilities of scores. */
  readonly link?: Link;

  /**
   * Whether the output times `factor` lies between 0 and 1 since it was computed to weigh another value; `input` says
   * so of an input times a factor. Where it is not given, an operation that `keeps` its input's elements asks that.
   */
  gate?(site: Site, factor: number, input: (i: number, factor: number) => boolean): boolean;

  /**
   * Of an operation over positions of N×C×…: which positions of an input some of the output's depend on, axis by axis;
   * undefined for all. Where it is not given, operations that are known to work position by position see the same ones.
   */
  sees?(site: Site, spans: readonly Span[], input: number): readonly Span[] | undefined;

  /** Whether it chooses among classes: its outputs are labels beside scores. */
  readonly chooses?: boolean;

  /** Whether its `ceil_mode` decides how many windows there are. */
  readonly roundsWindows?: boolean;

  /** Of a standardisation: the affine operation that it is where what it divides by is taken for a constant. */
  fixedScale?(b: GraphBuilder, site: Site): FixedScale;

  /** Of a maximum over windows: their mean, as a node of its own. Errors: windows for which there is none. */
  average?(b: GraphBuilder, site: Site): string;

  /** Of a maximum or minimum: the values that compete for each output. */
  competition?(b: GraphBuilder, site: Site): Competition;

  /** The scale and shift per channel that it is, with constants; undefined where it is none. */
  affine?(site: Site): ChannelAffine | undefined;

  /**
   * Of an operation that a scale and shift can change places with: those of its inputs that come to the same as this one
   * of its output; undefined where none do.
   */
  through?(site: Site, affine: ChannelAffine): readonly ChannelAffine[] | undefined;

  /** Whether it is max(x, 0). */
  readonly rectifies?: true;

  /** A linear operation taken apart so that scales and shifts beside it can be merged into it; undefined if they cannot. */
  foldable?(site: Site): Foldable | undefined;
}
