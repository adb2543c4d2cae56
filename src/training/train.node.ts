import { dirname } from 'node:path';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { scoped } from '../common/scope.ts';
import { nodeRuntime } from '../runtime/onnxruntime.node.ts';
import type { Batch } from './batch.ts';
import type { Definition } from './definition.node.ts';
import { diagnoseIteration, softmaxOutputs } from './diagnosis/index.ts';
import { type Engine, type IterationStep, openEngine } from './engine/engine.node.ts';
import { batchSizeOf } from './engine/parts.ts';
import type { InitialWeights } from './initial.ts';
import { iterate, type Loop, type Requests } from './loop.node.ts';
import type { Note } from './notes.ts';
import { openRunLog, type RunLog, type RunLogOptions } from './run/log.node.ts';
import { changedContents } from './run/record.ts';
import { startSmoothing } from './run/smoothing.ts';
import {
  laterFiles,
  listSnapshots,
  refuseLater,
  type Snapshot,
  type snapshotFiles,
} from './run/snapshot.node.ts';
import { restore } from './run/snapshot.ts';
import { saveSnapshot } from './save.node.ts';
import { updateRule } from './solver/index.ts';

/** What is trained, from what, on what, and where to. */
export interface TrainOptions {
  /** Opened, and closed by whoever opened it. */
  readonly definition: Definition;
  /** Where the run's files go. */
  readonly folder: string;
  /** What it begins with: weights, or a snapshot that it goes on from. */
  readonly from: { readonly weights: InitialWeights['weights'] } | { readonly snapshot: Snapshot };
  readonly seed: number;
  /** Takes the files. Unless given, nothing that is there is replaced but what limn made. */
  readonly outputs?: Outputs | undefined;
  readonly threads?: number | undefined;
  /** How many snapshots stay; all unless given. */
  readonly keep?: number | undefined;
  /** Whether TensorBoard's event file is written beside the logs. */
  readonly tensorboard?: boolean | undefined;
  /** Listens for what people ask of it, from when it begins until it ends. */
  readonly listen?: (() => Requests) | undefined;
  /** Ends it after the iteration that runs, without a snapshot; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Takes each line of Caffe's wording, and, of level W, what people should know. */
  readonly print?: RunLogOptions['print'];
  /** So many iterations are done; with the smoothed loss. */
  readonly progress?: (iteration: number, loss: number) => void;
  /** The engine's threads' script; the compiled one unless given. */
  readonly engineScript?: URL;
}

/** What came of it. */
export interface Trained {
  readonly how: 'done' | 'stopped';
  readonly iteration: number;
  /** The last snapshot's, of this process. */
  readonly files: ReturnType<typeof snapshotFiles> | undefined;
  /** What people should know of it, in the order in which it was said. */
  readonly notes: readonly Note[];
  /** Seconds of training in all, and in this process those in which the step waited for data. */
  readonly seconds: number;
  readonly waited: number;
}

/**
 * Trains a network as a solver says. The run's folder gets snapshots, `log.jsonl`, `clock.jsonl` and `train.log`; a run
 * that goes on from a snapshot ends with the same weights, momenta and `log.jsonl`, to the last bit, as one that was never
 * stopped. Errors: a folder with another run in it, or in which another process works, or that vanishes; a snapshot that
 * does not fit; whatever data, engine and disk say; a loss that is not finite.
 */
export async function trainNet(options: TrainOptions): Promise<Trained> {
  const { outputs } = options;
  if (!outputs) return withOutputs({}, (own) => trainNet({ ...options, outputs: own }));
  await outputs.own(options.folder, options.signal);
  const { definition, folder } = options;
  const snapshot = 'snapshot' in options.from ? options.from.snapshot : undefined;
  const start = snapshot?.iteration ?? 0;
  await refuseLater(folder, start);
  await outputs.claim(await laterFiles(folder, definition.settings.snapshotPrefix, start));
  return scoped(async (own) => {
    const engine = own(await openEngine(engineOptions(options, snapshot)));
    const log = own(
      await openRunLog(folder, {
        // A run that ended before its first snapshot is nothing to go on from.
        replace: !snapshot && (await listSnapshots(folder)).length === 0,
        display: definition.settings.display,
        outputs,
        tensorboard: options.tensorboard ?? false,
        ...(options.print && { print: options.print }),
        ...(snapshot?.run && {
          resume: {
            folder: dirname(snapshot.files.record),
            logs: snapshot.run.logs,
            seconds: snapshot.run.seconds,
          },
        }),
      }),
    );
    const requests = options.listen && own(options.listen());
    const notes = [...definition.notes];
    return run({ options, snapshot, engine, log, requests, notes, files: undefined, iteration: start });
  });
}

