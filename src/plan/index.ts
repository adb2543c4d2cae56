/** Plans of units, whatever does them: specifications, plans, what a unit and its executor are. */

export type { LockRef } from '../common/lockref.ts';
export type { AnalysisVerb } from './analysisoptions.ts';
export type { Attempt, Claim, Ending, Executor, Signals } from './executor.ts';
export { fits } from './pattern.ts';
export { looksLikePlan, readPlan, writePlan } from './planfile.ts';
export {
  type CancelRequest,
  type CollectRequest,
  cancelRequest,
  collectRequest,
  type PlanRequest,
  type PlanStatusRequest,
  planRequest,
  planStatusRequest,
  type RunPlanRequest,
  runPlanRequest,
  type StudyRequest,
  type SubmitRequest,
  studyRequest,
  submitRequest,
  type WriteManifestRequest,
  type WriteScriptsRequest,
  writeManifestRequest,
  writeScriptsRequest,
} from './request.ts';
export { readSpec, type Spec } from './spec.ts';
export { readTask, TASK_FILE, type Task, writeTask } from './task.ts';
export {
  type Input,
  type Plan,
  type ProgressFile,
  type Resume,
  shortId,
  type Unit,
  type UnitRequest,
} from './unit.ts';
export { checkedVerb, type UnitVerb, unitVerbs } from './verbs.ts';
