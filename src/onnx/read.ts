import { fail } from '../common/error.ts';
import { refuseOtherKinds } from '../common/filekind.ts';
import { decode } from '../common/protobuf.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { ModelInfo } from '../graph/info.ts';
import type { Model } from '../graph/model.ts';
import type { Tensor } from '../graph/tensor.ts';
import { isHalf, nameOf } from './element.ts';
import { checkFinite } from './finite.ts';
import { constantValue, filled, foldIdentities } from './fold.ts';
import {
  TensorProto_DataType as Code,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
} from './generated/onnx_pb.ts';
import { readMetadata } from './metadata.ts';
import { place, sortNodes } from './names.ts';
import { castsTo, toFloat32 } from './narrow.ts';
import { readNodes } from './nodes.ts';
import { upgrade } from './upgrade.ts';
import { readValueInfo, statedDims } from './values.ts';
import { type ExternalData, type ExternalFile, packedFields, readTensor } from './weights.ts';

/**
 * Reads an `.onnx` file of operator sets 7 to 24 into a graph in limn's own: nodes sorted and named, constants
 * gathered, Identity folded away, 16-bit floats (and a network of 64-bit floats) as float32. Weights are views of
 * `bytes` where they are aligned, so `bytes` must not change afterwards.
 * `externalData` fetches files beside the model, by relative path.
 * Errors: a `LimnError` that names the file and the byte offset, node or tensor, for everything that is damaged,
 * not supported or not finite.
 */
export function readOnnx(bytes: Uint8Array, file: string, externalData?: ExternalData): Model {
  refuseOtherKinds(bytes, file, 'an ONNX model');
  const proto = decode(ModelProtoSchema, bytes, file, 'an ONNX model', packedFields);
  if (!proto.graph || proto.graph.node.length === 0) fail(file, 'it holds no graph: not an ONNX model');
  if (proto.trainingInfo.length > 0) fail(file, 'models with training steps inside are not supported');
  const opset = operatorSet(proto, file);
  const { graph, narrowed } = readGraph(proto.graph, opset, file, externalData && once(externalData));
  checkFinite(graph, file);
  const entries = new Map(proto.metadataProps.map(({ key, value }) => [key, value]));
  const outputs = graph.outputs.map((output) => output.name);
  const info = readMetadata(entries, outputs, file) ?? foreignInfo(proto, opset, outputs[0]!);
  const provenance = narrowed
    ? { ...info.provenance, precision: `${narrowed}, converted to float32` }
    : info.provenance;
  return { graph, info: { ...info, provenance } };
}

/** What can be said of a model that limn did not write. */
function foreignInfo(proto: ModelProto, opset: number, output: string): ModelInfo {
  const producer = `${proto.producerName} ${proto.producerVersion}`.trim();
  return {
    heads: [{ name: 'class', output, kind: 'classes' }],
    provenance: { ...(producer && { producer }), 'operator set': String(opset) },
  };
}

function operatorSet({ opsetImport }: ModelProto, file: string): number {
  const own = opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  return Number((own ?? fail(file, 'it does not state its operator set: not an ONNX model')).version);
}

/**
 * Opens a file once, however many tensors it holds, and reads each place of it once, however many share it. Errors:
 * tensors that overlap, of which a small file could hold more than fits into memory.
 */
function once(externalData: ExternalData): ExternalData {
  const files = new Map<string, Uint8Array | ExternalFile>();
  return (location) => {
    const found = files.get(location) ?? readOnce(externalData(location), location);
    files.set(location, found);
    return found;
  };
}

function readOnce(file: Uint8Array | ExternalFile, location: string): Uint8Array | ExternalFile {
  if (file instanceof Uint8Array) return file;
  const { size } = file;
  const parts = new Map<string, Uint8Array>();
  let total = 0;
  return {
    size,
    read(offset, length) {
      const place = `${offset} ${length}`;
      const known = parts.get(place);
      if (known) return known;
      total += length;
      if (total > size) fail(location, `weights in it overlap: they take more than its ${size} bytes`);
      const bytes = file.read(offset, length);
      parts.set(place, bytes);
      return bytes;
    },
  };
}

function readGraph(proto: GraphProto, opset: number, file: string, external?: ExternalData) {
  const weights = readWeights(proto, file, external);
  const inputs = proto.input
    .filter((input) => !weights.has(input.name))
    .map((input) => readValueInfo(input, 'input', file));
  const outputs = proto.output.map((output) => readValueInfo(output, 'output', file));
  const names = outputs.map((output) => output.name);
  if (names.length === 0) fail(file, 'its graph has no outputs');
  checkDistinct(inputs, 'input', file);
  checkDistinct(outputs, 'output', file);

  const given = new Set([...weights.keys(), ...inputs.map((input) => input.name)]);
  const sorted = sortNodes(readNodes(proto.node, file, external), given, names, file);
  const { nodes: computing, constants } = gatherConstants(sorted, weights, file);
  for (const name of constants.keys()) given.add(name);
  const draft = {
    inputs,
    nodes: foldIdentities(computing, given, names),
    constants,
    outputs: names,
    stated: new Map(
      [...proto.valueInfo, ...proto.input, ...proto.output].map((v) => [v.name, statedDims(v)]),
    ),
  };
  const upgraded = upgrade(draft, opset, file);
  const used = new Set([...names, ...upgraded.nodes.flatMap((node) => node.inputs)]);
  const graph: Graph = {
    name: proto.name || 'graph',
    inputs,
    outputs,
    nodes: castsTo(upgraded.nodes, [Code.FLOAT16, Code.BFLOAT16]),
    constants: new Map([...upgraded.constants].filter(([name]) => used.has(name))),
  };
  if (inputs.some((input) => input.type === 'float64'))
    return { graph: toFloat32(graph), narrowed: 'float64' };
  const half = [
    ...proto.initializer.map((t) => t.dataType),
    ...proto.input.map((v) => v.type?.tensorType?.elemType ?? 0),
  ];
  return { graph, narrowed: [...new Set(half.filter(isHalf))].map(nameOf).join(' and ') };
}

function readWeights(proto: GraphProto, file: string, external?: ExternalData): Map<string, Tensor> {
  if (proto.sparseInitializer.length > 0) fail(file, 'sparse weights are not supported', 'export them dense');
  const weights = new Map<string, Tensor>();
  for (const initializer of proto.initializer) {
    const where = `${file}: weights '${initializer.name}'`;
    if (initializer.name === '') fail(where, 'they have no name');
    if (weights.has(initializer.name)) fail(where, 'they are there twice');
    weights.set(initializer.name, readTensor(initializer, where, external));
  }
  return weights;
}

/** Takes the nodes that hold or fill constants out of the nodes and into the constants. */
function gatherConstants(sorted: readonly Node[], weights: ReadonlyMap<string, Tensor>, file: string) {
  const constants = new Map(weights);
  const nodes = sorted.filter((node) => {
    const shape = node.op === 'ConstantOfShape' ? constants.get(node.inputs[0] ?? '') : undefined;
    const value =
      node.op === 'Constant'
        ? constantValue(node, place(file, node))
        : shape && filled(shape, node.attributes.value);
    if (value) constants.set(node.outputs[0]!, value);
    return !value;
  });
  return { nodes, constants };
}

function checkDistinct(values: readonly { readonly name: string }[], kind: string, file: string): void {
  const seen = new Set<string>();
  for (const { name } of values) {
    if (seen.has(name)) fail(file, `${kind} '${name}' is there twice`);
    seen.add(name);
  }
}