function engineOptions({ definition, from, seed, threads, engineScript }: TrainOptions, snapshot?: Snapshot) {
  const { settings, train, tests } = definition;
  const common = {
    train: train.graph,
    tests: tests.map(({ graph }) => graph),
    solver: settings,
    seed,
    ...(threads !== undefined && { threads }),
    ...(engineScript && { script: engineScript }),
  };
  if (!snapshot) return { ...common, weights: 'weights' in from ? from.weights : new Map() };
  const { type } = settings;
  const { parameters } = train.graph;
  const sets = updateRule(settings).histories;
  const learned = restore(snapshot, parameters, { type, sets });
  const names = parameters.filter(({ rateFactor }) => rateFactor !== 0).map(({ name }) => name);
  return {
    ...common,
    weights: learned.weights,
    histories: learned.histories.map((set) => new Map(set.map((values, i) => [names[i], values]))),
    ...(snapshot.run && { parts: snapshot.run.parts }),
  };
}

/** A training that runs. */
interface Running {
  readonly options: TrainOptions;
  readonly snapshot: Snapshot | undefined;
  readonly engine: Engine;
  readonly log: RunLog;
  readonly requests: Requests | undefined;
  /** What was said so far. */
  readonly notes: Note[];
  /** The last snapshot's, of this process. */
  files: Trained['files'];
  /** So many iterations are done. */
  iteration: number;
}

async function run(running: Running): Promise<Trained> {
  announce(running);
  const how = await iterate(loopOf(running));
  const { iteration, files, notes, log, options } = running;
  const waited = options.definition.train.batches.waited / 1000;
  return { how, iteration, files, notes, seconds: log.seconds(), waited };
}

/** Says where the run starts, and what people should know of it. */
function announce({ options, snapshot, log, iteration }: Running): void {
  const { notes, contents, settings, train } = options.definition;
  for (const line of [...(snapshot?.notes ?? []), ...log.notes, ...changes(snapshot, contents)])
    log.say(line, 'W');
  for (const note of notes) log.note(iteration, note, 'definition');
  log.start({
    net: train.graph.name,
    policy: settings.policy.name,
    iteration,
    ...(snapshot && { resumed: snapshot.files.state }),
  });
}

/** What the iterations need of a training, and what they do to it. */
function loopOf(running: Running): Loop {
  const { options, snapshot, engine, log, requests, notes, iteration: start } = running;
  const { settings, train, tests } = options.definition;
  return {
    settings,
    engine,
    net: train.graph,
    batches: train.batches,
    tests,
    log,
    images: batchSizeOf(train.graph) * settings.iterSize,
    start,
    state: {
      smoothing: snapshot?.run?.smoothing ?? startSmoothing(settings.averageLoss, start),
      ceiling: snapshot?.run?.ceiling ?? 0,
    },
    limited: softmaxOutputs(train.net),
    note: (iteration, note) => {
      notes.push(note);
      log.note(iteration, note);
    },
    save: async (iteration, state) => {
      running.files = await saveSnapshot({ ...options, engine, log }, iteration, state);
    },
    explain: (step, batches, iteration) => explainStep(running, step, batches, iteration),
    request: () => {
      options.signal?.throwIfAborted();
      return requests?.take();
    },
    progress: (iteration, loss) => {
      running.iteration = iteration;
      options.progress?.(iteration, loss);
    },
  };
}

/** The error that says where what is not finite came from. */
function explainStep(
  { options, snapshot, engine, files }: Running,
  { loss, bad }: IterationStep,
  batches: readonly Batch[],
  iteration: number,
): Promise<Error> {
  const { weights, parts } = engine;
  const net = options.definition.train.graph;
  const failed = { net, weights, batches, iteration, parts, seed: options.seed, loss };
  const whole = files?.record ?? snapshot?.files.record;
  return diagnoseIteration(
    { ...failed, ...(bad !== undefined && { bad }), ...(whole !== undefined && { snapshot: whole }) },
    nodeRuntime,
  );
}

function changes(snapshot: Snapshot | undefined, contents: Definition['contents']): string[] {
  const changed = snapshot?.run ? changedContents(snapshot.run.contents, contents) : [];
  return changed.length === 0
    ? []
    : [`changed since the snapshot: ${changed.join(', ')}; the run will not be what it would have been`];
}
