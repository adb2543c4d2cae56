import type { Graph, Tensor } from '../src/graph/index.ts';
import { nodeRuntime } from '../src/runtime/onnxruntime.node.ts';

/** Runs a graph once in ONNX Runtime, on one thread: all outputs by name. */
export async function runGraph(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const session = await nodeRuntime.load(graph, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
