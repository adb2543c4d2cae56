import type { Model } from '../graph/model.ts';

/** A model and the file that it was read from. */
export interface LoadedModel {
  readonly model: Model;
  readonly path: string;
  readonly bytes: Uint8Array;
  /** All files that were read: the model's own first. */
  readonly files: readonly string[];
}
