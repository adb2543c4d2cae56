import { fail } from '../common/error.ts';
import { refuseOthers } from '../common/filekind.ts';
import { decode } from '../common/protobuf.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Shape, ValueInfo } from '../graph/graph.ts';
import type { ModelInfo } from '../graph/info.ts';
import type { Model } from '../graph/model.ts';
import type { Tensor } from '../graph/tensor.ts';
import { mixesImages } from './batch.ts';
import { isHalf, nameOf } from './element.ts';
import { openedOnce } from './external.ts';
import { checkFiniteWeights } from './finite.ts';
import { foldIdentities, withoutGuards } from './fold.ts';
import { recognise } from './forms/recognise.ts';
import { takeFront } from './front.ts';
import { having, inlineFunctions } from './functions.ts';
import { type GraphProto, type ModelProto, ModelProtoSchema } from './generated/onnx_pb.ts';
import { withInputShape, withOpenShape } from './inputshape.ts';
import { readMetadata } from './metadata.ts';
import { isOnnxDomain, sortNodes } from './names.ts';
import { readNodes } from './nodes.ts';
import { arrangeOutputs, outputHeads } from './outputs.ts';
import { readProperties } from './properties.ts';
import { narrow, simplify } from './simplify.ts';
import { checkOperators } from './unsupported.ts';
import { quantisedOperators } from './upgrade/quantised.ts';
import { checkOpset } from './upgrade.ts';
import { readValueInfo, statedDims } from './values.ts';
import { type ExternalData, onnxPackedFields, readTensorProto } from './weights.ts';

/** What a file does not say. */
export interface ReadOptions {
  /** The shape of the one input, where the file leaves dimensions open. */
  readonly inputShape?: readonly number[] | undefined;
  /** What dimensions of the one input are where the file leaves them open; undefined ones stay so. */
  readonly openShape?: readonly (number | undefined)[] | undefined;
  /** Whether ONNX's operators that limn does not know are refused, all at once and before weights are read; unless given, they stay in the graph. */
  readonly onlyKnown?: boolean | undefined;
}

/**
 * Reads an `.onnx` file of operator sets 7 to 24 into a graph in limn's own: nodes sorted and named, constants
 * gathered, Identity folded away, 16-bit floats (and a network of 64-bit floats) as float32. Weights are views of
 * `bytes` where they are aligned, so `bytes` must not change afterwards.
 * `externalData` fetches files beside the model, by relative path.
 * Errors: a `LimnError` that names the file and the byte offset, node or tensor, for everything that is damaged,
 * not supported or not finite.
 *
 * @example
 * ```ts
 * import { readOnnx } from 'limn';
 * import { readBytes } from 'limn/node';
 *
 * const file = 'models/face-api-age-gender.onnx';
 * const { graph, info } = readOnnx(await readBytes(file), file);
 * console.log(graph.nodes.length, info.heads, info.preprocessing);
 * ```
 */
export function readOnnx(
  bytes: Uint8Array,
  file: string,
  externalData?: ExternalData,
  options: ReadOptions = {},
): Model {
  refuseOthers(bytes, file, 'an ONNX model', 'model');
  const proto = decode(ModelProtoSchema, bytes, file, 'an ONNX model', onnxPackedFields);
  if (!proto.graph || proto.graph.node.length === 0) fail(file, 'it holds no graph: not an ONNX model');
  if (proto.trainingInfo.length > 0) fail(file, 'models with training steps inside are not supported');
  const opset = operatorSet(proto, file);
  checkOpset(opset, file);
  const { functions } = proto;
  const whole = having(proto.graph, { node: [...inlineFunctions(proto.graph.node, functions, file)] });
  const read = readUnmixed(whole, {
    opset,
    isOwn: proto.metadataProps.some(({ key }) => key === 'limn.version'),
    file,
    external: externalData && openedOnce(externalData),
    ...options,
  });
  checkFiniteWeights(read.graph, file);
  const entries = new Map(proto.metadataProps.map(({ key, value }) => [key, value]));
  const outputs = read.graph.outputs.map((output) => output.name);
  const own = readMetadata(entries, outputs, file);
  const model = own
    ? { graph: read.graph, info: own }
    : foreignModel(read, foreignInfo(proto, opset), entries);
  const provenance = { ...model.info.provenance, ...read.notes };
  return { graph: model.graph, info: { ...model.info, provenance } };
}

