import { availableParallelism } from 'node:os';
import type { TrainingNet } from '../../caffe/training/net.ts';
import { fail } from '../../common/error.ts';
import { opening } from '../../common/scope.ts';
import type { ValueInfo } from '../../graph/index.ts';
import { startRuntime } from '../../runtime/onnxruntime.node.ts';
import type { Batch } from '../batch.ts';
import { updateStep } from '../solver/index.ts';
import { assign, type EngineWork } from './assignments.ts';
import { barrier } from './barrier.ts';
import { type Feed, feedOf } from './feed.ts';
import { pieces } from './layout.ts';
import type { Assignment } from './order.ts';
import { joinOutputs, objective } from './outputs.ts';
import { startThread, type Thread } from './thread.node.ts';

/** How a training computes, and by how many threads. */
export interface EngineOptions extends EngineWork {
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
  const { train, tests, solver, threads: wanted = availableParallelism() } = options;
  const { layout, weights, histories, assignments } = assign(options, wanted);
  const feed = feedOf(train);
  const testFeeds = tests.map(feedOf);
  const read = readOutputs(train);
  // Last: from here on there is something to close.
  const { opened: threads, close } = await startThreads(assignments, options.script);
  const forward: Engine['forward'] = (batches, iteration) =>
    passAll({ train, iterSize: solver.iterSize, feed, read, threads }, batches, iteration);

  return {
    parts: threads.length,
    forward,
    weights: pieces(layout, new Float32Array(weights)),
    histories: histories.map((buffer) => pieces(layout, new Float32Array(buffer))),

    async step(batches, iteration) {
      const started = performance.now();
      const passed = await forward(batches, iteration);
      const computed = performance.now();
      const steps = layout.parameters.map((parameter) => updateStep(solver, parameter, iteration));
      const outcomes = await all(threads.map((thread) => thread.update(steps)));
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
      const thread = threads.reduce((least, other) => (other.busy < least.busy ? other : least));
      const outputs = await thread.test(net, inputs);
      return new Map(tests[net].outputs.map(({ name }) => [name, outputs[name].data as Float32Array]));
    },

    close,
  };
}

/** What the passes of an iteration need. */
interface PassOptions {
  readonly train: TrainingNet;
  readonly iterSize: number;
  readonly feed: Feed;
  readonly read: readonly ValueInfo[];
  /** One for each part of a batch. */
  readonly threads: readonly Thread[];
}

/** See {@link Engine.forward}. */
async function passAll(
  { train, iterSize, feed, read, threads }: PassOptions,
  batches: Passes,
  iteration: number,
): Promise<Pick<IterationStep, 'outputs' | 'loss'>> {
  let loss = 0;
  let passes = 0;
  let last: ReadonlyMap<string, Float32Array> = new Map();
  for await (const batch of batches) {
    if (passes === iterSize) fail('training', `more than iter_size = ${iterSize} batches`);
    const pass = iteration * iterSize + passes;
    const further = passes > 0;
    const inputs = feed(batch, threads.length);
    const outputs = await all(threads.map((thread, part) => thread.pass(inputs[part], pass, further)));
    last = joinOutputs(read, outputs);
    loss += objective(train, last);
    passes++;
  }
  if (passes < iterSize) fail('training', `${passes} batches, but iter_size is ${iterSize}`);
  const shown = new Set(train.outputs.map(({ name }) => name));
  return { outputs: new Map([...last].filter(([name]) => shown.has(name))), loss: loss / passes };
}

/** The outputs of a net's graph that are read after a pass: what is shown, and the losses. */
function readOutputs({ outputs, losses, graph }: TrainingNet): readonly ValueInfo[] {
  const read = new Set([...outputs.map(({ name }) => name), ...losses.map(({ value }) => value)]);
  return graph.outputs.filter(({ name }) => read.has(name));
}

/** Errors: those of a thread; none is left behind then. */
async function startThreads(
  assignments: readonly Assignment[],
  script = new URL('./worker.node.js', import.meta.url),
) {
  startRuntime();
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
