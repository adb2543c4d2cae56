import type { Outputs } from '../common/outputs.node.ts';
import type { Definition } from './definition.node.ts';
import type { Engine } from './engine/engine.node.ts';
import type { LoopState } from './loop.node.ts';
import type { RunLog } from './run/log.node.ts';
import type { RunState } from './run/record.ts';
import { type SnapshotFiles, snapshotFiles, writeSnapshot } from './run/snapshot.node.ts';
import { stepAt } from './solver/index.ts';

/** A training whose snapshots are written. */
export interface Saved {
  readonly definition: Definition;
  readonly folder: string;
  readonly seed: number;
  /** How many snapshots stay; all unless given. */
  readonly keep?: number | undefined;
  readonly outputs?: Outputs | undefined;
  readonly engine: Engine;
  readonly log: RunLog;
}

/** Writes a snapshot of what is after so many iterations, and logs it; returns its files. */
export async function saveSnapshot(
  { definition, folder, seed, keep, outputs, engine, log }: Saved,
  iteration: number,
  { smoothing, ceiling }: LoopState,
): Promise<SnapshotFiles> {
  const { settings, train, contents } = definition;
  const began = performance.now();
  log.snapshotting(snapshotFiles(folder, settings.snapshotPrefix, iteration));
  const run: RunState = {
    iteration,
    solver: settings.type,
    seed,
    parts: engine.parts,
    smoothing,
    ceiling,
    seconds: log.seconds(),
    logs: log.lengths(),
    contents,
  };
  const files = await writeSnapshot(
    folder,
    settings.snapshotPrefix,
    {
      net: train.net,
      parameters: train.graph.parameters,
      weights: engine.weights,
      histories: trainedHistories(engine, train.graph.parameters),
      // Caffe keeps that of the last iteration done.
      currentStep: stepAt(settings.policy, Math.max(0, iteration - 1)),
      run,
    },
    { ...(keep !== undefined && { keep }), ...(outputs && { outputs }) },
  );
  log.snapshot(iteration, (performance.now() - began) / 1000);
  return files;
}

/** Per array of the rule, those of the trained parameters, in the network's order. */
const trainedHistories = (
  { histories }: Engine,
  parameters: Definition['train']['graph']['parameters'],
): Float32Array[][] =>
  histories.map((set) =>
    parameters.filter(({ rateFactor }) => rateFactor !== 0).map(({ name }) => set.get(name)!),
  );
