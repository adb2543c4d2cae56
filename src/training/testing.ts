import type { TrainingNet } from '../caffe/training/net.ts';
import { ordered } from '../common/ordered.ts';
import type { Batch, Batches } from './batch.ts';
import { checkLabels } from './diagnosis/labels.ts';
import { listOutputs } from './outputs.ts';
import type { Output } from './run/events.ts';

export interface Tested {
  /** Means over the batches. */
  readonly outputs: readonly Output[];
  /** Σ loss weight · output: the mean loss. */
  readonly loss: number;
}

export interface TestRun {
  /** The first batch. */
  readonly from: number;
  readonly iterations: number;
  /** Batches that are computed at once. */
  readonly atOnce: number;
  /** Takes the outputs of each batch, in order. */
  readonly each?: (batch: number, outputs: readonly Output[]) => void;
}

/**
 * What a test net gives on average for `iterations` batches, from the `from`-th on, as Caffe tests. Sums are made in the
 * batches' order, so that they do not depend on which is ready first. The loss is Σ weight · output. Errors: those of
 * the batches and of `evaluate`, the first in the batches' order, once nothing is under way any more.
 */
export async function testNet(
  net: TrainingNet,
  batches: Batches,
  { from, iterations, atOnce, each }: TestRun,
  evaluate: (batch: Batch) => Promise<ReadonlyMap<string, Float32Array>>,
): Promise<Tested> {
  const sums = new Map<string, Float64Array>();
  async function* source() {
    for (let k = from; k < from + iterations; k++) {
      const batch = await batches.batch(k);
      checkLabels(net, batch, ({ layer }, image) => batches.nameOf(layer.name, k, image));
      yield batch;
    }
  }
  let taken = 0;
  for await (const values of ordered(source(), evaluate, atOnce)) {
    each?.(taken++, listOutputs(net.outputs, values));
    for (const [name, numbers] of values) {
      const sum = sums.get(name) ?? new Float64Array(numbers.length);
      sums.set(name, sum);
      numbers.forEach((value, i) => {
        sum[i] += value;
      });
    }
  }
  const means = new Map([...sums].map(([name, sum]) => [name, sum.map((value) => value / iterations)]));
  const outputs = listOutputs(net.outputs, means);
  const loss = outputs.reduce((total, { value, weight = 0 }) => total + value * weight, 0);
  return { outputs, loss };
}

/** How many tests a training has made before it comes to an iteration. */
export function testsBefore(
  iteration: number,
  {
    testInterval,
    testInitialization,
  }: { readonly testInterval: number; readonly testInitialization: boolean },
): number {
  if (testInterval < 1) return 0;
  return Math.ceil(iteration / testInterval) - (testInitialization || iteration === 0 ? 0 : 1);
}
