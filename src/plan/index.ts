/** Plans of units, whatever does them: specifications, plans, what a unit and its executor are. */
export type { Attempt, Claim, Ending, Executor, Signals } from './executor.ts';
export { fits } from './pattern.ts';
export { looksLikePlan, readPlan, writePlan } from './planfile.ts';
export { type PlanRequest, planRequest, type RunPlanRequest, runPlanRequest } from './request.ts';
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
