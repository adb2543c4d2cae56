import { expect, it } from 'vitest';
import { int64 } from '../../../src/graph/index.ts';
import { openEngine } from '../../../src/training/engine/engine.node.ts';
import { noise } from '../../nets.ts';
import { bundled } from '../../runtime/bundle.ts';
import { trainingNet } from '../pass.ts';
import { solver, weightsOf } from './net.ts';

const script = bundled('src/training/engine/worker.node.ts');

const net = trainingNet(`
name: "wide"
layer { name: "data" type: "Data" top: "data" top: "label" data_param { batch_size: 8 } transform_param { crop_size: 96 } }
layer { name: "pool" type: "Pooling" bottom: "data" top: "pool" pooling_param { pool: AVE kernel_size: 12 stride: 12 } }
layer { name: "fc" type: "InnerProduct" bottom: "pool" top: "fc" inner_product_param { num_output: 3 } }
layer { name: "drop" type: "Dropout" bottom: "fc" top: "fc" }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }
`);

it('needs no more memory after a thousand steps than after the first', async () => {
  const engine = await openEngine({
    train: net,
    tests: [],
    solver: solver({ baseRate: 1e-4 }),
    weights: weightsOf(net),
    seed: 1,
    parts: 2,
    script,
  });
  // Nearly 0.9 MB: if batches stayed behind, a thousand would be 900 MB.
  const batch = { data: noise([8, 3, 96, 96], 1), label: int64([8], [0, 1, 2, 0, 1, 2, 0, 1]) };
  const steps = async (from: number, to: number) => {
    for (let i = from; i < to; i++) await engine.step([batch], i);
    return process.memoryUsage().rss / 2 ** 20;
  };
  const before = await steps(0, 200);
  const after = await steps(200, 1200);
  await engine.close();
  expect(after - before).toBeLessThan(100);
});
