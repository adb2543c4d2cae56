import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { bytesOf, concatenate } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import { type Graph, type Node, opset, ownDomain } from '../graph/graph.ts';
import type { Model } from '../graph/model.ts';
import { byteLengthOf, placeOf } from '../graph/stored.ts';
import type { Tensor } from '../graph/tensor.ts';
import { findOperator } from '../operators/index.ts';
import { attributeBytes } from './attribute.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
} from './generated/onnx_pb.ts';
import { writeMetadata } from './metadata.ts';
import { bareTensorProto, type DataPlace, externalTensorProto } from './tensor.ts';
import { writeValueInfo } from './values.ts';

/** The first version of the file format with an operator set. */
const irVersionOf = (set: number): bigint => (set < 19 ? 8n : set < 21 ? 9n : set < 23 ? 10n : 11n);

/** The operator set that a node needs: limn's, or the one that its operator came with. */
function opsetOf(node: Node): number {
  const since = findOperator(node)?.since ?? opset;
  return typeof since === 'number' ? since : since(node);
}

const producerVersion = '0.1.0';

/** Protobuf messages end at 2 GiB; room is left for everything that is not weights. */
const mostInside = 1.5e9;
/** Data in another file begins on memory pages, so that it can be mapped. */
const page = 4096;
/** Smaller constants stay in the model: ONNX Runtime has to see shapes and axes when it loads it. */
const leastOutside = 1024;

/** Where the weights of a model go. */
export interface WriteOptions {
  /** Weights of more bytes in all than this go to another file; 1.5e9 unless given. */
  readonly externalDataThreshold?: number;
  /** The other file's path relative to the model's folder; `weights.data` unless given. */
  readonly externalDataPath?: string;
}

/** A model as the bytes of its files. */
export interface Written {
  readonly bytes: Uint8Array;
  /** The file to write beside the model: its parts in order, views of the weights with padding in between. */
  readonly externalData?: { readonly path: string; readonly parts: readonly Uint8Array[] };
}

/** A model as an `.onnx` file, with all that is known about it in its metadata. */
export function writeOnnx(model: Model, options: WriteOptions = {}): Written {
  const { externalDataThreshold = mostInside, externalDataPath: path = 'weights.data' } = options;
  const { graph } = model;
  const metadata = writeMetadata(model.info);
  const total = [...graph.constants.values()].reduce((sum, tensor) => sum + byteLengthOf(tensor), 0);
  if (total <= externalDataThreshold) return { bytes: encode(graph, metadata, new Map()) };

  const places = new Map<string, DataPlace>();
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, constant] of graph.constants) {
    if (byteLengthOf(constant) < leastOutside) continue;
    const gap = -offset & (page - 1);
    if (gap > 0) parts.push(new Uint8Array(gap));
    offset += gap;
    places.set(name, { path, offset });
    parts.push(bytesOf(constant.data));
    offset += byteLengthOf(constant);
  }
  return { bytes: encode(graph, metadata, places), externalData: { path, parts } };
}

/** A graph for ONNX Runtime: the model, and beside it the weights as they lie in memory. */
export interface RuntimeModel {
  readonly bytes: Uint8Array;
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
}

/** A graph as ONNX Runtime takes it without a copy of its weights: each as a "file" of its own in memory. */
export function toRuntime(graph: Graph): RuntimeModel {
  const externalData: { path: string; data: Uint8Array }[] = [];
  const places = new Map<string, DataPlace>();
  for (const [name, constant] of graph.constants) {
    if (byteLengthOf(constant) < leastOutside) continue;
    const path = `weights-${externalData.length}`;
    places.set(name, { path, offset: 0 });
    externalData.push({ path, data: bytesOf(constant.data) });
  }
  return { bytes: encode(graph, new Map(), places), externalData };
}

/**
 * The same for weights that stand in files, which ONNX Runtime then reads by itself; `named` says what it calls a file.
 * It takes weights from files or from memory, not from both: what else there is goes into the model. Undefined where no
 * weights stand in files, or more than they is not there.
 */
export function toRuntimeByPlace(
  graph: Graph,
  named: (path: string) => string | undefined,
): RuntimeModel | undefined {
  const places = new Map<string, DataPlace>();
  let [inside, outside] = [0, 0];
  for (const [name, constant] of graph.constants) {
    const place = placeOf(constant);
    const path = place && named(place.path);
    if (!place || path === undefined) {
      inside += byteLengthOf(constant);
      continue;
    }
    outside += place.length;
    places.set(name, { path, offset: place.offset });
  }
  if (inside > Math.min(outside, mostInside)) return undefined;
  return { bytes: encode(graph, new Map(), places), externalData: [] };
}

/**
 * The file's bytes. The weights go straight from memory to their place in the file, which a protobuf encoder,
 * copying them once per level of nesting, would not do.
 */
