import { availableParallelism } from 'node:os';
import type { TrainingNet } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import { opening } from '../../common/scope.ts';
import { startRuntime } from '../../runtime/onnxruntime.node.ts';
import { loadable } from '../../runtime/open.ts';
import type { Batch } from '../batch.ts';
import { type SolverSettings, updateRule, updateStep } from '../solver/index.ts';
import { testStep, trainStep } from '../step.ts';
import { barrier } from './barrier.ts';
import { feedOf } from './feed.ts';
import { type Layout, layOut, pieces } from './layout.ts';
import type { Assignment } from './order.ts';
import { joinOutputs, objective } from './outputs.ts';
import { batchSizeOf, chooseParts, imagesOf } from './parts.ts';
import { reductionMemory } from './reduction.ts';
import { startThread } from './thread.node.ts';

export interface EngineOptions {
  readonly train: TrainingNet;
  /** Test nets, which share the weights by the parameters' names. */
  readonly tests: readonly TrainingNet[];
  readonly solver: SolverSettings;
  /** The value of every parameter, by name; copied. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** What the update rule kept for the trained parameters, as {@link Engine.histories}; zeros unless given. */
  readonly histories?: readonly ReadonlyMap<string, Float32Array>[];
  /** Of the masks. */
  readonly seed: number;
  /** In how many parts batches are computed; chosen by {@link chooseParts} unless given. Sums depend on it. */
  readonly parts?: number;
  /** Threads in all; all cores unless given. */
  readonly threads?: number;
  /** The threads' script; the compiled one beside this file unless given. */
  readonly script?: URL;
}

/** What came of an iteration. */
export interface IterationStep {
  /** The net's outputs in its last pass, as Caffe shows them. */
  readonly outputs: ReadonlyMap<string, Float32Array>;
  /** What is minimised, averaged over the passes (iter_size). */
  readonly loss: number;
  /** Whether loss, gradients and new weights are all finite. If loss or gradients are not, the weights did not move. */
  readonly finite: boolean;
  /** Where not: the first parameter whose gradient or new weights are not; undefined if all of them are. */
  readonly bad?: string;
  /** How long forward and backward passes took, and the update. */
  readonly seconds: { readonly passes: number; readonly update: number };
}

/** The batches of an iteration: iter_size of them. */
export type Passes = Iterable<Batch> | AsyncIterable<Batch>;

/** Computes the steps of a training. */
export interface Engine {
  /** Parts of a batch. The same weights, batches and parts give the same results to the last bit. */
  readonly parts: number;
  /**
   * One iteration (from 0): forward and backward for each of iter_size batches, then the update. Errors: wrong inputs,
   * labels out of range (the weights are as before then).
   */
  step(batches: Passes, iteration: number): Promise<IterationStep>;
  /** What {@link step} computes before the update: outputs and loss, with the masks of the iteration. */
  forward(batches: Passes, iteration: number): Promise<Pick<IterationStep, 'outputs' | 'loss'>>;
  /** Outputs of a test net for one batch, by name. Several calls run at once, on as many threads; none during a step. */
  evaluate(net: number, batch: Batch): Promise<ReadonlyMap<string, Float32Array>>;
  /** Views of the weights by parameter name, to be read between steps. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Views of what the update rule keeps: per array of the rule, by parameter name. To be read between steps. */
  readonly histories: readonly ReadonlyMap<string, Float32Array>[];
  close(): Promise<void>;
}

