import * as v from 'valibot';
import { names, whole } from '../verbs/request.ts';

/** What {@link plan} is asked. */
export const planRequest = v.strictObject({
  /** What is wanted: a `.yaml` file. */
  spec: v.string(),
  /** The plan to write; units work in folders beside it. */
  output: v.string(),
});

export type PlanRequest = v.InferInput<typeof planRequest>;

/** What {@link runPlan} is asked. */
export const runPlanRequest = v.strictObject({
  /** The plan's file. */
  plan: v.string(),
  /** Units at a time. */
  workers: v.optional(whole(1), 1),
  /** Patterns of names, or beginnings of ids; everything unless given. */
  only: v.optional(names),
});

export type RunPlanRequest = v.InferInput<typeof runPlanRequest>;
