import type { Conversion } from '../layers/converter.ts';
import type { LabelRange, Mask, MovingSum, Normaliser } from './net.ts';

/** What the layers of a network for training need beyond their nodes, gathered while they are converted. */
export interface TrainingRecord {
  readonly phase: 'train' | 'test';
  /** The names of the graph's data inputs: labels that are none of them are made by a layer. */
  readonly data: ReadonlySet<string>;
  readonly masks: Mask[];
  readonly normalisers: Normaliser[];
  readonly moving: MovingSum[];
  readonly ranges: LabelRange[];
  wholeBatch: boolean;
}

/** Adds the input by which the layer divides: {@link Normaliser}. */
export function normaliserInput(
  record: TrainingRecord,
  c: Conversion,
  counting: Omit<Normaliser, 'name'>,
): string {
  const name = c.input({ name: `normaliser:${c.layer.name}`, type: 'float32', shape: [] });
  record.normalisers.push({ name, ...counting });
  return name;
}
