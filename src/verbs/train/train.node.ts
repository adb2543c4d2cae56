import { dirname, join } from 'node:path';
import { failRequest } from '../../common/error.ts';
import { type Outputs, withOutputs } from '../../common/outputs.node.ts';
import { scoped } from '../../common/scope.ts';
import { field, words } from '../../common/words.ts';
import { type Definition, openDefinition, readSolver } from '../../training/definition.node.ts';
import { batchSizeOf } from '../../training/engine/parts.ts';
import { describeInitial, initialWeights } from '../../training/initial.ts';
import type { Requests } from '../../training/loop.node.ts';
import { type PathResolver, pathResolver } from '../../training/paths.node.ts';
import { logPaths } from '../../training/run/logfile.node.ts';
import { readSnapshot, type Snapshot } from '../../training/run/snapshot.node.ts';
import type { Level } from '../../training/run/wording.ts';
import { readTrainedWeights } from '../../training/source.node.ts';
import { type Trained, type TrainOptions, trainNet } from '../../training/train.node.ts';
import type { NodeHost } from '../nodehost.node.ts';
import { checkRequest } from '../request.ts';
import type { NoteEvent, ProgressEvent, Watch } from '../verb.ts';
import { type TrainFields, type TrainRequest, trainRequest } from './request.ts';

/** How a training goes on: notes, warnings, the log in Caffe's wording, and how many iterations are done. */
export type TrainEvent =
  /** Where files were found, and what the weights start from. */
  | NoteEvent
  /** Something is wrong that ends nothing. */
  | { readonly kind: 'warning'; readonly text: string }
  /** The first iteration is about to begin: so many are done, of so many, with so many images in each. */
  | { readonly kind: 'start'; readonly iteration: number; readonly total: number; readonly images: number }
  /** A line of the log in Caffe's wording; of level W, what people should know. */
  | { readonly kind: 'log'; readonly line: string; readonly level: Level }
  /** With the smoothed loss. */
  | (ProgressEvent & { readonly what: 'iterations'; readonly loss: number });

/** How a caller follows a training and asks things of it. */
export interface TrainWatch extends Watch<TrainEvent> {
  /** Listens for what people ask of it, a snapshot or an end with one, from when it begins until it ends. */
  readonly listen?: (() => Requests) | undefined;
}

/** How a training ended. */
export interface TrainResult extends Trained {
  /** Of order, crops, mirrors, dropout, fillers. */
  readonly seed: number;
}

/**
 * Trains a network by Caffe's solver and definition. The run's folder gets snapshots that Caffe reads and that limn goes on
 * from to the last bit, `log.jsonl`, `clock.jsonl` and `train.log`. An aborted signal ends it after the iteration that runs,
 * without a snapshot. Errors: the request's; as of `trainNet` of limn/node.
 */
export async function train(
  request: TrainRequest,
  { outputs }: Pick<NodeHost, 'outputs'> = {},
  watch: TrainWatch = {},
): Promise<TrainResult> {
  const fields = checkRequest(trainRequest, request, watch.signal);
  if (fields.snapshot !== undefined && fields.weights.length > 0) {
    failRequest(
      words`${field('weights')}`,
      'a snapshot has its own weights',
      words`give ${field('weights')} or ${field('snapshot')}, not both`,
    );
  }
  return outputs
    ? trainInto(outputs, fields, watch)
    : withOutputs({}, (own) => trainInto(own, fields, watch));
}

async function trainInto(
  outputs: Outputs,
  fields: TrainFields,
  { on, signal, listen }: TrainWatch,
): Promise<TrainResult> {
  const { solver: file, output: folder, map, dataRoot, shuffle, threads, keep, tensorboard } = fields;
  const note = (text: string) => on?.({ kind: 'note', text });
  const find = pathResolver({
    map,
    dataRoot,
    base: dirname(file),
    tell: (path, found) => note(`${path} is ${found}`),
  });
  const resolve: PathResolver = (...path) => {
    const found = find(...path);
    outputs.reads([found, join(found, 'data.mdb')]);
    return found;
  };
  const solver = await readSolver(file, fields);
  outputs.reads([file, ...fields.weights, ...solver.settings.weights]);
  await outputs.own(folder, signal);
  await outputs.claim(logPaths(folder, tensorboard));
  const snapshot = fields.snapshot === undefined ? undefined : await readSnapshot(fields.snapshot);
  const seed = seedOf(fields, solver.settings.randomSeed, snapshot);
  const trained = await scoped(async (own) => {
    const definition = own(
      await openDefinition(file, solver, {
        ...{ seed, resolve, shuffle, threads: 1 },
        complain: (text) => on?.({ kind: 'warning', text }),
      }),
    );
    const from = snapshot ? { snapshot } : await initial(definition, fields, seed, note);
    const { settings, train: fed } = definition;
    const total = settings.maxIter;
    const images = batchSizeOf(fed.graph) * settings.iterSize;
    on?.({ kind: 'start', iteration: snapshot?.iteration ?? 0, total, images });
    return trainNet({
      ...{ definition, folder, outputs, from, seed, listen, threads, keep, tensorboard, signal },
      print: (line, level) => on?.({ kind: 'log', line, level }),
      progress: (done, loss) => on?.({ kind: 'progress', what: 'iterations', done, total, loss }),
    });
  });
  return { ...trained, seed };
}

/** A run that goes on keeps its seed: another would give other batches than those that it has seen. */
function seedOf({ seed }: TrainFields, own: number | undefined, snapshot: Snapshot | undefined): number {
  const before = snapshot?.run?.seed;
  if (before !== undefined && seed !== undefined && seed !== before) {
    failRequest(words`${field('seed')}`, `the snapshot was made with ${before}, got ${seed}`, 'leave it out');
  }
  return before ?? seed ?? own ?? 0;
}

/** The weights to start from; `note` hears what they are. */
async function initial(
  { train: { graph, file }, settings }: Definition,
  { weights }: TrainFields,
  seed: number,
  note: (line: string) => void,
): Promise<TrainOptions['from']> {
  const sources = await Promise.all(
    (weights.length > 0 ? weights : settings.weights).map(readTrainedWeights),
  );
  const made = initialWeights(graph.parameters, sources, { seed, file });
  for (const line of describeInitial(made).trimEnd().split('\n')) note(line);
  return { weights: made.weights };
}