function encode(
  graph: Graph,
  metadata: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, DataPlace>,
): Uint8Array {
  const own = graph.nodes.find(({ domain }) => domain === ownDomain);
  if (own)
    fail(
      `node '${own.name}' (${own.op})`,
      "is limn's own operator, which ONNX does not know",
      'lower the graph first',
    );
  const domains = new Set(graph.nodes.map((node) => node.domain ?? '').filter((domain) => domain !== ''));
  const needed = graph.nodes.map(opsetOf).reduce((most, each) => Math.max(most, each), opset);
  const model = create(ModelProtoSchema, {
    irVersion: irVersionOf(needed),
    producerName: 'limn',
    producerVersion,
    opsetImport: [
      { domain: '', version: BigInt(needed) },
      ...[...domains].map((domain) => ({ domain, version: 1n })),
    ],
    metadataProps: [...metadata].map(([key, value]) => ({ key, value })),
  });
  const body = create(GraphProtoSchema, {
    name: graph.name,
    input: graph.inputs.map((input) => writeValueInfo(input, 'input')),
    output: graph.outputs.map((output) => writeValueInfo(output, 'output')),
  });
  const inside: Uint8Array[] = [nodesOf(graph), toBinary(GraphProtoSchema, body)];
  let at = length(inside);
  for (const [name, tensor] of graph.constants) {
    const parts = initializer(name, tensor, places, at);
    inside.push(...parts);
    at += length(parts);
  }
  const header = toBinary(ModelProtoSchema, model);
  const whole = message(ModelProtoSchema.field.graph.number, inside);
  // The body begins where its tag and length end.
  return join([header, ...filler(modelDocString, header.length + whole[0].length), ...whole], graph.name);
}

/**
 * The nodes, field by field: relevance has thousands, and an object for each and each of their attributes, which a general encoder
 * then takes apart again, would be the larger part of writing a graph for one run.
 */
function nodesOf({ nodes }: Graph): Uint8Array {
  const writer = new BinaryWriter();
  const { field } = NodeProtoSchema;
  for (const { name, op, domain, inputs, outputs, attributes } of nodes) {
    writer.tag(GraphProtoSchema.field.node.number, WireType.LengthDelimited).fork();
    for (const input of inputs) writer.tag(field.input.number, WireType.LengthDelimited).string(input);
    for (const output of outputs) writer.tag(field.output.number, WireType.LengthDelimited).string(output);
    writer.tag(field.name.number, WireType.LengthDelimited).string(name);
    writer.tag(field.opType.number, WireType.LengthDelimited).string(op);
    for (const [key, value] of Object.entries(attributes)) {
      writer.tag(field.attribute.number, WireType.LengthDelimited);
      const bytes = attributeBytes(key, value, `node '${name}' (${op})`);
      writer.uint32(bytes.length).raw(bytes);
    }
    if (domain) writer.tag(field.domain.number, WireType.LengthDelimited).string(domain);
    writer.join();
  }
  return writer.finish();
}

/** The pieces of one constant, which begin at offset `at` of the graph; weights inside are aligned to their elements. */
function initializer(
  name: string,
  tensor: Tensor,
  places: ReadonlyMap<string, DataPlace>,
  at: number,
): Uint8Array[] {
  const field = GraphProtoSchema.field.initializer.number;
  const place = places.get(name);
  if (place) return message(field, [toBinary(TensorProtoSchema, externalTensorProto(name, tensor, place))]);
  const head = toBinary(TensorProtoSchema, bareTensorProto(name, tensor));
  const raw = message(TensorProtoSchema.field.rawData.number, [bytesOf(tensor.data)]);
  const plain = message(field, [head, ...raw]);
  if (byteLengthOf(tensor) < leastOutside) return plain;
  // The filler may lengthen the message's own length, which moves the data again.
  let parts = plain;
  for (let start = 0; start < alignment; start++) {
    parts = message(field, [head, ...filler(tensorDocString, start), ...raw]);
    if ((at + length(parts) - tensor.data.byteLength) % alignment === 0) break;
  }
  return parts;
}

/** Aligned weights are read without a copy. */
const alignment = 4;
const tensorDocString = 12;
const modelDocString = 6;

/** A documentation string of blanks that brings what follows from `offset` to a multiple of the alignment. */
function filler(field: number, offset: number): Uint8Array[] {
  const missing = -offset & (alignment - 1);
  if (missing === 0) return [];
  // The field's own tag and length take two bytes.
  return message(field, [new Uint8Array((missing + alignment - 2) % alignment).fill(0x20)]);
}

/** A field with a length: a message or bytes, in pieces. */
function message(field: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const tag = new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length(parts)).finish();
  return [tag, ...parts];
}

const length = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.length, 0);

function join(parts: readonly Uint8Array[], name: string): Uint8Array {
  if (length(parts) >= 2 ** 31)
    fail(name, 'more than 2 GiB do not fit in one .onnx file', 'put the weights in another file');
  return concatenate(parts);
}
