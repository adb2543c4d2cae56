import { fail, LimnError } from '../common/error.ts';
import type { Words } from '../common/words.ts';
import {
  type DataType,
  float32,
  GraphBuilder,
  type Node,
  ownDomain,
  type Shape,
  size,
  type Tensor,
  type ValueInfo,
} from '../graph/index.ts';
import { type Inference, inferNode } from '../operators/index.ts';
import type { LayerParameter } from './generated/caffe_pb.ts';
import type { HeadOutput } from './heads.ts';
import type { Blob, Conversion, LayerType } from './layers/converter.ts';
import { BlobNames } from './names.ts';
import { failMissing, failType } from './refusals.ts';
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

/** Errors: a layer of a type that is not read, with what is known of it; `data` is what can be done about data layers. */
export function checkTypes(
  layers: readonly LayerParameter[],
  types: ReadonlyMap<string, LayerType>,
  file: string,
  data?: Words,
): void {
  for (const layer of layers) if (!types.has(layer.type)) failType(layer, [...types.keys()], file, data);
}

/** The nodes of a network's computing layers, whose types are all known. */
export function convertLayers(
  name: string,
  layers: readonly LayerParameter[],
  inputs: readonly ValueInfo[],
  { types: layerTypes, weights, bottomsOf, topsOf, leftOut, tell }: Reading,
  file: string,
): Converted {
  const b = new GraphBuilder(name);
  const shapes = new Map<string, Shape>();
  const types = new Map<string, DataType>();
  const constants = new Map<string, Tensor>();
  const known = { shapes, types, constants, elements: new Map() };
  const names = new BlobNames(
    layers.map(topsOf),
    inputs.map((input) => input.name),
  );
  const blobs = new Map<string, string>();
  const consumed = new Set<string>();
  const made = new Map<string, readonly string[]>();

  for (const input of inputs) {
    const where = `${file}: input '${input.name}'`;
    checkCount(input.shape, where);
    if (blobs.has(input.name)) fail(where, 'two data layers or inputs make it', 'keep one of them');
    blobs.set(input.name, declare(input));
  }

  layers.forEach((layer, index) => {
    const where = whereOf(layer, file);
    const type = layerTypes.get(layer.type)!;
    const bottoms = bottomsOf(layer).map((bottom) => {
      const value = blobs.get(bottom);
      if (value !== undefined) return blobOf(value);
      const reason = leftOut.get(bottom);
      return reason ? fail(where, `its bottom '${bottom}' is ${reason}`) : failMissing(layer, bottom, where);
    });
    const tops = topsOf(layer);
    checkCounts(type, bottoms.length, tops.length, where);
    for (const bottom of bottoms) consumed.add(bottom.value);
    const outputs = tops.map((top) => names.version(top, layer.name, index));
    made.set(layer.name, outputs);
    type.convert(conversion(layer, where, bottoms, outputs));
    for (const [i, top] of tops.entries()) blobs.set(top, outputs[i]);
  });

  const written = [...new Set(layers.flatMap(topsOf))].map((top) => blobs.get(top)!);
  const unused = written
    .filter((value) => !consumed.has(value))
    .map((value) => ({ name: value, shape: shapes.get(value)!, node: b.producer(value) }));
  return { builder: b, known, made, unused };

  function declare(input: ValueInfo): string {
    shapes.set(input.name, input.shape);
    types.set(input.name, input.type);
    return b.input(input);
  }

  function blobOf(value: string): Blob {
    return { value, shape: shapes.get(value)! };
  }

  function conversion(layer: LayerParameter, where: string, bottoms: Blob[], outputs: string[]): Conversion {
    const add = (node: Node) => {
      try {
        inferNode(node, known);
      } catch (error) {
        throw error instanceof LimnError ? new LimnError(where, error.what, error.fix) : error;
      }
      for (const output of node.outputs) checkCount(shapes.get(output)!, where);
      b.node(node);
    };
    const constant = (role: string, tensor: Tensor) => {
      const value = b.weight(names.unique(`${layer.name}.${role}`), tensor);
      constants.set(value, tensor);
      shapes.set(value, tensor.shape);
      types.set(value, tensor.type);
      return value;
    };
    const top: Conversion['top'] = (i, op, inputs, attributes = {}) => {
      const name = i === 0 ? layer.name : `${layer.name}:${i}`;
      add({ ...operation(op), name, inputs, outputs: [outputs[i]], attributes });
    };
    const c: Conversion = {
      layer,
      where,
      bottoms,
      tops: outputs.length,
      constant,
      input: (info) => declare({ ...info, name: names.unique(info.name) }),
      scalar: (role, value) => constant(role, float32([], [value])),
      blob: (i, shape) => weights.take(layer, i, shape),
      weight: (i, role, shape, as = shape) => weights.value(c, i, role, shape, as),
      step(what, op, inputs, attributes = {}) {
        const value = names.unique(`${layer.name}:${what}`);
        add({ ...operation(op), name: value, inputs, outputs: [value], attributes });
        return blobOf(value);
      },
      result: (op, inputs, attributes = {}) =>
        add({ ...operation(op), name: layer.name, inputs, outputs, attributes }),
      top,
      note: (what) => tell?.(`${where}: ${what}`),
      copies(value) {
        for (const i of outputs.keys()) top(i, 'Identity', [value]);
      },
    };
    return c;
  }
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

/** Caffe's own limit on the number of values of a blob, here for each image. */
function checkCount(shape: Shape, where: string): void {
  const count = size(shape.map((dim) => (typeof dim === 'number' ? dim : 1)));
  if (count > 0x7fffffff) fail(where, `a blob [${shape}] is larger than Caffe's limit of 2147483647 values`);
}
