import * as ort from 'onnxruntime-node';
import { type DataType, type DataTypes, type Graph, type Tensor, tensor } from '../src/graph/index.ts';
import { toRuntime } from '../src/graph/onnx/index.ts';

/** Runs a graph once in ONNX Runtime, on one thread: all outputs by name. */
export async function runGraph(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const { bytes, externalData } = toRuntime(graph);
  const session = await ort.InferenceSession.create(bytes, {
    externalData: [...externalData],
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const results = await session.run(
      Object.fromEntries(
        Object.entries(feeds).map(([name, { type, shape, data }]) => [
          name,
          new ort.Tensor(type as 'float32', data as Float32Array, shape),
        ]),
      ),
    );
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => [
        name,
        tensor(type as DataType, dims, data as DataTypes[DataType]),
      ]),
    );
  } finally {
    await session.release();
  }
}
