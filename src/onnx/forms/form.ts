import type { Attributes, Shape } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Pattern, PatternMatch } from '../../operators/forms/pattern.ts';

/** An operation that stands for others, between values that are there already. */
export interface Piece {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes?: Attributes;
}

/** What a form may ask and add while it is put in the place of what it was found in. */
export interface Tools {
  shape(value: string): Shape | undefined;
  constant(value: string): Tensor | undefined;
  /** Adds a constant and returns its name. */
  hold(tensor: Tensor): string;
  /** Adds an operation before the last and returns its value. */
  add(piece: Piece): string;
}

/** An operation that files write by its parts. */
export interface Form {
  readonly pattern: Pattern;
  /** The one operation, the last if it needs more; undefined where the parts do not make it after all. */
  make(found: PatternMatch, tools: Tools): Piece | undefined;
}
