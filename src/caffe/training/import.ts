import { fail } from '../../common/error.ts';
import { type Converted, checkTypes, convertLayers } from '../convert.ts';
import { stagesOf } from '../data.ts';
import type { LayerParameter, NetParameter } from '../generated/caffe_pb.ts';
import { checkTops } from '../import.ts';
import { inputTypes } from '../layers/table.ts';
import { filterNet, type State } from '../state.ts';
import { whereOf } from '../where.ts';
import { trainingInputs } from './inputs.ts';
import { lossTypes } from './loss.ts';
import type { TrainingNet } from './net.ts';
import { Parameters } from './parameters.ts';
import type { TrainingRecord } from './record.ts';
import { swallowing, trainingTypes } from './table.ts';

/** In which phase a network is wanted, and what its file does not say. */
export interface TrainingOptions extends State {
  /** C×H×W of the pictures of data layers, by the layer's name; needed where the file does not say their size. */
  readonly shapes?: ReadonlyMap<string, readonly number[]> | undefined;
}

/**
 * A Caffe network (V2; see `upgradeNet`) for one phase of training: the layers that classify as `importNet` makes
 * them, and those that need a batch or labels (losses, measures, dropout, batch normalisation). Errors: unknown layer
 * types, shapes that do not fit, parameters that are shared but differ.
 */
export function importTraining(given: NetParameter, file: string, options: TrainingOptions): TrainingNet {
  const { phase, shapes } = options;
  const net = filterNet(given, options, file);
  const layers = net.layer.filter((layer) => !inputTypes.has(layer.type));
  if (layers.length === 0) fail(file, 'the network has no layers that compute anything');
  checkTops(layers, file);
  const names = new Set<string>();
  const record = emptyRecord(phase, names);
  const types = trainingTypes(record);
  checkTypes(layers, types, file);
  const { inputs, data } = trainingInputs(net, file, shapes, stagesOf(given));
  for (const { name } of inputs) names.add(name);
  const parameters = new Parameters(file);
  const reading = {
    types,
    weights: parameters,
    bottomsOf: (layer: LayerParameter) => layer.bottom,
    topsOf,
    leftOut: leftOut(layers),
  };
  const name = net.name || 'net';
  const converted = convertLayers(name, layers, inputs, reading, file);
  parameters.check(layers, file);

  const { builder, known } = converted;
  const losses = lossesOf(layers, converted, file);
  const outputs = outputsOf(layers, converted, losses);
  const { masks, normalisers, moving, ranges, wholeBatch } = record;
  const listed = [...outputs.map((output) => output.name), ...losses.map(({ value }) => value)];
  for (const value of new Set([...listed, ...moving.map(({ output }) => output)])) {
    builder.output(value, { name: value, type: known.types.get(value)!, shape: known.shapes.get(value)! });
  }
  return {
    name,
    phase,
    graph: builder.build(),
    data,
    parameters: parameters.list,
    masks,
    normalisers,
    outputs,
    losses,
    moving,
    ranges,
    wholeBatch,
  };
}

const emptyRecord = (phase: TrainingRecord['phase'], data: ReadonlySet<string>): TrainingRecord => ({
  phase,
  data,
  masks: [],
  normalisers: [],
  moving: [],
  ranges: [],
  wholeBatch: false,
});

/** The values that the loss is the weighted sum of. */
function lossesOf(
  layers: readonly LayerParameter[],
  { made }: Converted,
  file: string,
): TrainingNet['losses'] {
  return layers.flatMap((layer) => {
    const weights = lossWeights(layer, file);
    return made.get(layer.name)!.flatMap((value, i) => (weights[i] ? [{ value, weight: weights[i] }] : []));
  });
}

/** The blobs that no layer takes, in the order of their names; without the tops that the file does not have. */
function outputsOf(
  layers: readonly LayerParameter[],
  { made, unused }: Converted,
  losses: TrainingNet['losses'],
): TrainingNet['outputs'] {
  const automatic = new Set(layers.flatMap((layer) => (layer.top.length === 0 ? made.get(layer.name)! : [])));
  return unused
    .map(({ name }) => name)
    .filter((name) => !automatic.has(name))
    .sort()
    .map((name) => ({ name, lossWeight: losses.find(({ value }) => value === name)?.weight ?? 0 }));
}

/** A loss without a top has one all the same, which is no output. */
function topsOf(layer: LayerParameter): readonly string[] {
  if (swallowing.has(layer.type)) return [];
  return layer.top.length === 0 && lossTypes.has(layer.type) ? [`${layer.name}:loss`] : layer.top;
}

/** loss_weight of each top; by default 1 for the first of a loss, 0 for all else. */
function lossWeights(layer: LayerParameter, file: string): readonly number[] {
  const [tops, given] = [topsOf(layer).length, layer.lossWeight];
  if (given.length === 0) return lossTypes.has(layer.type) ? [1] : [];
  if (given.length !== tops) {
    fail(whereOf(layer, file), `${given.length} loss_weight for ${tops} tops`, 'give one for each top');
  }
  return given;
}

function leftOut(layers: readonly LayerParameter[]): Map<string, string> {
  return new Map(
    layers
      .filter((layer) => swallowing.has(layer.type))
      .flatMap(({ type, top }) =>
        top.map((name) => [name, `the output of a layer of type ${type}, which is left out`] as const),
      ),
  );
}
