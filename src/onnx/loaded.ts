import type { Model } from '../graph/model.ts';

/** A model and the file that it was read from. */
export interface LoadedModel {
  readonly model: Model;
  readonly path: string;
  /** The size of the file, in bytes. */
  readonly size: number;
  /** The bytes of the file, in parts. Errors: it was changed after it was read. */
  readonly parts: () => Iterable<Uint8Array>;
  /** All files that were read: the model's own first. */
  readonly files: readonly string[];
}
