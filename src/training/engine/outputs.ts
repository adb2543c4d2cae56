import type { TrainingNet } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import type { ValueInfo } from '../../graph/index.ts';
import type { Tensors } from '../../runtime/index.ts';

/**
 * The outputs of a whole batch from those of its parts: put together where their shape begins with the batch (a named
 * dimension), else added.
 */
export function joinOutputs(
  infos: readonly ValueInfo[],
  parts: readonly Tensors[],
): Map<string, Float32Array> {
  return new Map(
    infos.map(({ name, shape }) => {
      const values = parts.map((part) => part[name].data as Float32Array);
      return [name, typeof shape[0] === 'string' ? concatenated(values) : added(values)];
    }),
  );
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const added = (parts: readonly Float32Array[]): Float32Array =>
  Float32Array.from(parts[0], (_, i) => parts.reduce((sum, part) => sum + part[i], 0));

/** What is minimised: Σ weight · sum of a loss's elements. */
export function objective(net: TrainingNet, outputs: ReadonlyMap<string, Float32Array>): number {
  return net.losses.reduce((sum, { value, weight }) => {
    const elements = outputs.get(value) ?? fail(net.name, `the loss '${value}' is no output of its graph`);
    return sum + weight * elements.reduce((total, element) => total + element, 0);
  }, 0);
}
