/** What limn needs of Node: a host for verbs, verbs in one call, sessions, worker threads, and files read and written. */
import { type Calls, callsOn } from './hosts/calls.ts';
import { nodeHost, nodeHostWith } from './hosts/node.node.ts';

export { writeFileAtomic } from './common/atomic.node.ts';
export { readBytes } from './common/file.node.ts';
export { nodeFiles } from './common/files.node.ts';
export { type BuildOptions, type BuildResult, buildLmdb } from './data/lmdb/lmdb.node.ts';
export { squareTree } from './data/pictures/square.node.ts';
export { drawFigure, writeFigure } from './image/figure/figure.node.ts';
export { decodeBytes, decodeFile } from './image/pixels/decode.node.ts';
export { encodePng, writePng } from './image/pixels/encode.node.ts';
export { type LoadedModel, loadModel, saveModel } from './onnx/file.node.ts';
export { type CollectResult, collectPlan } from './plan/cluster/collect.node.ts';
export type { SubmittedJob } from './plan/cluster/jobs.node.ts';
export { type WrittenManifest, writeManifest } from './plan/cluster/manifest.node.ts';
export { type WrittenScripts, writeScripts } from './plan/cluster/scripts.node.ts';
export type { ClusterState } from './plan/cluster/states.node.ts';
export {
  type CancelResult,
  cancelPlan,
  type FollowWatch,
  followPlan,
  type PlanStatus,
  planStatus,
} from './plan/cluster/status.node.ts';
export { type SubmitResult, submitPlan } from './plan/cluster/submit.node.ts';
export type { Change, UnitState } from './plan/execute.node.ts';
export { type PlanResult, plan } from './plan/plan.node.ts';
export { gateScript, processes } from './plan/processes.node.ts';
export { type RunPlanEvent, type RunPlanResult, type RunPlanWatch, runPlan } from './plan/run.node.ts';
export { planStudy, type StudyResult } from './plan/study/study.node.ts';
export { nodeRuntime } from './runtime/onnxruntime.node.ts';
export { openPool, type PoolOptions } from './runtime/pool.node.ts';
export {
  type Definition,
  type FedNet,
  openDefinition,
  openNet,
  readSolver,
} from './training/definition.node.ts';
export {
  type Engine,
  type EngineOptions,
  type IterationStep,
  openEngine,
} from './training/engine/engine.node.ts';
export { type PathOptions, type PathResolver, pathResolver } from './training/paths.node.ts';
export { readSnapshot, type Snapshot } from './training/run/snapshot.node.ts';
export { readTrainedWeights } from './training/source.node.ts';
export { testWeights } from './training/test.node.ts';
export { type Trained, type TrainOptions, trainNet } from './training/train.node.ts';
export {
  type DataLmdbEvent,
  type DataLmdbResult,
  dataLmdb,
  type MadeDatabase,
} from './verbs/data/lmdb.node.ts';
export { type DataSquareResult, dataSquare } from './verbs/data/square.node.ts';
export { type TestEvent, type TestResult, test } from './verbs/test/test.node.ts';
export { type TrainEvent, type TrainResult, type TrainWatch, train } from './verbs/train/train.node.ts';
export { nodeHost, nodeHostWith };

const calls = callsOn(nodeHost);

/**
 * What is in photos, in one call: of one its answer, of a list one each, in order. Options are the fields of `ClassifyRequest`.
 * Errors: the model's, the options'; a single photo that cannot be read.
 *
 * @example
 * ```ts
 * import { classify } from 'limn/node';
 *
 * const { outputs } = await classify('models/face-api-age-gender.onnx', 'demo/astronaut-face.png');
 * console.log(outputs.gender);
 * ```
 */
export const classify: Calls['classify'] = calls.classify;

/**
 * Which pixels speak for a class and which against it, in one call. Options are the fields of `ExplainRequest`. Errors: as of
 * {@link classify}.
 *
 * @example
 * ```ts
 * import { colormap, renderHeatmap } from 'limn';
 * import { explain, writePng } from 'limn/node';
 *
 * const { heat, reading } = await explain('models/face-api-age-gender.onnx', 'demo/astronaut-face.png', {
 *   target: 'female vs male',
 * });
 * console.log(reading.target.name, reading.score);
 * await writePng('why.png', renderHeatmap(heat.map, colormap('black-firered'), heat.limit));
 * ```
 */
export const explain: Calls['explain'] = calls.explain;
