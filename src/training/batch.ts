import type { Tensor } from '../graph/index.ts';

/** What one pass of a network is fed with, by graph input: pictures float32 N×C×H×W, labels int64 [N]. */
export type Batch = Readonly<Record<string, Tensor>>;

/**
 * The batches of a network's data layers. Batch `k` is always the same, whatever was asked for before: order, crops and
 * mirrors follow from the seed and from k alone, so that a run can go on anywhere.
 */
export interface Batches {
  /** The shape of the data layer's pictures, C×H×W, by data layer name; known before the network is built. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The k-th batch, k from 0. Errors name the file or the record. */
  batch(k: number): Promise<Batch>;
  close(): Promise<void>;
}
