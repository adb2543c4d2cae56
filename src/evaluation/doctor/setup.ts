import type { Graph, Preprocessing } from '../../graph/index.ts';

/** What can be wrong with a model, or with the way it is used. */
export type MistakeKind =
  | 'channels'
  | 'mean'
  | 'scale'
  | 'std'
  | 'normalisation'
  | 'resize'
  | 'crop'
  | 'labels'
  | 'pooling'
  | 'softmax'
  | 'non-finite'
  | 'constant'
  | 'chance';

/** How a model is used: everything that may be wrong about it. */
export interface Setup {
  readonly graph: Graph;
  readonly how: Preprocessing;
  /** The class of the data that each output of the model stands for; the one of the same index unless given. */
  readonly order?: readonly number[];
}

/** Another way to use the model, which mends one mistake if it is one. */
export interface SetupVariant {
  readonly kind: MistakeKind;
  /** The mistake in words, for the case that this way is better. */
  readonly what: string;
  /** In how many things it differs: of equally good ways the simplest is taken. */
  readonly changes: number;
  readonly setup: Setup;
}
