import type { Normaliser } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import type { Batch } from '../batch.ts';

/** By what a loss or a measure of a whole batch of `images` is divided; at least 1, as in Caffe. */
export function normaliserOf(
  { name, label, ignored, by, perImage }: Normaliser,
  batch: Batch,
  images: number,
): number {
  if (by === 'one') return 1;
  if (by === 'batch') return Math.max(1, images);
  if (label === undefined || ignored === undefined) return Math.max(1, images * perImage);
  const labels = batch[label] ?? fail(`input '${label}'`, `is missing: '${name}' counts its labels`);
  let count = 0;
  // Caffe reads targets as whole numbers here.
  for (const value of labels.data) if (Math.trunc(Number(value)) !== ignored) count++;
  return Math.max(1, count);
}