/**
 * Errors: parts that do not fit, weights that are missing or of another size, a graph that cannot be loaded; no thread is
 * left behind then.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { train, tests, solver, threads = availableParallelism() } = options;
  const layout = layOut(train, tests);
  const rule = updateRule(solver);
  const parts =
    options.parts ??
    chooseParts(train, layout, { threads, iterSize: solver.iterSize, histories: rule.histories });
  checkParts(train, parts);

  const memory = () => new SharedArrayBuffer(layout.length * 4);
  const weights = filled(layout, memory(), options.weights, 'weights');
  const trained = { ...layout, parameters: layout.parameters.filter(({ rateFactor }) => rateFactor !== 0) };
  const histories = Array.from({ length: rule.histories }, (_, i) =>
    options.histories ? filled(trained, memory(), options.histories[i] ?? new Map(), 'history') : memory(),
  );
  const reduction = reductionMemory(parts, layout.trained);
  const images = batchSizeOf(train);
  const common = {
    parts,
    threads: Math.max(1, Math.floor(threads / parts)),
    tests: tests.map((net) => loadable(testStep(net, { batch: batchSizeOf(net) }))),
    layout,
    masks: train.masks,
    moving: train.moving,
    losses: train.losses.map(({ value }) => value),
    rule: {
      type: solver.type,
      momentum: solver.momentum,
      momentum2: solver.momentum2,
      delta: solver.delta,
      rmsDecay: solver.rmsDecay,
    },
    clipGradients: solver.clipGradients,
    iterSize: solver.iterSize,
    seed: options.seed,
    weights,
    histories,
    reduction,
  };
  const graphs = new Map<number, Assignment['train']>();
  const graphFor = (batch: number) => {
    const known = graphs.get(batch) ?? loadable(trainStep(train, { batch }));
    graphs.set(batch, known);
    return known;
  };
  const assignments = Array.from({ length: parts }, (_, part): Assignment => {
    const [from, to] = imagesOf(images, part, parts);
    return { ...common, part, from, train: graphFor(to - from) };
  });
  const feed = feedOf(train);
  const testFeeds = tests.map(feedOf);
  const outputNames = new Set(train.outputs.map(({ name }) => name));
  const read = new Set([...outputNames, ...train.losses.map(({ value }) => value)]);
  const infos = train.graph.outputs.filter(({ name }) => read.has(name));
  // Last: from here on there is something to close.
  const { opened: crew, close } = await startCrew(assignments, options.script);

  async function forward(
    batches: Passes,
    iteration: number,
  ): Promise<Pick<IterationStep, 'outputs' | 'loss'>> {
    let loss = 0;
    let passes = 0;
    let last: ReadonlyMap<string, Float32Array> = new Map();
    for await (const batch of batches) {
      if (passes === solver.iterSize) fail('training', `more than iter_size = ${solver.iterSize} batches`);
      const pass = iteration * solver.iterSize + passes;
      const further = passes > 0;
      const inputs = feed(batch, parts);
      const outputs = await all(crew.map((thread, part) => thread.pass(inputs[part], pass, further)));
      last = joinOutputs(infos, outputs);
      loss += objective(train, last);
      passes++;
    }
    if (passes < solver.iterSize) fail('training', `${passes} batches, but iter_size is ${solver.iterSize}`);
    return { outputs: new Map([...last].filter(([name]) => outputNames.has(name))), loss: loss / passes };
  }

  return {
    parts,
    forward,
    weights: pieces(layout, new Float32Array(weights)),
    histories: histories.map((buffer) => pieces(layout, new Float32Array(buffer))),

    async step(batches, iteration) {
      const started = performance.now();
      const passed = await forward(batches, iteration);
      const computed = performance.now();
      const steps = layout.parameters.map((parameter) => updateStep(solver, parameter, iteration));
      const outcomes = await all(crew.map((thread) => thread.update(steps)));
      const ended = performance.now();
      const bad = outcomes.find((outcome) => outcome.bad !== undefined)?.bad;
      return {
        ...passed,
        finite: outcomes.every(({ finite }) => finite),
        ...(bad !== undefined && { bad: layout.parameters.findLast(({ from }) => from <= bad)!.name }),
        seconds: { passes: (computed - started) / 1000, update: (ended - computed) / 1000 },
      };
    },

    async evaluate(net, batch) {
      const [inputs] = testFeeds[net](batch, 1);
      const thread = crew.reduce((least, other) => (other.busy < least.busy ? other : least));
      const outputs = await thread.test(net, inputs);
      return new Map(tests[net].outputs.map(({ name }) => [name, outputs[name].data as Float32Array]));
    },

    close,
  };
}

function checkParts(net: TrainingNet, parts: number): void {
  const images = batchSizeOf(net);
  if (!(Number.isInteger(parts) && parts >= 1 && parts <= images))
    fail('parts', `expected 1 to ${images}, the images of a batch, got ${parts}`);
  if (parts > 1 && net.wholeBatch)
    fail('parts', `got ${parts}, but '${net.name}' needs its batches whole: BatchNorm`, 'use 1');
}

/** Values by parameter, copied to their places. */
function filled(
  layout: Layout,
  memory: SharedArrayBuffer,
  values: ReadonlyMap<string, Float32Array>,
  what: string,
): SharedArrayBuffer {
  for (const [name, piece] of pieces(layout, new Float32Array(memory))) {
    const value = values.get(name) ?? fail(`parameter '${name}'`, `has no ${what}`);
    if (value.length !== piece.length)
      fail(`parameter '${name}'`, `needs ${piece.length} numbers, got ${value.length} (${what})`);
    piece.set(value);
  }
  return memory;
}

/** Errors: those of a thread; none is left behind then. */
async function startCrew(
  assignments: readonly Assignment[],
  script = new URL('./worker.node.js', import.meta.url),
) {
  await startRuntime();
  const { reduction, parts } = assignments[0];
  // The others would wait for it.
  const ended = () => barrier(reduction.barrier, parts).giveUp();
  return opening(async (own) =>
    all(assignments.map(async (assignment) => own(await startThread(assignment, script, ended)))),
  );
}

/** All results, once all have come or failed: a thread that still works must not be left to itself. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<T>).value);
}
