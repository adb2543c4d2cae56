import type { TrainingNet } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import { floats, type Node } from '../../graph/index.ts';
import type { Runtime, SessionOptions, Tensors } from '../../runtime/index.ts';
import { probedBackward, probedForward, weightedNet } from './places.ts';
import { indexOf, surveyTensor, type TensorSurvey } from './survey.ts';

/** Where values that are not finite arise first. */
export interface NonFinite {
  /** In what the network is fed with, in a parameter, on the way forward, or in gradients on the way back. */
  readonly stage: 'input' | 'parameter' | 'forward' | 'backward';
  /** The layer that makes it: the parameter's owner, or the data layer. */
  readonly layer: string;
  /** The layer's operation; undefined for inputs and parameters. */
  readonly op: string | undefined;
  /** The value in the graph; of a gradient, what it is the gradient of. */
  readonly value: string;
  readonly shape: readonly number[];
  /** How many of its elements are not finite. */
  readonly count: number;
  /** The index of the first of them. */
  readonly first: readonly number[];
  /** What stands there: NaN, Infinity or −Infinity. */
  readonly found: number;
  /** The largest magnitude that the layer takes: its inputs, or the gradients that arrive at it on the way back. */
  readonly inputReach: number | undefined;
  /** The largest magnitude of the layer's parameters. */
  readonly weightReach: number | undefined;
}

/** What one step computed with. */
export interface StepInputs {
  /** By parameter name: the weights before the update. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** All inputs of the network's graph: pictures, labels, masks, normalisers. */
  readonly feeds: Tensors;
}

/**
 * Computes a step once more and says where the first value arises that is not finite: in the inputs, the parameters,
 * the layers in their order, or the gradients from the loss down; undefined where all are finite. Errors: inputs or
 * parameters that are missing.
 */
export async function firstNonFinite(
  net: TrainingNet,
  { weights, feeds }: StepInputs,
  runtime: Runtime,
  options: SessionOptions = {},
): Promise<NonFinite | undefined> {
  const given = new Map<string, TensorSurvey>();
  for (const { name, type } of net.graph.inputs) {
    const tensor = feeds[name] ?? fail(`input '${name}'`, 'is missing');
    if (type !== 'float32') continue;
    const found = surveyTensor(floats(tensor, `input '${name}'`));
    const layer = net.data.find(({ data }) => data === name)?.layer.name ?? name;
    if (found.count > 0) return report({ stage: 'input', layer, value: name, shape: tensor.shape }, found);
    given.set(name, found);
  }
  for (const { name, shape, blobs } of net.parameters) {
    const found = surveyTensor(weights.get(name) ?? fail(`parameter '${name}'`, 'is missing'));
    const layer = blobs[0]?.layer ?? name;
    if (found.count > 0) return report({ stage: 'parameter', layer, value: name, shape }, found);
    given.set(name, found);
  }

  const graph = weightedNet(net, weights, feeds);
  const own = new Set(net.parameters.map(({ name }) => name));
  // One after the other: what is computed forward need not be kept unless the gradients want it.
  for (const probed of [probedForward, probedBackward]) {
    const { graph: computed, places, read } = probed(net, graph);
    const session = await runtime.load(computed, { ...options, optimise: 'quick' });
    const surveys = await session
      .run(feeds)
      .then(read)
      .finally(() => session.release());
    const place = places.find(({ probed }) => surveys.get(probed)!.count > 0);
    if (!place) continue;
    const { stage, node, value, shape, from } = place;
    const reach = (values: readonly string[]) =>
      reachOf(values.map((input) => surveys.get(input) ?? given.get(input)));
    const owned = node.inputs.filter((input) => own.has(input));
    const at = { stage, layer: layerOf(node), op: node.op, value, shape };
    return report({ ...at, inputReach: reach(from), weightReach: reach(owned) }, surveys.get(place.probed)!);
  }
  return undefined;
}

/** The layer that a node is part of: what an importer makes beside a layer's main node is called `layer:what`. */
const layerOf = ({ name }: Node): string => name.replace(/(?<=.):[^:]*$/, '');

function reachOf(surveys: readonly (TensorSurvey | undefined)[]): number | undefined {
  const known = surveys.flatMap((one) => (one ? [one.reach] : []));
  return known.length > 0 ? Math.max(...known) : undefined;
}

function report(
  at: Pick<NonFinite, 'stage' | 'layer' | 'value' | 'shape'> &
    Partial<Pick<NonFinite, 'op' | 'inputReach' | 'weightReach'>>,
  { count, first, found }: TensorSurvey,
): NonFinite {
  const absent = { op: undefined, inputReach: undefined, weightReach: undefined };
  return { ...absent, ...at, count, first: indexOf(first, at.shape), found: found! };
}
