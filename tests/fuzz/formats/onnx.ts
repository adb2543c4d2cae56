import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Model, size, type Tensor } from '../../../src/graph/index.ts';
import { readOnnx, writeOnnx } from '../../../src/onnx/index.ts';
import { infer, lower } from '../../../src/operators/index.ts';
import { defaultComposite, namedComposite, relevance } from '../../../src/relevance/index.ts';
import { nodeRuntime } from '../../../src/runtime/onnxruntime.node.ts';
import { tinyInception } from '../../nets.ts';
import { FILE, FIXTURES, type Format, fixture } from '../format.ts';

const own = writeOnnx({
  graph: tinyInception(),
  info: {
    preprocessing: {
      resize: { height: 20, width: 20, mode: 'stretch' },
      channels: 'bgr',
      mean: [104, 117, 123],
    },
    heads: [{ name: 'class', output: 'prob', kind: 'classes', labels: ['ant', 'bee', 'cat', 'dog', 'eel'] }],
    provenance: { made: 'for tests' },
  },
}).bytes;

const cases = readdirSync(join(FIXTURES, 'cases/onnx')).sort();
const seeds = [...cases.map((name) => fixture(`cases/onnx/${name}`)), own];

const words = [
  ...[
    'Conv',
    'Gemm',
    'MatMul',
    'Add',
    'Mul',
    'Relu',
    'Softmax',
    'Reshape',
    'Transpose',
    'Slice',
    'Gather',
    'Pad',
  ],
  ...[
    'Resize',
    'MaxPool',
    'AveragePool',
    'BatchNormalization',
    'LayerNormalization',
    'Split',
    'Concat',
    'Expand',
  ],
  ...[
    'ConstantOfShape',
    'Shape',
    'Cast',
    'Einsum',
    'If',
    'Tile',
    'ReduceMean',
    'LRN',
    'Flatten',
    'Unsqueeze',
    'Where',
  ],
  ...['kernel_shape', 'pads', 'strides', 'group', 'axis', 'axes', 'perm', 'auto_pad', 'SAME_UPPER', 'N', ''],
];

/** The model of a file, if it has one input and is small enough to be tried thousands of times. */
function smallModel(bytes: Uint8Array): Model | undefined {
  const model = readOnnx(bytes, FILE);
  const { graph } = model;
  const isFixed = graph.inputs.every(({ shape }) => shape.slice(1).every((dim) => typeof dim === 'number'));
  if (graph.inputs.length !== 1 || !isFixed) return undefined;
  const { shapes } = infer(graph);
  const values = graph.nodes.flatMap((node) => node.outputs.map((name) => shapes.get(name) ?? []));
  const elements = values.map((shape) => size(shape.map((dim) => (typeof dim === 'number' ? dim : 2))));
  return elements.every((count) => count <= 1e6) ? model : undefined;
}

/** Loads a graph as classification and explanation do, and runs it once on zeros. */
async function runOnZeros(graph: Model['graph']): Promise<void> {
  const session = await nodeRuntime.load(graph, { threads: 1, optimise: 'quick' });
  try {
    const given = graph.inputs.map(({ name, type, shape }): [string, Tensor] => {
      const dims = shape.map((dim) => (typeof dim === 'number' ? dim : 2));
      const count = size(dims);
      return [
        name,
        type === 'int64'
          ? { type, shape: dims, data: new BigInt64Array(count) }
          : { type: 'float32', shape: dims, data: new Float32Array(count) },
      ];
    });
    await session.run(Object.fromEntries(given));
  } finally {
    await session.release();
  }
}

export const onnxFormats: readonly Format[] = [
  { name: 'onnx', structure: 'protobuf', words, seeds, read: (bytes) => readOnnx(bytes, FILE) },
  {
    name: 'onnx-session',
    structure: 'protobuf',
    nameless: true,
    words,
    seeds,
    async read(bytes) {
      const model = smallModel(bytes);
      if (model) await runOnZeros(lower(model.graph));
    },
  },
  {
    name: 'onnx-relevance',
    structure: 'protobuf',
    nameless: true,
    words,
    seeds,
    async read(bytes) {
      const model = smallModel(bytes);
      if (!model || model.info.heads.length === 0) return;
      const composite = namedComposite(defaultComposite(model), {}, model.info.layers);
      await runOnZeros(relevance(model, { composite }).graph);
    },
  },
];
