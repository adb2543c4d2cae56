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
  /** What errors call a picture of a data layer's k-th batch. */
  nameOf(layer: string, k: number, image: number): string;
  close(): Promise<void>;
}

/** A picture's label, and what errors about it call the picture. */
export interface NamedLabel {
  readonly label: number;
  readonly where: string;
}

/** What is known of a data layer's pictures before any batch is made. */
export interface DataSummary {
  /** The list or database. */
  readonly source: string;
  readonly pictures: number;
  /** Labels that were looked at: all of a list, some of a database; none where nobody takes them. */
  readonly labels: readonly NamedLabel[];
}
