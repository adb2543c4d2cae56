import {
  type LrpMethod,
  lrpOf,
  parseTarget,
  type ResolvedTarget,
  resolveTargets,
} from '../../attribution/index.ts';
import { classWeights, isSingle, predicted } from '../../attribution/resolve.ts';
import type { Classifier } from '../../classifier/index.ts';
import { fail, failRequest } from '../../common/error.ts';
import type { Shard } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import { type FieldSite, usualLayers } from '../../concepts/index.ts';
import { type Graph, int64, type Tensor } from '../../graph/index.ts';
import { infer } from '../../operators/index.ts';
import { canonise, type TargetInput } from '../../relevance/index.ts';
import type { Compute, Host } from '../host.ts';
import type { PhotoSet } from '../photoset.ts';
import type { Watch } from '../verb.ts';
import type { ConceptsFields } from './request.ts';
import type { ConceptsEvent } from './result.ts';

/** All that an analysis of concepts needs. */
export interface ConceptsWork {
  readonly classifier: Classifier;
  readonly photos: PhotoSet;
  /** Photos that are explained, if any. */
  readonly explained: PhotoSet | undefined;
  readonly fields: ConceptsFields;
  /** The part of the photos that is surveyed; all unless given. */
  readonly shard?: Shard | undefined;
  /** Layers by name, the upper first, each with the next that it is fed by, if any. */
  readonly layers: readonly LayerPlace[];
  readonly method: LrpMethod;
  /** What is explained of every photo; `predicted` is still open. */
  readonly target: ResolvedTarget;
  readonly host: Host;
  readonly watch: Watch<ConceptsEvent>;
}

/** A layer, and where its output stands in the network that is propagated through. */
export interface LayerPlace {
  readonly name: string;
  readonly below?: string | undefined;
  readonly site: FieldSite;
}

/** What is explained. Errors: as of targets; `predicted` among several. */
export function explainedOf({ head, classes }: Classifier, { target }: ConceptsFields): ResolvedTarget {
  const [found] = resolveTargets(parseTarget(target), 1, head, classes);
  if (!isSingle(found) && [...found.classes, ...found.against].includes(predicted))
    failRequest(words`${field('target')}`, "'predicted' goes alone here", 'name the classes');
  return found;
}

export const methodFrom = (fields: ConceptsFields): LrpMethod => ({ method: 'lrp', ...lrpOf(fields) });

/** The layers that are analysed, the upper first. Errors: no such layer; an input whose size is not fixed. */
export function placesOf({ model, head, name }: Classifier, { layers }: ConceptsFields): LayerPlace[] {
  const { shape } = model.graph.inputs[0];
  if (shape.slice(1).some((n) => typeof n !== 'number'))
    fail(name, `its input [${shape}] has no fixed size`, 'export it with one');
  const { graph } = canonise(model);
  const known = infer(graph);
  const wanted = [...new Set(layers ?? usualLayers(model, head))];
  if (wanted.length === 0) failRequest(words`${field('layers')}`, 'expected at least one');
  const order = new Map(graph.nodes.map((node, i) => [node.name, i]));
  const places = wanted.map((layer) => {
    const at = order.get(layer) ?? model.graph.nodes.findIndex((node) => node.name === layer);
    const node = graph.nodes[order.get(layer) ?? -1] ?? model.graph.nodes[at];
    if (!node) fail(`layer '${layer}'`, 'the network has no such layer', 'limn inspect lists them');
    return { name: layer, at, site: { graph, value: node.outputs[0], known } };
  });
  places.sort((a, b) => b.at - a.at);
  return places.map(({ name: layer, site }, i) => {
    const feeding = places.slice(i + 1).find((other) => feeds(graph, other.site.value, site.value));
    return { name: layer, site, ...(feeding && { below: feeding.name }) };
  });
}

/** Whether one value of a graph is made of another. */
function feeds(graph: Graph, lower: string, upper: string): boolean {
  const made = new Set([lower]);
  for (const { inputs, outputs } of graph.nodes)
    if (inputs.some((input) => made.has(input))) for (const output of outputs) made.add(output);
  return made.has(upper);
}

/** How the graph input `target` says what is explained. */
export const targetInput = (target: ResolvedTarget): TargetInput => (isSingle(target) ? 'index' : 'weights');

/** The graph input `target`, one for each image of a run. */
export function targetTensor(targets: readonly ResolvedTarget[], classes: number): Tensor {
  return targets.every(isSingle)
    ? int64(
        [targets.length],
        targets.map(({ classes: [index] }) => index),
      )
    : classWeights(targets, classes);
}

/** Where so many runs of a graph are done. */
export const computeFor = ({ host, fields }: ConceptsWork, graph: Graph, runs: number): Promise<Compute> =>
  host.compute(graph, runs, fields);
