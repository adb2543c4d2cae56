import { fail, LimnError } from '../common/error.ts';
import {
  type DataType,
  float32,
  type Graph,
  GraphBuilder,
  type Node,
  type Shape,
  size,
  type Tensor,
  type ValueInfo,
} from '../graph/index.ts';
import { type Inference, inferNode } from '../operators/index.ts';
import type { LayerParameter } from './generated/caffe_pb.ts';
import type { HeadOutput } from './heads.ts';
import type { Blob, Conversion, LayerType } from './layers/converter.ts';
import { converters, lossTypes } from './layers/table.ts';
import { BlobNames } from './names.ts';
import type { WeightStore } from './weights.ts';
import { whereOf } from './where.ts';

/**
 * The graph of a network's computing layers, and its outputs: the blobs that no layer takes, in the order in which
 * they are first written. Inputs that no layer takes are dropped. `leftOut` says of blobs that are no part of the
 * graph what they are.
 */
export function convertLayers(
  name: string,
  layers: readonly LayerParameter[],
  inputs: readonly ValueInfo[],
  store: WeightStore,
  leftOut: ReadonlyMap<string, string>,
  file: string,
): { graph: Graph; outputs: HeadOutput[] } {
  const b = new GraphBuilder(name);
  const shapes = new Map<string, Shape>();
  const types = new Map<string, DataType>();
  const constants = new Map<string, Tensor>();
  const known: Inference = { shapes, types, constants };
  const names = new BlobNames(
    layers.map(topsOf),
    inputs.map((input) => input.name),
  );
  const blobs = new Map<string, string>();
  const consumed = new Set<string>();

  const taken = new Set(layers.flatMap(bottomsOf));
  for (const input of inputs.filter((each) => taken.has(each.name))) {
    checkCount(input.shape, `${file}: input '${input.name}'`);
    b.input(input);
    shapes.set(input.name, input.shape);
    types.set(input.name, input.type);
    blobs.set(input.name, input.name);
  }

  layers.forEach((layer, index) => {
    const where = whereOf(layer, file);
    const type =
      converters.get(layer.type) ??
      fail(
        where,
        `layers of type ${layer.type} are not supported`,
        `known: ${[...converters.keys()].join(', ')}`,
      );
    const bottoms = bottomsOf(layer).map((bottom) => {
      const value = blobs.get(bottom);
      if (value !== undefined) return blobOf(value);
      const reason = leftOut.get(bottom);
      return fail(
        where,
        `its bottom '${bottom}' is ${reason ?? 'made by no layer before it'}`,
        reason ? undefined : 'check the spelling',
      );
    });
    const tops = topsOf(layer);
    checkCounts(type, bottoms.length, tops.length, where);
    for (const bottom of bottoms) consumed.add(bottom.value);
    const outputs = tops.map((top) => names.version(top, layer.name, index));
    type.convert(conversion(layer, where, bottoms, outputs));
    for (const [i, top] of tops.entries()) blobs.set(top, outputs[i]);
  });

  const written = [...new Set(layers.flatMap(topsOf))].map((top) => blobs.get(top)!);
  const outputs = written.filter((value) => !consumed.has(value));
  for (const value of outputs)
    b.output(value, { name: value, type: types.get(value)!, shape: shapes.get(value)! });
  return {
    graph: b.build(),
    outputs: outputs.map((value) => ({ name: value, shape: shapes.get(value)!, node: b.producer(value) })),
  };

  function blobOf(value: string): Blob {
    return { value, shape: shapes.get(value)! };
  }

  function conversion(layer: LayerParameter, where: string, bottoms: Blob[], outputs: string[]): Conversion {
    const add = (node: Node) => {
      try {
        inferNode(node, shapes, types, known);
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
    return {
      layer,
      where,
      bottoms,
      constant,
      scalar: (role, value) => constant(role, float32([], [value])),
      blob: (i, shape) => store.take(layer, i, shape),
      weight: (i, role, shape, as = shape) => constant(role, float32(as, store.take(layer, i, shape).data)),
      step(what, op, inputs, attributes = {}) {
        const value = names.unique(`${layer.name}:${what}`);
        add({ op, name: value, inputs, outputs: [value], attributes });
        return blobOf(value);
      },
      result: (op, inputs, attributes = {}) => add({ op, name: layer.name, inputs, outputs, attributes }),
      copies(value) {
        outputs.forEach((output, i) => {
          const name = i === 0 ? layer.name : `${layer.name}:${i}`;
          add({ op: 'Identity', name, inputs: [value], outputs: [output], attributes: {} });
        });
      },
    };
  }
}

/** A loss takes its scores only, not the labels. */
const bottomsOf = (layer: LayerParameter): readonly string[] =>
  lossTypes.has(layer.type) ? layer.bottom.slice(0, 1) : layer.bottom;

/** A loss' blob of probabilities: its second top where it has one, otherwise the one that has the loss in Caffe. */
function topsOf(layer: LayerParameter): readonly string[] {
  if (!lossTypes.has(layer.type)) return layer.top;
  return [layer.top[1] ?? layer.top[0] ?? layer.name];
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
