import { fail } from '../common/error.ts';
import type { Cotangents } from '../gradient/index.ts';
import { type Graph, GraphBuilder, type Head, type Model, type Shape, type Tensor } from '../graph/index.ts';
import { foldConstants, infer, lowerInto } from '../operators/index.ts';
import { canonise } from './canonise/canonise.ts';
import { layerIndex } from './canonise/layers.ts';
import { type Composite, checkNames } from './composites/composite.ts';
import { ruleName } from './composites/describe.ts';
import { restricted } from './conditions.ts';
import { bookkeeping, type Sums } from './conservation.ts';
import { withFreeNames } from './names.ts';
import { type Applied, propagate } from './propagate.ts';
import { referencePass } from './reference.ts';
import { inputBounds } from './rules/bounds.ts';
import { auxiliaryRelevance, linkOf, scoresBelow } from './scores.ts';
import { type Start, startingRelevance, type TargetInput } from './target.ts';
import type { Ledger } from './walk.ts';

/** By which rules, from which output and to where relevance is propagated. */
export interface RelevanceOptions {
  readonly composite: Composite;
  /** The output to explain; the first with classes unless given. */
  readonly head?: string | undefined;
  /** How the graph input `target` says which classes to explain; by index unless given. */
  readonly target?: TargetInput | undefined;
  /** The raw score unless given. */
  readonly start?: Start | undefined;
  /** Names of layers whose outputs' relevance is wanted besides the input's. */
  readonly at?: readonly string[] | undefined;
  /**
   * Layers whose relevance is restricted to channels, each below the one before it: concept relevance propagation (Achtibat
   * et al. 2023). Relevance goes on from each layer's output alone, times the graph input `mask:LAYER` (float32 N×C: one for
   * the channels that are asked about, zero for others), so that one graph answers all such questions, image by image. Over
   * masks of one channel each, relevance adds up to that of a mask of ones, which lacks only what reaches the input past the
   * layer. `relevance:LAYER` is what arrived before the mask; layers of `at` lie below the last.
   */
  readonly conditions?: readonly string[] | undefined;
  /** Adds, per layer, the sums of a conservation report. */
  readonly conservation?: boolean | undefined;
  /** As the original does with auxiliary heads: every softmax below the scores adds its probabilities as relevance. */
  readonly injectAuxiliary?: boolean | undefined;
  /** The input 1×C×H×W that `rescale` compares with; it is put out as `reference:INPUT`, once for each image. */
  readonly reference?: Tensor<'float32'> | undefined;
  /** The graph is to run once or twice only: weights are not rearranged for faster runs; false unless given. */
  readonly once?: boolean | undefined;
}

/** What {@link relevance} makes. */
export interface RelevanceGraph {
  /**
   * Inputs: the model's own, `target`, and `mask:LAYER` for each condition. Outputs: `scores` (before softmax), the head's output under its own name (`network:NAME` for a name that is limn's),
   * `relevance` (in the input's shape), `relevance:LAYER` for each layer asked for and each condition, and the sums of the
   * report.
   */
  readonly graph: Graph;
  /** The output that is explained. */
  readonly head: Head;
  /** What was done at each node, from the scores down: see {@link describe} and {@link compositeHash}. */
  readonly handling: ReadonlyMap<string, Applied>;
  /** Where the conservation report finds its sums, if it was asked for. */
  readonly sums: readonly Sums[];
}

/**
 * Forward and relevance as one graph that ONNX Runtime executes, of the network as {@link canonise} makes it.
 * Errors: no such head or layer; scores that are not one per class; a composite that has no entry for a node, names
 * layers that do not exist, or asks for what a node cannot do.
 *
 * @example
 * ```ts
 * import { namedComposite } from 'limn';
 * import { loadModel } from 'limn/node';
 * import { relevance } from 'limn/relevance';
 *
 * const { model } = await loadModel('models/face-api-age-gender.onnx');
 * const { graph, handling } = relevance(model, { composite: namedComposite('epsilon-plus'), head: 'gender' });
 * console.log(graph.outputs.map(({ name }) => name), handling.size);
 * ```
 */
