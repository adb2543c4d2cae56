import { inBatches } from '../../classifier/batches.ts';
import { joined, withRows } from '../../classifier/rows.ts';
import type { Counter } from '../../common/progress.ts';
import { fixBatch, floats, int64, type Tensor } from '../../graph/index.ts';
import { type Balance, balances, type RelevanceGraph, type TargetInput } from '../../relevance/index.ts';
import type { Session, SessionOptions, Tensors } from '../../runtime/index.ts';
import type { ExplainOptions } from '../method.ts';
import type { Setting } from '../prepared.ts';
import { classWeights, isSingle, predicted, type ResolvedTarget, settlePredicted } from '../resolve.ts';
import { explanationGraph, type SinglePassMethod } from './graph.ts';
import { keptGraph } from './keptgraph.ts';

/** What one run of an explanation graph gives for a batch. */
export interface PassResult {
  /** N×K, before softmax. */
  readonly scores: Tensor<'float32'>;
  /** The head's own output. */
  readonly output: Tensor<'float32'>;
  readonly relevance: Tensor<'float32'>;
  /** By layer. */
  readonly layers: Readonly<Record<string, Tensor<'float32'>>>;
  /** Per image, if the graph keeps the books. */
  readonly conservation?: readonly (readonly Balance[])[];
  /** What was explained, with `predicted` settled. */
  readonly targets: readonly ResolvedTarget[];
}

/** Runs an explanation graph on a batch; images are added to the counter as they are done. */
export type Pass = (
  input: Tensor<'float32'>,
  targets: readonly ResolvedTarget[],
  counter: Counter,
) => Promise<PassResult>;

/** A pass with what it holds. */
export interface OpenPass {
  readonly run: Pass;
  /** What is done at each node, from the scores down. */
  readonly handling: RelevanceGraph['handling'];
  release(): Promise<void>;
}

/**
 * The pass of a single-pass method. Its sessions are loaded when they are first needed: one for single classes, by
 * index; another for several classes and contrasts, by weights. Errors: those of {@link explanationGraph}.
 */
export function openPass(setting: Setting, method: SinglePassMethod, options: ExplainOptions): OpenPass {
  const { fixed, batch } = setting;
  const { head, start, at, conservation } = options;
  const once = runsOnce(setting.session);
  const make = (target: TargetInput): RelevanceGraph =>
    keptGraph(
      setting.model,
      { ...method, head, start, at, conservation, target, once, batch: fixed ? batch : undefined },
      () => {
        const made = explanationGraph(setting.model, method, { ...options, target, once });
        const open = typeof made.graph.inputs[0].shape[0] === 'string';
        return fixed && open ? { ...made, graph: fixBatch(made.graph, batch) } : made;
      },
    );
  const byIndex = make('index');
  const loaded = new Map<TargetInput, { made: RelevanceGraph; session: Promise<Session> }>();
  const load = (kind: TargetInput) => {
    const known = loaded.get(kind);
    if (known) return known;
    const made = kind === 'index' ? byIndex : make(kind);
    const entry = { made, session: setting.runtime.load(made.graph, setting.session) };
    loaded.set(kind, entry);
    // A load that failed is tried again by the next run.
    entry.session.catch(() => loaded.delete(kind));
    return entry;
  };

  const runAs = async (kind: TargetInput, ...[input, targets, counter]: Parameters<Pass>) => {
    const { made, session } = load(kind);
    const classes = Number(made.graph.outputs.find(({ name }) => name === 'scores')!.shape[1]);
    const parts: PassResult[] = [];
    const feeds = (from: number, filled: number): Tensors => {
      const chosen = Array.from({ length: filled }, (_, i) => targets[from + i] ?? targets[from]);
      const indices = () => chosen.map((target) => target.classes[0]);
      return { target: kind === 'index' ? int64([filled], indices()) : classWeights(chosen, classes) };
    };
    for await (const batch of inBatches(made.graph, await session, input, {
      size: setting.batch,
      counter,
      feeds,
    })) {
      parts.push(read(made, batch.outputs, targets.slice(batch.from, batch.to)));
    }
    return combine(parts);
  };

  return {
    handling: byIndex.handling,
    async run(input, targets, counter) {
      if (targets.every(isSingle)) return runAs('index', input, targets, counter);
      const open = targets.some(({ classes, against }) => [...classes, ...against].includes(predicted));
      if (!open) return runAs('weights', input, targets, counter);
      const first = targets.map(() => ({ classes: [predicted], against: [] }));
      const { scores } = await runAs('index', input, first, { ...counter, add: () => {} });
      return runAs('weights', input, settlePredicted(targets, scores), counter);
    },
    async release() {
      const sessions = await Promise.allSettled([...loaded.values()].map((entry) => entry.session));
      loaded.clear();
      for (const session of sessions) if (session.status === 'fulfilled') await session.value.release();
    },
  };
}

/** What a GPU makes of either form was not measured: there it stays what it was. */
const runsOnce = ({ optimise, provider = 'cpu' }: SessionOptions = {}): boolean =>
  optimise === 'quick' && (provider === 'cpu' || provider === 'wasm');

function read(made: RelevanceGraph, outputs: Tensors, targets: readonly ResolvedTarget[]): PassResult {
  const count = targets.length;
  const take = (name: string): Tensor<'float32'> =>
    withRows({ ...outputs[name], type: 'float32', data: floats(outputs[name], `output '${name}'`) }, count);
  const flat = take('scores');
  const scores = { ...flat, shape: [count, flat.data.length / count] };
  const layers = made.graph.outputs.filter(({ name }) => name.startsWith('relevance:'));
  return {
    scores,
    output: made.head.output in outputs ? take(made.head.output) : scores,
    relevance: take('relevance'),
    layers: Object.fromEntries(layers.map(({ name }) => [name.slice('relevance:'.length), take(name)])),
    ...(made.sums.length > 0 && {
      conservation: targets.map((_, image) => balances(made.sums, outputs, image)),
    }),
    targets: settlePredicted(targets, scores),
  };
}

function combine(parts: readonly PassResult[]): PassResult {
  return {
    scores: joined(parts.map((part) => part.scores)),
    output: joined(parts.map((part) => part.output)),
    relevance: joined(parts.map((part) => part.relevance)),
    layers: Object.fromEntries(
      Object.keys(parts[0].layers).map((layer) => [layer, joined(parts.map((part) => part.layers[layer]))]),
    ),
    ...(parts[0].conservation && { conservation: parts.flatMap((part) => part.conservation ?? []) }),
    targets: parts.flatMap((part) => part.targets),
  };
}
