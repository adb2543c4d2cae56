import { fail } from '../common/error.ts';
import { type DataType, GraphBuilder, type Head, type Model, type Shape, type Tensor } from '../graph/index.ts';
import { type Inference, inferNode } from '../operators/index.ts';
import type { LayerWeights } from './caffemodel.ts';
import type { LayerParameter, NetParameter } from './generated/caffe_pb.ts';
import { dataInputs } from './data.ts';
import type { Blob, Conversion } from './layers/converter.ts';
import { converters, ignoredTypes, inputTypes } from './layers/table.ts';
import { positionOf, place } from './position.ts';
import { listLayers } from './split.ts';
import { filterNet, type State } from './state.ts';
import { WeightStore } from './weights.ts';

export interface ImportOptions {
  /** Weights by layer name; without them the network has shapes but zeros for weights. */
  readonly weights?: ReadonlyMap<string, LayerWeights>;
  /** The weights' file, for errors. */
  readonly weightsFile?: string;
  /** Which `include` and `exclude` rules hold; the test phase unless given. */
  readonly state?: State;
  /** N×C×H×W of the input, where the network's files do not say. */
  readonly inputShape?: readonly number[];
}

/**
 * A Caffe network (V2; see `upgradeNet`) as a model: every layer becomes ONNX nodes, the one that computes its result
 * under the layer's own name, any others as `layer:what`. Blobs keep their names; where layers write in place, the
 * last version has the blob's name and an earlier one is `blob:layer`. Layers that need labels are left out, but the
 * softmax in SoftmaxWithLoss. Errors: unknown layer types; all layers whose weights are missing or misshapen, at once.
 */
export function importNet(given: NetParameter, file: string, options: ImportOptions = {}): Model {
  const net = filterNet(given, options.state ?? { phase: 'test' }, file);
  const layers = net.layer.filter((layer) => !inputTypes.has(layer.type) && !ignoredTypes.has(layer.type));
  const b = new GraphBuilder(net.name || 'net');
  const shapes = new Map<string, Shape>();
  const types = new Map<string, DataType>();
  const constants = new Map<string, Tensor>();
  const known: Inference = { shapes, types, constants };
  const store = new WeightStore(options.weights, options.weightsFile ?? file);
  const blobs = new Map<string, string>();
  const add = (node: Parameters<GraphBuilder['node']>[0]) => {
    inferNode({ attributes: {}, ...node }, shapes, types, known);
    b.node(node);
  };
  for (const input of dataInputs(net, file, options.inputShape)) {
    b.input(input);
    shapes.set(input.name, input.shape);
    types.set(input.name, input.type);
    blobs.set(input.name, input.name);
  }
  const names = topNames(layers, new Set(blobs.keys()));
  const consumed = new Set<string>();

  layers.forEach((layer, index) => {
    const where = whereOf(layer, file);
    const convert = Object.hasOwn(converters, layer.type) ? converters[layer.type] : undefined;
    if (!convert) fail(where, `layers of type ${layer.type} are not supported`, `known: ${Object.keys(converters).join(', ')}`);
    const blobOf = (value: string): Blob => ({ value, shape: shapes.get(value)! });
    const used = isLoss(layer) ? layer.bottom.slice(0, 1) : layer.bottom;
    const bottoms = used.map((bottom) =>
      blobOf(blobs.get(bottom) ?? fail(where, `its bottom '${bottom}' is made by no layer before it`)),
    );
    if (bottoms.length === 0) fail(where, 'it has no bottom');
    for (const bottom of bottoms) consumed.add(bottom.value);
    const constant = (role: string, tensor: Tensor) => {
      const name = b.weight(`${layer.name}.${role}`, tensor);
      constants.set(name, tensor);
      shapes.set(name, tensor.shape);
      types.set(name, tensor.type);
      return name;
    };
    const c: Conversion = {
      layer,
      where,
      bottoms,
      constant,
      blob: (i, shape) => store.take(layer, i, shape),
      weight: (i, role, shape) => constant(role, store.take(layer, i, shape)),
      step(what, op, inputs, attributes = {}) {
        const name = `${layer.name}:${what}`;
        add({ op, name, inputs, outputs: [name], attributes });
        return blobOf(name);
      },
      result(op, inputs, attributes = {}) {
        add({ op, name: layer.name, inputs, outputs: names[index], attributes });
        layer.top.forEach((top, i) => blobs.set(top, names[index][i]));
      },
    };
    convert(c);
  });
  store.check(layers);

  const outputs = [...new Set(layers.flatMap((layer) => layer.top))].map((top) => blobs.get(top)!).filter((value) => !consumed.has(value));
  for (const name of outputs) b.output(name, { name, type: types.get(name)!, shape: shapes.get(name)! });
  const graph = b.build();
  const heads = outputs.map((output): Head => ({ name: output, output, kind: isNumber(shapes.get(output)!) ? 'number' : 'classes' }));
  const listed = listLayers(net, file).map(({ name, type }) => ({ name, type }));
  return { graph, info: { heads, provenance: {}, layers: listed } };
}

const isLoss = (layer: LayerParameter): boolean => layer.type.endsWith('Loss');
const isNumber = (shape: Shape): boolean => shape.slice(1).every((n) => n === 1);

function whereOf(layer: LayerParameter, file: string): string {
  const position = positionOf(layer);
  return `${position ? place(position) : file}: layer '${layer.name}'`;
}

/** The value names of each layer's tops: a blob's last version gets the blob's own name. */
function topNames(layers: readonly LayerParameter[], taken: ReadonlySet<string>): string[][] {
  const last = new Map<string, number>();
  layers.forEach((layer, i) => {
    for (const top of layer.top) last.set(top, i);
  });
  return layers.map((layer, i) =>
    layer.top.map((top) => (last.get(top) === i && !taken.has(top) ? top : `${top}:${layer.name}`)),
  );
}
