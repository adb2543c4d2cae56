import type { Mask, MovingSum } from '../../caffe/training/net.ts';
import type { Failure } from '../../common/failure.ts';
import type { Tensors } from '../../runtime/index.ts';
import type { Loadable } from '../../runtime/open.ts';
import type { RuleSettings, UpdateStep } from '../solver/index.ts';
import type { Layout } from './layout.ts';
import type { ReductionMemory } from './reduction.ts';

/** What one thread of an engine starts with. */
export interface Assignment {
  readonly part: number;
  readonly parts: number;
  /** Threads within one operation. */
  readonly threads: number;
  /** The first of its images in a batch. */
  readonly from: number;
  readonly train: Loadable;
  readonly tests: readonly Loadable[];
  readonly layout: Layout;
  readonly masks: readonly Mask[];
  readonly moving: readonly MovingSum[];
  /** The outputs that must be finite. */
  readonly losses: readonly string[];
  readonly rule: RuleSettings;
  readonly clipGradients: number | undefined;
  readonly iterSize: number;
  readonly seed: number;
  /** Weights and histories, float32 in the layout's order, and where sums are made; all threads share them. */
  readonly weights: SharedArrayBuffer;
  readonly histories: readonly SharedArrayBuffer[];
  readonly reduction: ReductionMemory;
}

/** What a thread is told. It does one thing after the other and answers each order, and first of all its start. */
export type EngineCommand =
  | {
      /** Forward and backward for its part of a batch. */
      readonly kind: 'pass';
      readonly inputs: Tensors;
      /** iteration · iter_size + which batch of the iteration this is. */
      readonly pass: number;
      /** Whether gradients are added to those of the passes before. */
      readonly further: boolean;
    }
  | {
      /** Moves the weights; `steps` by parameter in the layout's order. All threads are told at once. */
      readonly kind: 'update';
      readonly steps: readonly UpdateStep[];
    }
  | { readonly kind: 'test'; readonly net: number; readonly inputs: Tensors }
  | { readonly kind: 'close' };

/** What came of an update. */
export interface UpdateOutcome {
  /** Whether the loss, the gradients and the new weights are all finite. */
  readonly finite: boolean;
  /** Where not: the first element of this thread's share that is not; undefined where all of them are. */
  readonly bad?: number | undefined;
}

export type EngineReply =
  | { readonly kind: 'outputs'; readonly outputs: Tensors }
  | { readonly kind: 'outcome'; readonly outcome: UpdateOutcome }
  | { readonly kind: 'done' }
  | Failure;
