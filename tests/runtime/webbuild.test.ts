import { expect, it } from 'vitest';
import { float32 } from '../../src/graph/index.ts';
import { readOnnx } from '../../src/onnx/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { smallestModel } from '../../src/runtime/webbuild.ts';

it('starts ONNX Runtime with a model that gives back what it is given', async () => {
  const { graph } = readOnnx(smallestModel(), 'smallest.onnx');
  const session = await nodeRuntime.load(graph);
  const { y } = await session.run({ x: float32([1], [7]) });
  expect([...y.data]).toEqual([7]);
  await session.release();
});
