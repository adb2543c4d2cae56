import { fail } from '../common/error.ts';
import { type Graph, GraphBuilder, type Model } from '../graph/index.ts';
import { infer, lowerInto } from '../operators/index.ts';
import { inputBounds } from './bounds.ts';
import { canonise } from './canonise.ts';
import type { Composite } from './composite.ts';
import { bookkeeping, type Sums } from './conservation.ts';
import { propagate } from './propagate.ts';
import { auxiliaryRelevance, headOf, scoresBelow } from './scores.ts';
import { type Start, startingRelevance, type TargetInput } from './target.ts';
import type { Ledger } from './walk.ts';

export interface RelevanceOptions {
  readonly composite: Composite;
  /** The output to explain; the first with classes unless given. */
  readonly head?: string;
  /** How the graph input `target` says which classes to explain; by index unless given. */
  readonly target?: TargetInput;
  /** The raw score unless given. */
  readonly start?: Start;
  /** Names of layers whose outputs' relevance is wanted besides the input's. */
  readonly at?: readonly string[];
  /** Adds, per layer, the sums of a conservation report. */
  readonly conservation?: boolean;
  /** As the original does with auxiliary heads: every other softmax adds its probabilities as relevance. */
  readonly injectAuxiliary?: boolean;
}

/** What {@link relevance} makes. */
export interface RelevanceGraph {
  /**
   * Inputs: the model's own, and `target`. Outputs: `scores` (before softmax), the head's output under its own name,
   * `relevance` (in the input's shape), `relevance:LAYER` for each layer asked for, and the sums of the report.
   */
  readonly graph: Graph;
  /** What was done at each node, from the scores down. */
  readonly handling: ReadonlyMap<string, string>;
  /** Where the conservation report finds its sums, if it was asked for. */
  readonly sums: readonly Sums[];
}

/** Forward and relevance as one graph that ONNX Runtime executes. */
export function relevance(given: Model, options: RelevanceOptions): RelevanceGraph {
  const model = canonise(given);
  const { graph, info } = model;
  const known = infer(graph);
  const head = headOf(model, options.head);
  const scores = scoresBelow(graph, head.output);
  const input = graph.inputs[0] ?? fail(graph.name, 'the graph has no input');
  const b = new GraphBuilder(graph);
  lowerInto(b, graph, known);

  const shape = known.shapes.get(scores)!;
  const seeds = new Map([
    [scores, startingRelevance(b, scores, shape, options.target ?? 'index', options.start ?? 'score')],
  ]);
  if (options.injectAuxiliary)
    for (const [value, seed] of auxiliaryRelevance(graph, scores)) seeds.set(value, seed);
  const layers = (options.at ?? []).map((name) => ({ name, value: outputOf(graph, name) }));
  const handling = new Map<string, string>();
  const ledger: Ledger | undefined = options.conservation ? new Map() : undefined;
  const { values } = propagate(b, {
    graph,
    known,
    seeds,
    wanted: [input.name, ...layers.map((layer) => layer.value)],
    composite: options.composite,
    layers: info.layers,
    bounds: info.preprocessing && inputBounds(info.preprocessing, input.shape),
    ledger,
    log: handling,
  });

  b.scope('');
  b.output(scores, { name: 'scores', type: 'float32', shape });
  if (head.output !== scores)
    b.output(head.output, { name: head.output, type: 'float32', shape: known.shapes.get(head.output)! });
  const arrived = (value: string, what: string) =>
    values.get(value) ?? fail(what, `no relevance reaches it from output '${head.output}'`);
  b.output(arrived(input.name, `input '${input.name}'`), {
    name: 'relevance',
    type: 'float32',
    shape: input.shape,
  });
  for (const { name, value } of layers) {
    b.output(arrived(value, `layer '${name}'`), {
      name: `relevance:${name}`,
      type: 'float32',
      shape: known.shapes.get(value)!,
    });
  }
  const sums = ledger ? bookkeeping(b, graph, ledger) : [];
  return { graph: b.build(), handling, sums };
}

function outputOf(graph: Graph, name: string): string {
  const node = graph.nodes.find((n) => n.name === name);
  return (
    node?.outputs[0] ?? fail(`layer '${name}'`, 'the network has no such layer', 'limn inspect lists them')
  );
}