/** A network that limn did not write: its front, its outputs and what they mean are found out. */
function foreignModel(
  { graph: given, shapes }: ReadGraph,
  info: Pick<ModelInfo, 'provenance'>,
  properties: ReadonlyMap<string, string>,
): Model {
  const { graph: bare, preprocessing: found } = takeFront(given);
  const { graph, shapes: known } = arrangeOutputs(bare, shapes);
  const heads = outputHeads(graph, known);
  const classes = known.get(heads[0].output)?.[1];
  const { labels, notes, preprocessing } = readProperties(
    properties,
    graph.inputs.length === 1 ? graph.inputs[0] : undefined,
    found,
    typeof classes === 'number' ? classes : undefined,
  );
  return {
    graph: withoutUnused(graph),
    info: {
      provenance: { ...info.provenance, ...notes },
      heads: labels ? heads.map((head, i) => (i === 0 ? { ...head, labels } : head)) : heads,
      ...(preprocessing && { preprocessing }),
    },
  };
}

/** What can be said of a model that limn did not write. */
function foreignInfo(proto: ModelProto, opset: number): Pick<ModelInfo, 'provenance'> {
  const producer = `${proto.producerName} ${proto.producerVersion}`.trim();
  return { provenance: { ...(producer && { producer }), 'operator set': String(opset) } };
}

function operatorSet({ opsetImport }: ModelProto, file: string): number {
  const own = opsetImport.find(({ domain }) => isOnnxDomain(domain));
  return Number((own ?? fail(file, 'it does not state its operator set: not an ONNX model')).version);
}

interface ReadGraph {
  readonly graph: Graph;
  /** The shapes of its values, as far as they are known. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** What was done to it, for its provenance. */
  readonly notes: Readonly<Record<string, string>>;
}

interface Reading extends ReadOptions {
  readonly opset: number;
  /** Whether limn wrote the file: then all its numbers are as they should be. */
  readonly isOwn: boolean;
  readonly file: string;
  readonly external: ExternalData | undefined;
}

/** The network with its batch fixed to one image where it would answer of one by the others. */
function readUnmixed(proto: GraphProto, reading: Reading): ReadGraph {
  const read = readGraph(proto, reading);
  if (!mixesImages(read.graph, read.shapes)) return read;
  const [, ...others] = read.graph.inputs[0].shape;
  const openShape = [1, ...others.map((_, i) => reading.openShape?.[i + 1])];
  const alone = readGraph(proto, { ...reading, openShape });
  return {
    ...alone,
    notes: { ...alone.notes, batch: 'one image, since the network mixes those of a batch' },
  };
}

function readGraph(proto: GraphProto, reading: Reading): ReadGraph {
  const { file, external, isOwn, inputShape, openShape } = reading;
  checkOperators(proto, file, reading.onlyKnown);
  const weights = readWeights(proto, file, external);
  const { inputs, outputs } = readInterface(proto, weights, file);
  const names = outputs.map((output) => output.name);
  const given = new Set([...weights.keys(), ...inputs.map((input) => input.name)]);
  const read = readNodes(proto.node, file, external);
  const nodes = sortNodes(read.nodes, given, names, file);
  const isNarrowed = !isOwn || inputs.some(isDouble);
  const draft = {
    inputs: (inputShape ? withInputShape(inputs, inputShape, file) : withOpenShape(inputs, openShape)).map(
      asFloat32,
    ),
    nodes,
    branches: read.branches,
    isNarrowed,
    constants: isNarrowed ? new Map([...weights].map(([name, tensor]) => [name, narrow(tensor)])) : weights,
    outputs: names,
    stated: new Map(
      [...proto.valueInfo, ...proto.input, ...proto.output].map((v) => [v.name, statedDims(v)]),
    ),
    opset: reading.opset,
  };
  const simplified = simplify(draft, file);
  const { known } = simplified;
  const whole: Graph = {
    name: proto.name || 'graph',
    inputs: draft.inputs,
    outputs: outputs.map(asFloat32).map((info) => ({
      ...info,
      // Integers of a quantised network are floats now.
      type: known.types.get(info.name) ?? info.type,
      ...((inputShape ?? openShape) && { shape: known.shapes.get(info.name) ?? info.shape }),
    })),
    nodes: foldIdentities(
      withoutGuards(simplified.nodes, known.constants),
      new Set([...known.constants.keys(), ...given]),
      names,
    ),
    constants: known.constants,
  };
  const half = halfTypes(proto);
  // Constants that went through 16 bits are that far from the numbers that they stand for.
  const { graph, counts } = isOwn
    ? { graph: whole, counts: new Map<string, number>() }
    : recognise(whole, known, half.length > 0 ? 4e-3 : 1e-6);
  const precision = inputs.some(isDouble) ? 'float64' : half.join(' and ');
  const isQuantised = read.nodes.some(({ op }) => quantisedOperators.has(op));
  return {
    graph: withoutUnused(graph),
    shapes: known.shapes,
    notes: notesOf(counts, precision, isQuantised),
  };
}