export function relevance(asked: Model, options: RelevanceOptions): RelevanceGraph {
  const { model: given, head } = withFreeNames(asked, options.head);
  const model = canonise(given, options.composite.thresholds, options.at);
  const { graph, info } = model;
  const known = infer(graph);
  const scores = scoresBelow(graph, head.output);
  const input = graph.inputs[0] ?? fail(graph.name, 'the graph has no input');
  checkNames(options.composite, given.graph);
  const b = new GraphBuilder(graph, options);
  lowerInto(b, graph, known);

  const shape = known.shapes.get(scores)!;
  const { target = 'index', start = 'score', composite } = options;
  const link = linkOf(graph, head.output)?.kind;
  b.scope('target');
  const seeds = new Map([[scores, startingRelevance(b, scores, shape, target, start, link)]]);
  if (options.injectAuxiliary) {
    const auxiliary = auxiliaryRelevance(graph, scores, layerIndex(graph, info.layers));
    for (const [value, seed] of auxiliary) seeds.set(value, seed);
  }
  const layerOf = (name: string) => ({ name, value: resultOf(name, graph, given.graph) });
  const layers = (options.at ?? []).map(layerOf);
  const conditions = (options.conditions ?? []).map(layerOf);
  const reference = options.reference && referencePass(b, graph, known, options.reference);
  const handling = new Map<string, Applied>();
  const ledger: Ledger | undefined = options.conservation ? new Map() : undefined;
  const bounds =
    info.preprocessing && usesBounds(composite) ? inputBounds(info.preprocessing, input.shape) : undefined;
  const walk = { graph, known, composite, layers: info.layers, bounds, reference, ledger, log: handling };
  const arrived = (found: Cotangents, value: string, what: string) =>
    found.values.get(value) ??
    fail(
      what,
      conditions.length > 0
        ? `no relevance reaches it from output '${head.output}' through the conditions before it`
        : `no relevance reaches it from output '${head.output}'`,
    );
  const atConditions = new Map<string, string>();
  let from: ReadonlyMap<string, string> = seeds;
  for (const { name, value } of conditions) {
    const found = propagate(b, { ...walk, seeds: from, wanted: [value] });
    const relevance = arrived(found, value, `layer '${name}'`);
    atConditions.set(name, relevance);
    b.scope('mask');
    const shape = known.shapes.get(value)!;
    from = new Map([[value, restricted(b, name, shape, relevance, input.shape[0])]]);
  }
  const wanted = [input.name, ...layers.map((layer) => layer.value)];
  const found = propagate(b, { ...walk, seeds: from, wanted });

  b.scope('');
  const put = (value: string, name: string, shape: Shape) =>
    b.output(value, { name, type: 'float32', shape });
  put(scores, 'scores', shape);
  if (head.output !== 'scores') put(head.output, head.output, known.shapes.get(head.output)!);
  put(arrived(found, input.name, `input '${input.name}'`), 'relevance', input.shape);
  for (const { name, value } of [...conditions, ...layers]) {
    const relevance = atConditions.get(name) ?? arrived(found, value, `layer '${name}'`);
    put(relevance, `relevance:${name}`, known.shapes.get(value)!);
  }
  if (reference) put(reference.of(input.name), reference.of(input.name), input.shape);
  const rule = (node: string) => ruleName(handling.get(node)!);
  const sums = ledger ? bookkeeping(b, graph, known, ledger, rule) : [];
  return { graph: foldConstants(b.build()), head, handling, sums };
}

/** The value that a layer makes, also where the layer was merged into another. */
function resultOf(name: string, graph: Graph, given: Graph): string {
  const layer =
    graph.nodes.find((node) => node.name === name) ?? given.nodes.find((node) => node.name === name);
  const value =
    layer?.outputs[0] ?? fail(`layer '${name}'`, 'the network has no such layer', 'limn inspect lists them');
  return graph.nodes.some(({ outputs }) => outputs.includes(value))
    ? value
    : fail(`layer '${name}'`, 'it is merged into the layer before it', 'ask for that one');
}

/** Whether a rule of the composite needs to know a black and a white pixel. */
function usesBounds({ entries }: Composite): boolean {
  return entries.some(
    ({ handling }) =>
      typeof handling === 'object' &&
      handling.terms.some(({ products }) => products.some((p) => p.input === 'low' || p.input === 'high')),
  );
}
