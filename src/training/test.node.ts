import type { Parameter } from '../caffe/training/net.ts';
import { fail } from '../common/error.ts';
import { scoped } from '../common/scope.ts';
import { fixBatch, float32 } from '../graph/index.ts';
import { lower } from '../operators/index.ts';
import type { Runtime, SessionOptions, Tensors } from '../runtime/index.ts';
import type { FedNet } from './definition.node.ts';
import { feedOf } from './engine/feed.ts';
import { batchSizeOf } from './engine/parts.ts';
import { type InitialWeights, initialWeights, type TrainedWeights } from './initial.ts';
import { type Tested, testNet } from './testing.ts';

export interface TestOptions {
  readonly iterations: number;
  /** Batches that are computed at once. */
  readonly atOnce: number;
  /** Takes the outputs of each batch, in order. */
  readonly each?: (batch: number, outputs: Tested['outputs']) => void;
}

/**
 * What a net's test phase gives on average, as `caffe test` says it. Errors: layers that no source has weights for,
 * whatever data and runtime say.
 */
export async function testWeights(
  { file, graph: net, batches }: FedNet,
  sources: readonly TrainedWeights[],
  runtime: Runtime,
  session: SessionOptions,
  options: TestOptions,
): Promise<Tested> {
  const initial = initialWeights(net.parameters, sources, { seed: 0, file });
  refuseFresh(initial, file);
  const images = batchSizeOf(net);
  const filled = fixBatch({ ...net.graph, constants: withWeights(net, initial.weights) }, images);
  const feed = feedOf(net);
  return scoped(async (own) => {
    const loaded = own(await runtime.load(lower(filled), session));
    return testNet(net, batches, { from: 0, ...options }, async (batch) => {
      const outputs: Tensors = await loaded.run(feed(batch, 1)[0]);
      return new Map(net.outputs.map(({ name }) => [name, outputs[name].data as Float32Array]));
    });
  });
}

function withWeights({ graph, parameters }: FedNet['graph'], weights: InitialWeights['weights']) {
  const tensor = ({ name, shape }: Parameter) => float32(shape, weights.get(name)!);
  return new Map([...graph.constants, ...parameters.map((each) => [each.name, tensor(each)] as const)]);
}

/** A test of random numbers is a mistake. */
function refuseFresh({ fresh }: InitialWeights, file: string): void {
  if (fresh.length === 0) return;
  const layers = fresh.length === 1 ? `layer '${fresh[0]}' has` : `layers ${fresh.join(', ')} have`;
  fail(file, `${layers} no weights in what was given`, 'give the weights of this network');
}
