import { LimnError } from '../../src/common/error.ts';
import { gradient } from '../../src/gradient/index.ts';
import { type Attributes, float32, GraphBuilder, int64, type Tensor } from '../../src/graph/index.ts';
import type { SessionOptions } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { noise } from '../nets.ts';
import { difference } from './cases.ts';

/* A process that computes losses on WebGPU and on the processor, and prints how far they are apart, or why it cannot. */

const scores = noise([6, 5], 1);
const labels = int64([6], [0, 4, 255, 2, 1, 255]);
const losses: readonly (readonly [op: string, attributes: Attributes, second: Tensor])[] = [
  ['SoftmaxLoss', { ignore: 255 }, labels],
  [
    'SigmoidLoss',
    { ignore: 1 },
    int64(
      [6, 5],
      Array.from({ length: 30 }, (_, i) => i % 2),
    ),
  ],
  ['HingeLoss', { norm: 2 }, int64([6], [0, 4, 3, 2, 1, 0])],
  ['EuclideanLoss', {}, noise([6, 5], 2)],
];

async function compute(op: string, attributes: Attributes, second: Tensor, options: SessionOptions) {
  const b = new GraphBuilder(op);
  const x = b.input({ name: 'x', type: 'float32', shape: ['N', 5] });
  const t = b.input({ name: 't', type: second.type, shape: ['N', ...second.shape.slice(1)] });
  b.node({ op, domain: 'limn', name: 'loss', inputs: [x, t], outputs: ['y'], attributes });
  b.output('y', { name: 'y', type: 'float32', shape: [] });
  const session = await nodeRuntime.load(gradient(b.build(), { outputs: ['y'], wrt: ['x'] }), options);
  const results = await session.run({ x: scores, t: second, 'cotangent:y': float32([], [0.5]) });
  await session.release();
  return [results.y, results['gradient:x']].map(({ data }) => data as Float32Array);
}

try {
  const apart: Record<string, number> = {};
  for (const [op, attributes, second] of losses) {
    const gpu = await compute(op, attributes, second, { provider: 'webgpu' });
    const cpu = await compute(op, attributes, second, { threads: 1 });
    [op, `${op} gradient`].forEach((name, i) => {
      apart[name] = difference(gpu[i], cpu[i]);
    });
  }
  console.log(JSON.stringify({ apart }));
} catch (error) {
  if (!(error instanceof LimnError)) throw error;
  console.log(JSON.stringify({ error: error.message }));
}
