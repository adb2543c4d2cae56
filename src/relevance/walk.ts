import type { Graph, Node, Tensor } from '../graph/index.ts';
import type { Inference, Role, Site } from '../operators/index.ts';
import type { Reference } from './reference.ts';

/** The lowest and the highest network input: a black and a white pixel, 1×C×1×1 or 1×C×H×W. */
export interface Bounds {
  readonly low: Tensor<'float32'>;
  readonly high: Tensor<'float32'>;
}

/** What rules have to know about the walk that they are part of. */
export interface Walk {
  readonly graph: Graph;
  readonly known: Inference;
  /** The node that makes each value. */
  readonly producers: ReadonlyMap<string, Node>;
  /** Values that are never negative: rules need no second product for them. */
  readonly nonNegative: ReadonlySet<string>;
  readonly bounds: Bounds | undefined;
  /** The network on another input, for rules that compare. */
  readonly reference?: Reference | undefined;
  /** Relevance that is equal over the channels of a group: its one channel per group, by its full value. */
  readonly narrow: Map<string, string>;
}

/** Accounts by node name. */
export type Ledger = Map<string, Account>;

/** What a node did with its relevance, as values of the graph to be summed over everything but the batch. */
export interface Account {
  readonly received: readonly string[];
  readonly passed: string[];
  /** Absorbed by biases. */
  readonly bias: string[];
  /** Absorbed by stabilisers of denominators, or by denominators of zero. */
  readonly stabiliser: string[];
  /** Given to zero padding. */
  readonly padding: string[];
}

/** Relevance on its way through a node, to one of the node's inputs. */
export interface Passage {
  readonly site: Site;
  readonly role: Role;
  readonly relevance: string;
  readonly input: number;
  readonly walk: Walk;
  readonly account: Account | undefined;
}
