import { fail } from '../common/error.ts';
import type { Words } from '../common/words.ts';
import {
  float32,
  type GraphBuilder,
  type Node,
  ownDomain,
  type Tensor,
  type ValueInfo,
} from '../graph/index.ts';
import type { Inference } from '../operators/index.ts';
import type { LayerParameter } from './generated/caffe_pb.ts';
import type { HeadOutput } from './heads.ts';
import { checkCount, LayerGraph } from './layergraph.ts';
import type { Conversion, LayerType } from './layers/converter.ts';
import { BlobNames } from './names.ts';
import { failMissing, failTypes } from './refusals.ts';
import { whereOf } from './where.ts';

/** How layers are read, which depends on what the network is for. */
export interface Reading {
  /** The layer types, by Caffe's name. */
  readonly types: ReadonlyMap<string, LayerType>;
  readonly weights: WeightSource;
  /** The bottoms and tops of a layer that take part. */
  readonly bottomsOf: (layer: LayerParameter) => readonly string[];
  readonly topsOf: (layer: LayerParameter) => readonly string[];
  /** Told what the user should know of a layer: `net.prototxt:3:1: layer 'bn': …`. */
  readonly tell?: ((note: string) => void) | undefined;
  /** Blobs that are no part of the graph, and what they are. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** Where layers' weights come from. */
export interface WeightSource {
  /** The i-th blob of a layer as a value in the graph, of the shape `as`. */
  value(c: Conversion, i: number, role: string, shape: readonly number[], as: readonly number[]): string;
  /** The i-th blob itself. */
  take(layer: LayerParameter, i: number, shape: readonly number[]): Tensor<'float32'>;
}

/** What {@link convertLayers} makes of a network; its graph has no outputs yet. */
export interface Converted {
  readonly builder: GraphBuilder;
  readonly known: Inference;
  /** The values of each layer's tops, by its name. */
  readonly made: ReadonlyMap<string, readonly string[]>;
  /** The blobs that no layer takes, in the order in which they are first written. */
  readonly unused: readonly HeadOutput[];
}

/** Errors: layers of types that are not read, all of them, with what is known of them; `data` is what can be done about data layers. */
export function checkTypes(
  layers: readonly LayerParameter[],
  types: ReadonlyMap<string, LayerType>,
  file: string,
  data?: Words,
): void {
  const [first, ...rest] = layers.filter(({ type }) => !types.has(type));
  if (first) failTypes([first, ...rest], [...types.keys()], file, data);
}

/** The nodes of a network's computing layers, whose types are all known. */
export function convertLayers(
  name: string,
  layers: readonly LayerParameter[],
  inputs: readonly ValueInfo[],
  reading: Reading,
  file: string,
): Converted {
  const { types, topsOf } = reading;
  const graph = new LayerGraph(name);
  const names = new BlobNames(
    layers.map(topsOf),
    inputs.map((input) => input.name),
  );
  const blobs = declareInputs(graph, inputs, file);
  const consumed = new Set<string>();
  const made = new Map<string, readonly string[]>();
  layers.forEach((layer, index) => {
    const where = whereOf(layer, file);
    const type = types.get(layer.type)!;
    const bottoms = takeBottoms(layer, blobs, reading, where).map((value) => graph.blob(value));
    const tops = topsOf(layer);
    checkCounts(type, bottoms.length, tops.length, where);
    for (const bottom of bottoms) consumed.add(bottom.value);
    const outputs = tops.map((top) => names.version(top, layer.name, index));
    made.set(layer.name, outputs);
    type.convert(conversion({ layer, where, bottoms, outputs }, graph, names, reading));
    for (const [i, top] of tops.entries()) blobs.set(top, outputs[i]);
  });
  const written = [...new Set(layers.flatMap(topsOf))].map((top) => blobs.get(top)!);
  const { builder, known } = graph;
  const unused = written
    .filter((value) => !consumed.has(value))
    .map((value) => ({ name: value, shape: known.shapes.get(value)!, node: builder.producer(value) }));
  return { builder, known, made, unused };
}

/** The values of the blobs that the inputs are. Errors: inputs that are too large, or there twice. */
function declareInputs(graph: LayerGraph, inputs: readonly ValueInfo[], file: string): Map<string, string> {
  const blobs = new Map<string, string>();
  for (const input of inputs) {
    const where = `${file}: input '${input.name}'`;
    checkCount(input.shape, where);
    if (blobs.has(input.name)) fail(where, 'two data layers or inputs make it', 'keep one of them');
    blobs.set(input.name, graph.input(input));
  }
  return blobs;
}

/** The values of a layer's bottoms. Errors: a bottom that no layer before it makes, or that is left out. */
function takeBottoms(
  layer: LayerParameter,
  blobs: ReadonlyMap<string, string>,
  { bottomsOf, leftOut }: Reading,
  where: string,
): readonly string[] {
  return bottomsOf(layer).map((bottom) => {
    const value = blobs.get(bottom);
    if (value !== undefined) return value;
    const reason = leftOut.get(bottom);
    return reason ? fail(where, `its bottom '${bottom}' is ${reason}`) : failMissing(layer, bottom, where);
  });
}

/** A layer between its values. */
interface Placed extends Pick<Conversion, 'layer' | 'where' | 'bottoms'> {
  /** The names that the values of its tops shall have. */
  readonly outputs: readonly string[];
}

/** What a layer's converter works with: it adds to the graph. */
function conversion(
  { layer, where, bottoms, outputs }: Placed,
  graph: LayerGraph,
  names: BlobNames,
  { weights, tell }: Reading,
): Conversion {
  const constant: Conversion['constant'] = (role, tensor) =>
    graph.constant(names.unique(`${layer.name}.${role}`), tensor);
  const top: Conversion['top'] = (i, op, inputs, attributes = {}) => {
    const name = i === 0 ? layer.name : `${layer.name}:${i}`;
    graph.node({ ...operation(op), name, inputs, outputs: [outputs[i]], attributes }, where);
  };
  const c: Conversion = {
    layer,
    where,
    bottoms,
    tops: outputs.length,
    constant,
    input: (info) => graph.input({ ...info, name: names.unique(info.name) }),
    scalar: (role, value) => constant(role, float32([], [value])),
    blob: (i, shape) => weights.take(layer, i, shape),
    weight: (i, role, shape, as = shape) => weights.value(c, i, role, shape, as),
    step(what, op, inputs, attributes = {}) {
      const value = names.unique(`${layer.name}:${what}`);
      graph.node({ ...operation(op), name: value, inputs, outputs: [value], attributes }, where);
      return graph.blob(value);
    },
    result: (op, inputs, attributes = {}) =>
      graph.node({ ...operation(op), name: layer.name, inputs, outputs, attributes }, where),
    top,
    note: (what) => tell?.(`${where}: ${what}`),
    copies(value) {
      for (const i of outputs.keys()) top(i, 'Identity', [value]);
    },
  };
  return c;
}

/** An operation of limn's own domain is written with it in front: `limn.SoftmaxLoss`. */
function operation(op: string): Pick<Node, 'op' | 'domain'> {
  const own = `${ownDomain}.`;
  return op.startsWith(own) ? { op: op.slice(own.length), domain: ownDomain } : { op };
}

function checkCounts(type: LayerType, bottoms: number, tops: number, where: string): void {
  for (const [what, count, [least, most]] of [
    ['bottom', bottoms, type.bottoms ?? [1, 1]],
    ['top', tops, type.tops ?? [1, 1]],
  ] as const) {
    if (count >= least && count <= most) continue;
    const expected = least === most ? `${least}` : count < least ? `at least ${least}` : `at most ${most}`;
    fail(where, `it has ${count} ${what}${count === 1 ? '' : 's'}, its type takes ${expected}`);
  }
}
