import { float32, type Tensor } from '../graph/index.ts';

/** Elements per image of a batch. */
export const rowSize = (t: Tensor): number => t.data.length / t.shape[0];

/** Images `from` to `to` (exclusive) of a batch, as a view. */
export function rows<T extends Tensor>(t: T, from: number, to: number): T {
  const n = rowSize(t);
  return { ...t, shape: [to - from, ...t.shape.slice(1)], data: t.data.subarray(from * n, to * n) };
}

/** A batch of exactly `count` images: cut, or filled up with its last one. */
export function withRows(t: Tensor<'float32'>, count: number): Tensor<'float32'> {
  const have = t.shape[0];
  if (have >= count) return have === count ? t : rows(t, 0, count);
  const n = rowSize(t);
  const data = new Float32Array(count * n);
  data.set(t.data);
  for (let i = have; i < count; i++) data.set(t.data.subarray((have - 1) * n), i * n);
  return float32([count, ...t.shape.slice(1)], data);
}

/** Batches, one after the other, as one. */
export function joined(parts: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  if (parts.length === 1) return parts[0];
  const shape = [parts.reduce((n, part) => n + part.shape[0], 0), ...parts[0].shape.slice(1)];
  const data = new Float32Array(parts.reduce((n, part) => n + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return float32(shape, data);
}
