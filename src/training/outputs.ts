import type { NetOutput } from '../caffe/training/net.ts';
import type { Output } from './run/events.ts';

/** A net's outputs as a log lists them: every number of every blob, counted over all. */
export function listOutputs(
  outputs: readonly NetOutput[],
  values: ReadonlyMap<string, ArrayLike<number>>,
): Output[] {
  let index = 0;
  return outputs.flatMap(({ name, lossWeight }) =>
    Array.from(values.get(name)!, (value) => ({
      name,
      index: index++,
      value,
      ...(lossWeight !== 0 && { weight: lossWeight }),
    })),
  );
}
