import { explainer } from '../../src/attribution/index.ts';
import { LimnError } from '../../src/common/error.ts';
import { GraphBuilder, type Model } from '../../src/graph/index.ts';
import type { SessionOptions } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { noise } from '../nets.ts';
import { difference } from './cases.ts';

/* A process that computes convolutions in groups on WebGPU and on the processor, and prints how far they are apart. */

const input = noise([1, 8, 7, 7], 1);

/** Four groups with so many outputs each. */
async function convolution(each: number, options: SessionOptions): Promise<Float32Array> {
  const b = new GraphBuilder('groups');
  const x = b.input({ name: 'x', type: 'float32', shape: input.shape });
  const weight = b.weight('w', noise([4 * each, 2, 3, 3], each));
  b.output(b.op('Conv', [x, weight], { group: 4 }), {
    name: 'y',
    type: 'float32',
    shape: [1, 4 * each, 5, 5],
  });
  const session = await nodeRuntime.load(b.build(), options);
  const { y } = await session.run({ x: input });
  await session.release();
  return y.data as Float32Array;
}

/** Relevance through a pooling whose windows overlap. */
async function pooling(session: SessionOptions): Promise<Float32Array> {
  const b = new GraphBuilder('pooled');
  const x = b.input({ name: 'x', type: 'float32', shape: input.shape });
  const pooled = b.op('MaxPool', [b.op('Relu', [b.op('Conv', [x, b.weight('w', noise([8, 8, 1, 1], 3))])])], {
    kernel_shape: [3, 3],
    strides: [2, 2],
  });
  const scores = b.op('Gemm', [b.op('Flatten', [pooled]), b.weight('fc', noise([72, 3], 4))]);
  b.output(scores, { name: 'scores', type: 'float32', shape: [1, 3] });
  const model: Model = {
    graph: b.build(),
    info: { heads: [{ name: 'class', output: 'scores', kind: 'classes' }], provenance: {} },
  };
  const made = explainer(model, nodeRuntime, { method: 'lrp', batch: 1, session });
  const { relevance } = await made.explain(input);
  await made.release();
  return relevance.data;
}

try {
  const apart: Record<string, number> = {};
  for (const each of [1, 2, 4, 5, 6, 8, 9, 12])
    apart[`groups of ${each}`] = difference(
      await convolution(each, { provider: 'webgpu' }),
      await convolution(each, { threads: 1 }),
    );
  apart.pooling = difference(
    await pooling({ provider: 'webgpu', optimise: 'quick' }),
    await pooling({ threads: 1 }),
  );
  console.log(JSON.stringify({ apart }));
} catch (error) {
  if (!(error instanceof LimnError)) throw error;
  console.log(JSON.stringify({ error: error.message }));
}
