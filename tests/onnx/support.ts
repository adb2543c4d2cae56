import { create, toBinary } from '@bufbuild/protobuf';
import * as ort from 'onnxruntime-node';
import { decode } from '../../src/common/protobuf.ts';
import type { Attributes, Graph, Shape } from '../../src/graph/index.ts';
import { type DataType, float32, type Tensor } from '../../src/graph/tensor.ts';
import { writeAttribute } from '../../src/onnx/attribute.ts';
import { codeOf } from '../../src/onnx/element.ts';
import { type ModelProto, ModelProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import { toRuntime } from '../../src/onnx/index.ts';
import { tensorProto } from '../../src/onnx/tensor.ts';
import { onnxPackedFields } from '../../src/onnx/weights.ts';

export interface OldNode {
  op: string;
  inputs: string[];
  outputs: string[];
  name?: string;
  domain?: string;
  attributes?: Attributes;
}

export interface OldModel {
  opset: number;
  nodes: OldNode[];
  inputs?: Record<string, Shape>;
  outputs?: Record<string, Shape | undefined>;
  weights?: Record<string, Tensor>;
  types?: Record<string, DataType>;
}

/** A model as some exporter would have written it: x [2,3,4,5] in, y out, unless said otherwise. */
export function oldModel(model: OldModel): ModelProto {
  const {
    opset,
    nodes,
    inputs = { x: [2, 3, 4, 5] },
    outputs = { y: undefined },
    weights = {},
    types = {},
  } = model;
  const info = ([name, shape]: [string, Shape | undefined]) => ({
    name,
    type: {
      tensorType: {
        elemType: codeOf(types[name] ?? 'float32'),
        ...(shape && {
          shape: {
            dim: shape.map((n) => (typeof n === 'number' ? { dimValue: BigInt(n) } : { dimParam: n })),
          },
        }),
      },
    },
  });
  return create(ModelProtoSchema, {
    irVersion: opset < 10 ? 4n : opset < 19 ? 8n : 10n,
    producerName: 'test',
    opsetImport: [
      { domain: '', version: BigInt(opset) },
      ...[...new Set(nodes.flatMap((node) => node.domain ?? []))].map((domain) => ({ domain, version: 1n })),
    ],
    graph: {
      name: 'g',
      node: nodes.map(({ op, inputs, outputs, name, domain, attributes = {} }) => ({
        opType: op,
        input: inputs,
        output: outputs,
        ...(name && { name }),
        ...(domain && { domain }),
        attribute: Object.entries(attributes).map(([key, value]) => writeAttribute(key, value, op)),
      })),
      input: Object.entries(inputs).map(info),
      output: Object.entries(outputs).map(info),
      initializer: Object.entries(weights).map(([name, tensor]) => tensorProto(name, tensor)),
    },
  });
}

export const oldBytes = (model: OldModel): Uint8Array => toBinary(ModelProtoSchema, oldModel(model));

/** Numbers that look random and are the same each time. */
export function noise(shape: readonly number[], seed = 1): Tensor<'float32'> {
  let state = seed * 2654435761;
  const count = shape.reduce((p, n) => p * n, 1);
  return float32(
    shape,
    Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state / 2 ** 32) * 4 - 2;
    }),
  );
}

type Feeds = Record<string, Tensor>;
type Results = Record<string, { shape: readonly number[]; data: number[] }>;

const options: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 3,
};

/** The outputs that ONNX Runtime computes. */
export async function run(
  bytes: Uint8Array,
  feeds: Feeds,
  externalData?: { path: string; data: Uint8Array }[],
): Promise<Results> {
  const session = await ort.InferenceSession.create(
    bytes,
    externalData ? { ...options, externalData } : options,
  );
  const given = Object.entries(feeds).map(([name, { type, shape, data }]) => [
    name,
    new ort.Tensor(type as 'float32', data as Float32Array, shape),
  ]);
  const results = await session.run(Object.fromEntries(given));
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => [
      name,
      { shape: dims, data: Array.from(data as ArrayLike<number | bigint>, Number) },
    ]),
  );
}

/** The outputs of a graph whose larger weights are handed over in memory. */
export function runGraph(graph: Graph, feeds: Feeds): Promise<Results> {
  const { bytes, externalData } = toRuntime(graph);
  return run(bytes, feeds, [...externalData]);
}

/** A file of limn's without its metadata: as somebody else would have written it. */
export function foreign(bytes: Uint8Array): Uint8Array {
  const proto = decode(ModelProtoSchema, bytes, 'own', 'an ONNX model', onnxPackedFields);
  proto.metadataProps = [];
  return toBinary(ModelProtoSchema, proto);
}
