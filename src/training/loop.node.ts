import type { TrainingNet } from '../caffe/training/net.ts';
import type { Batch, Batches } from './batch.ts';
import type { PrefetchedBatches } from './batches/open.node.ts';
import { checkLabels, watchCeiling } from './diagnosis/index.ts';
import type { Engine, IterationStep } from './engine/engine.node.ts';
import type { Note } from './notes.ts';
import { listOutputs } from './outputs.ts';
import type { RunLog } from './run/log.node.ts';
import { type Smoothing, smooth } from './run/smoothing.ts';
import { rateAt, type SolverSettings } from './solver/index.ts';
import { testNet, testsBefore } from './testing.ts';

/** What people may ask of a training while it runs. */
export type Request = 'snapshot' | 'stop';

/** Where they ask. */
export interface Requests {
  /** What was asked for since the last call. */
  take(): Request | undefined;
  /** Asks nobody any more. */
  close(): void;
}

/** What the iterations carry on from one to the next besides the weights. */
export interface LoopState {
  readonly smoothing: Smoothing;
  /** See {@link watchCeiling}. */
  readonly ceiling: number;
}

/** Everything that the iterations need. */
export interface Loop {
  readonly settings: SolverSettings;
  readonly engine: Engine;
  readonly net: TrainingNet;
  readonly batches: PrefetchedBatches;
  readonly tests: readonly {
    readonly graph: TrainingNet;
    readonly batches: Batches;
    readonly iterations: number;
  }[];
  readonly log: RunLog;
  /** Images of one iteration. */
  readonly images: number;
  /** The iteration to begin with: so many are done. */
  readonly start: number;
  readonly state: LoopState;
  /** Outputs that are watched for staying near the most that they can be. */
  readonly limited: readonly string[];
  /** Writes a snapshot of what is after so many iterations. */
  save(iteration: number, state: LoopState): Promise<void>;
  /** Tells what people should know of an iteration. */
  note(iteration: number, note: Note): void;
  /** The error that says where what is not finite came from. */
  explain(step: IterationStep, batches: readonly Batch[], iteration: number): Promise<Error>;
  /** What was asked for since the last call. */
  request(): Request | undefined;
  /** So many iterations are done. */
  progress?(iteration: number, loss: number): void;
}

/**
 * The iterations of Caffe's `Solver::Solve` and `Step`: test, forward and backward, update, snapshot, each when the
 * solver says; at the end a last loss and test of what was learned. Who asks for an end during a test need not wait for it: it
 * ends between two batches, and whoever goes on tests again. Returns whether it came to its end. Errors: those of
 * data and engine; a loss, gradient or weight that is not finite (the weights of the last snapshot are).
 */
export async function iterate(loop: Loop): Promise<'done' | 'stopped'> {
  const { settings, engine, log } = loop;
  const { maxIter, display, snapshot } = settings;
  let { start: iteration } = loop;
  let { smoothing, ceiling } = loop.state;
  const shows = (at: number) => display > 0 && at % display === 0;
  // What was asked for and is not done yet.
  let pending: Request | undefined;
  const asked = (): Request | undefined => {
    const next = loop.request();
    if (next === 'stop' || pending === undefined) pending = next ?? pending;
    return pending;
  };
  const isWritten = () => iteration === loop.start || (snapshot > 0 && iteration % snapshot === 0);

  while (iteration < maxIter) {
    if (testsAt(settings, iteration) && !(await testAll(loop, iteration, asked))) {
      if (!isWritten()) await loop.save(iteration, { smoothing, ceiling });
      log.end('stopped', iteration);
      return 'stopped';
    }
    const batches: Batch[] = [];
    const step = await engine.step(passes(loop, iteration, batches), iteration);
    if (!step.finite) throw await loop.explain(step, batches, iteration);
    for (const batch of batches) loop.batches.recycle(batch);
    smoothing = smooth(smoothing, iteration, step.loss);
    const watched = watchCeiling(ceiling, step.outputs, loop.limited);
    ceiling = watched.count;
    if (shows(iteration)) show(loop, iteration, step, smoothing, rateAt(settings, iteration));
    if (watched.note) loop.note(iteration, watched.note);
    iteration++;
    loop.progress?.(iteration, smoothing.mean);

    const request = asked();
    pending = undefined;
    if (request || (snapshot > 0 && iteration % snapshot === 0))
      await loop.save(iteration, { smoothing, ceiling });
    if (request === 'stop') {
      log.end('stopped', iteration);
      return 'stopped';
    }
  }

  if (settings.snapshotAfterTrain && !isWritten()) await loop.save(iteration, { smoothing, ceiling });
  if (shows(iteration)) {
    const last = await engine.forward(passes(loop, iteration), iteration);
    show(loop, iteration, last, smooth(smoothing, iteration, last.loss));
  }
  const how = testsAt(settings, iteration) && !(await testAll(loop, iteration, asked)) ? 'stopped' : 'done';
  log.end(how, iteration);
  return how;
}

/** The batches of one iteration, kept in `seen` too. */
async function* passes(
  { settings, net, batches }: Loop,
  iteration: number,
  seen: Batch[] = [],
): AsyncGenerator<Batch> {
  for (let i = 0; i < settings.iterSize; i++) {
    const k = iteration * settings.iterSize + i;
    const batch = await batches.batch(k);
    checkLabels(net, batch, ({ layer }, image) => batches.nameOf(layer.name, k, image));
    seen.push(batch);
    yield batch;
  }
}

function show(
  { log, net, images, start, batches }: Loop,
  iteration: number,
  { outputs }: Pick<IterationStep, 'outputs'>,
  { mean }: Smoothing,
  rate?: number,
): void {
  const done = iteration - start + (rate === undefined ? 0 : 1);
  log.train(
    {
      iteration,
      ...(rate !== undefined && { rate }),
      loss: mean,
      outputs: listOutputs(net.outputs, outputs),
    },
    { images: done * images, waited: batches.waited / 1000 },
  );
}

const testsAt = ({ testInterval, testInitialization }: SolverSettings, iteration: number): boolean =>
  testInterval > 0 && iteration % testInterval === 0 && (iteration > 0 || testInitialization);

/** Thrown out of a test that is left. */
const left = Symbol('left');

/** Tests all nets. False if an end was asked for meanwhile: the test is left after the batch that ran then. */
async function testAll(
  { settings, engine, tests, log }: Loop,
  iteration: number,
  asked: () => Request | undefined,
): Promise<boolean> {
  const before = testsBefore(iteration, settings);
  const each = () => {
    if (asked() === 'stop') throw left;
  };
  try {
    for (const [i, { graph, batches, iterations }] of tests.entries()) {
      const began = performance.now();
      const { outputs, loss } = await testNet(
        graph,
        batches,
        { from: before * iterations, iterations, atOnce: engine.parts, each },
        (batch) => engine.evaluate(i, batch),
      );
      log.test(
        { iteration, net: i, outputs, ...(settings.testComputeLoss && { loss }) },
        (performance.now() - began) / 1000,
      );
    }
    return true;
  } catch (error) {
    if (error === left) return false;
    throw error;
  }
}
