import type { RunWatch } from '../common/progress.ts';
import type { Head, Model, Tensor } from '../graph/index.ts';
import type { RelevanceGraph } from '../relevance/index.ts';
import type { Runtime, SessionOptions } from '../runtime/index.ts';
import type { Description, Explanation } from './explanation.ts';
import type { ExplainOptions } from './method.ts';
import type { ResolvedTarget } from './resolve.ts';

/** How much is run at once. */
export interface Runs {
  /** Images, or changed copies of images, per run. */
  readonly batch: number;
  /** Whether every run takes just so many, filled up if need be: such graphs load in half the time. */
  readonly fixed: boolean;
  /** Runs at a time. */
  readonly parallel: number;
}

/** All that a method needs to get ready. */
export interface Setting extends ExplainOptions, Runs {
  readonly model: Model;
  readonly runtime: Runtime;
  /** The chosen head. */
  readonly output: Head;
  readonly session?: SessionOptions;
}

/** A method made ready for one model. */
export interface Prepared {
  readonly parameters: Description['parameters'];
  /** What the backward pass does at each node, from the scores down; absent where there is none. */
  readonly handling?: RelevanceGraph['handling'];
  /** Explains a batch; targets may leave `predicted` open. */
  run(
    input: Tensor<'float32'>,
    targets: readonly ResolvedTarget[],
    watch: RunWatch,
  ): Promise<Omit<Explanation, 'description'>>;
  release(): Promise<void>;
}
