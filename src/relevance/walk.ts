import type { Tensor } from '../graph/index.ts';

/** What rules have to know about the walk that they are part of. */
export interface Walk {
  /** Values that are never negative: rules need no second product for them. */
  readonly nonNegative: ReadonlySet<string>;
  /** The lowest and highest network input (a black and a white pixel), 1×C×1×1 or 1×C×H×W. */
  readonly bounds?: { readonly low: Tensor<'float32'>; readonly high: Tensor<'float32'> };
  /** Relevance that is equal over the channels of a group: its one channel per group, by its full value. */
  readonly narrow: Map<string, string>;
  /** Where each layer's account of gains and losses is kept, if one is asked for. */
  readonly ledger?: Ledger;
}

/** Sums over everything but the batch, by layer; values of the graph. */
export type Ledger = Map<string, Account>;

export interface Account {
  /** The operation's role or rule, for the report. */
  readonly rule: string;
  /** The values whose sums are relevance that arrived. */
  readonly received: readonly string[];
  /** The values whose sums are relevance that was passed on. */
  readonly passed: string[];
  /** Absorbed by biases: values to sum. */
  readonly bias: string[];
  /** Absorbed by stabilisers: values to sum. */
  readonly stabiliser: string[];
}
