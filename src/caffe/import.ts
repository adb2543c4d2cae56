import { fail } from '../common/error.ts';
import { field, words } from '../common/words.ts';
import type { Model } from '../graph/index.ts';
import type { LayerWeights } from './caffemodel.ts';
import { checkTypes, convertLayers } from './convert.ts';
import { copyWith } from './copy.ts';
import { dataInputs, stagesOf, undeclaredInputs } from './data.ts';
import {
  type LayerParameter,
  LayerParameterSchema,
  type NetParameter,
  NetParameterSchema,
} from './generated/caffe_pb.ts';
import { headsOf } from './heads.ts';
import { converters, inputTypes, isIgnored, scoringLosses } from './layers/table.ts';
import { ownData } from './refusals.ts';
import { caffeLayers } from './split.ts';
import { filterNet, type State } from './state.ts';
import { WeightStore } from './weights.ts';
import { whereOf } from './where.ts';

/** What a definition of Caffe's does not say of its network. */
export interface ImportOptions {
  /** Weights by layer name; without them the network has shapes but zeros for weights. */
  readonly weights?: ReadonlyMap<string, LayerWeights>;
  /** The weights' file, for errors. */
  readonly weightsFile?: string;
  /** Which `include` and `exclude` rules hold; the test phase unless given. */
  readonly state?: State;
  /** Told what the user should know, but what is no error: a layer of which limn makes something else than Caffe. */
  readonly tell?: (note: string) => void;
  /**
   * N×C×H×W of the (first) input, where the network's files do not say or another size is wanted. It declares the one
   * blob that nothing makes, in a file without inputs.
   */
  readonly inputShape?: readonly number[];
}

/**
 * A Caffe network (V2; see `upgradeNet`) as a model: every layer becomes ONNX nodes, the one that computes its result
 * under the layer's own name, any others as `layer:what`. Blobs keep their names; where layers write in place, the
 * last version has the blob's name and an earlier one is `blob:layer`. Layers that need labels are left out, but the
 * softmax in SoftmaxWithLoss. What no layer takes is an output. Errors: unknown layer types; all layers whose weights
 * are missing or misshapen, at once.
 */
export function importNet(given: NetParameter, file: string, options: ImportOptions = {}): Model {
  const filtered = asKnownData(
    filterNet(given, options.state ?? { phase: 'test' }, file),
    options.inputShape,
  );
  const layers = filtered.layer.filter((layer) => !inputTypes.has(layer.type) && !isIgnored(layer));
  if (layers.length === 0) fail(file, 'the network has no layers that compute anything');
  checkTops(layers, file);
  checkTypes(layers, converters, file, words`${ownData}, or give ${field('inputShape')}`);
  const taken = new Set(layers.flatMap(bottomsOf));
  const input = options.inputShape ? undeclaredInputs(filtered, taken) : [];
  const net = input.length > 0 ? copyWith(NetParameterSchema, filtered, { input }) : filtered;
  const inputs = dataInputs(net, file, taken, options.inputShape, stagesOf(given));
  const weights = new WeightStore(options.weights, options.weightsFile ?? file);
  const { tell } = options;
  const reading = { types: converters, weights, bottomsOf, topsOf, leftOut: leftOut(net), tell };
  const { builder, known, unused } = convertLayers(net.name || 'net', layers, inputs, reading, file);
  weights.check(layers);
  for (const { name, shape } of unused) builder.output(name, { name, type: known.types.get(name)!, shape });
  const listed = caffeLayers(net, file).map(({ name, type }) => ({ name, type }));
  return { graph: builder.build(), info: { heads: headsOf(unused), provenance: {}, layers: listed } };
}

/**
 * The network with layers that read data in ways of their own (of forks, in Python) as data layers like others, as far as
 * the size of a picture is known: who reads the pictures for training is nothing to a network that classifies.
 */
function asKnownData(net: NetParameter, inputShape: readonly number[] | undefined): NetParameter {
  const layer = net.layer.map((each) => {
    const { type, bottom, top, transformParam } = each;
    const known = type === '' || type === 'Parameter' || inputTypes.has(type) || converters.has(type);
    const isSized = inputShape !== undefined || (transformParam?.cropSize ?? 0) > 0;
    if (known || bottom.length > 0 || top.length === 0 || !isSized) return each;
    return copyWith(LayerParameterSchema, each, { type: 'Data' });
  });
  return copyWith(NetParameterSchema, net, { layer });
}

/** Errors: a top without a name. */
export function checkTops(layers: readonly LayerParameter[], file: string): void {
  for (const layer of layers) {
    if (layer.top.includes('')) fail(whereOf(layer, file), 'one of its tops has no name', 'give it one');
  }
}

/** A loss takes its scores only, not the labels. */
const bottomsOf = (layer: LayerParameter): readonly string[] =>
  scoringLosses.has(layer.type) ? layer.bottom.slice(0, 1) : layer.bottom;

/** A loss' blob of probabilities: its second top where it has one, otherwise the one that has the loss in Caffe. */
function topsOf(layer: LayerParameter): readonly string[] {
  if (!scoringLosses.has(layer.type)) return layer.top;
  return [layer.top[1] ?? layer.top[0] ?? layer.name];
}

/** Blobs that the file makes but the graph does not have, and why, for errors about layers that take them. */
function leftOut(net: NetParameter): Map<string, string> {
  const blobs = new Map<string, string>();
  for (const layer of net.layer) {
    const { type, top } = layer;
    if (isIgnored(layer)) {
      for (const name of top) blobs.set(name, `the output of a layer of type ${type}, which is left out`);
    } else if (inputTypes.has(type) && type !== 'Input' && type !== 'DummyData') {
      for (const name of top.slice(1)) blobs.set(name, 'a label, which a photo to classify does not bring');
    }
  }
  return blobs;
}