/** The inputs that are no weights, and the outputs. Errors: no outputs, or names that are there twice. */
function readInterface(
  proto: GraphProto,
  weights: ReadonlyMap<string, Tensor>,
  file: string,
): { readonly inputs: readonly ValueInfo[]; readonly outputs: readonly ValueInfo[] } {
  const inputs = proto.input
    .filter((input) => !weights.has(input.name))
    .map((input) => readValueInfo(input, 'input', file));
  const outputs = proto.output.map((output) => readValueInfo(output, 'output', file));
  if (outputs.length === 0) fail(file, 'its graph has no outputs');
  checkDistinct(inputs, 'input', file);
  checkDistinct(outputs, 'output', file);
  return { inputs, outputs };
}

const isDouble = ({ type }: ValueInfo): boolean => type === 'float64';

const asFloat32 = (info: ValueInfo): ValueInfo => (isDouble(info) ? { ...info, type: 'float32' } : info);

/** The 16-bit types of the weights and inputs, by name. */
function halfTypes(proto: GraphProto): readonly string[] {
  const types = [
    ...proto.initializer.map((t) => t.dataType),
    ...proto.input.map((v) => v.type?.tensorType?.elemType ?? 0),
  ];
  return [...new Set(types.filter(isHalf))].map(nameOf);
}

/** What reading changed, for the model's provenance; `precision` is what became float32, empty where nothing did. */
function notesOf(
  counts: ReadonlyMap<string, number>,
  precision: string,
  isQuantised: boolean,
): ReadGraph['notes'] {
  const recognised = [...counts].map(([op, count]) => `${count} × ${op}`).join(', ');
  return {
    ...(recognised && { recognised }),
    ...(precision && { precision: `${precision}, converted to float32` }),
    ...(isQuantised && { quantisation: 'integers, converted to float32' }),
  };
}

/** Only what the outputs need. */
function withoutUnused(graph: Graph): Graph {
  const b = new GraphBuilder(graph);
  for (const output of graph.outputs) b.output(output.name, output);
  const { nodes, constants } = b.build();
  const kept = new Set(nodes);
  return { ...graph, nodes: graph.nodes.filter((node) => kept.has(node)), constants };
}

function readWeights(proto: GraphProto, file: string, external?: ExternalData): Map<string, Tensor> {
  if (proto.sparseInitializer.length > 0) fail(file, 'sparse weights are not supported', 'export them dense');
  const weights = new Map<string, Tensor>();
  for (const initializer of proto.initializer) {
    const where = `${file}: weights '${initializer.name}'`;
    if (initializer.name === '') fail(where, 'they have no name');
    if (weights.has(initializer.name)) fail(where, 'they are there twice');
    weights.set(initializer.name, readTensorProto(initializer, where, external));
  }
  return weights;
}

function checkDistinct(values: readonly { readonly name: string }[], kind: string, file: string): void {
  const seen = new Set<string>();
  for (const { name } of values) {
    if (seen.has(name)) fail(file, `${kind} '${name}' is there twice`);
    seen.add(name);
  }
}
