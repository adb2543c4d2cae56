import * as v from 'valibot';
import { list, names, whole } from '../verbs/request.ts';

/** What {@link plan} is asked. */
export const planRequest = v.strictObject({
  /** What is wanted: a `.yaml` file. */
  spec: v.string(),
  /** The plan to write; units work in folders beside it. */
  output: v.string(),
});

/** What {@link plan} is asked; a field with a question mark may be left out. */
export type PlanRequest = v.InferInput<typeof planRequest>;

/** What {@link planStudy} is asked. */
export const studyRequest = v.strictObject({
  /** The study: a `.yaml` file. */
  study: v.string(),
  /** The folder of the plan and of all that is made; named after the file unless given. */
  output: v.optional(v.string()),
  /** How long networks are trained; as the study says unless given. */
  schedule: v.optional(v.picklist(['paper', 'as-committed', 'smoke'])),
});

export type StudyRequest = v.InferInput<typeof studyRequest>;

/** What {@link runPlan} is asked. */
export const runPlanRequest = v.strictObject({
  /** The plan's file. */
  plan: v.string(),
  /** Units at a time. */
  workers: v.optional(whole(1), 1),
  /** Patterns of names, or beginnings of ids; everything unless given. */
  only: v.optional(names),
  /** Seconds that a shared folder may take to show what units read, and what other machines did of units that the chosen ones need. */
  settle: v.optional(whole(), 0),
});

/** What {@link runPlan} is asked; a field with a question mark may be left out. */
export type RunPlanRequest = v.InferInput<typeof runPlanRequest>;

/** What {@link submitPlan} is asked: units for a cluster's queue, whose own defaults hold where nothing is said. */
export const submitRequest = v.strictObject({
  /** The plan's file, in a folder that all nodes have at the same path. */
  plan: v.string(),
  only: v.optional(names),
  partition: v.optional(v.string()),
  /** The time limit of a unit, as Slurm writes it: minutes, `2:00:00`, `1-12`. */
  time: v.optional(v.string()),
  /** Processors of a unit. */
  cpus: v.optional(whole(1)),
  /** Memory of a unit: `4G`. */
  mem: v.optional(v.string()),
  /** What else of a node a unit needs: `gpu:1`. */
  gres: v.optional(v.string()),
  /** Further options of sbatch: `--account=lab`. */
  sbatch: v.optional(
    list(v.pipe(v.string(), v.regex(/^-[^\n]+$/, 'expected an option, such as --account=lab'))),
  ),
  /** Units of an array at the same time; all unless given. */
  maxUnits: v.optional(whole(1)),
  /** Seconds before the time limit at which a unit is told to save what it has. */
  grace: v.optional(whole(1), 120),
  /** Seconds that the shared folder may take to show what another node wrote. */
  settle: v.optional(whole(), 60),
  /** limn's program on the nodes, in words of a shell; this one, at the same path, unless given. */
  limn: v.optional(v.string()),
});

/** What {@link submitPlan} is asked; a field with a question mark may be left out. */
export type SubmitRequest = v.InferInput<typeof submitRequest>;
export type SubmitFields = v.InferOutput<typeof submitRequest>;

/** What {@link writeScripts} is asked. */
export const writeScriptsRequest = v.strictObject({
  ...submitRequest.entries,
  /** The folder to write into. */
  output: v.string(),
});

/** What {@link writeScripts} is asked; a field with a question mark may be left out. */
export type WriteScriptsRequest = v.InferInput<typeof writeScriptsRequest>;

/** What {@link writeManifest} is asked. */
export const writeManifestRequest = v.strictObject({
  plan: v.string(),
  only: v.optional(names),
  /** The container's image, made of the `Dockerfile` that is written. */
  image: v.optional(v.string(), 'limn'),
  /** The persistent volume claim of the folder with the plan and what it reads. */
  volume: v.optional(v.string(), 'limn'),
  /** Pods. */
  maxUnits: v.optional(whole(1), 4),
  /** Processors of a pod. */
  cpus: v.optional(whole(1)),
  /** Memory of a pod: `4Gi`. */
  mem: v.optional(
    v.pipe(v.string(), v.regex(/^\d+(\.\d+)?(m|[kMGTPE]i?)?$/, 'expected a quantity, such as 4Gi')),
  ),
  settle: v.optional(whole(), 60),
  /** The folder to write into. */
  output: v.string(),
});

/** What {@link writeManifest} is asked; a field with a question mark may be left out. */
export type WriteManifestRequest = v.InferInput<typeof writeManifestRequest>;

/** What {@link planStatus} is asked. */
export const planStatusRequest = v.strictObject({
  plan: v.string(),
  only: v.optional(names),
});

/** What {@link planStatus} is asked; a field with a question mark may be left out. */
export type PlanStatusRequest = v.InferInput<typeof planStatusRequest>;

/** What {@link cancelPlan} is asked. */
export const cancelRequest = v.strictObject({
  plan: v.string(),
  only: v.optional(names),
  /** Whether units that run are killed, and do not save what they have. */
  now: v.optional(v.boolean(), false),
});

/** What {@link cancelPlan} is asked; a field with a question mark may be left out. */
export type CancelRequest = v.InferInput<typeof cancelRequest>;

/** What {@link collectPlan} is asked. */
export const collectRequest = v.strictObject({
  plan: v.string(),
  only: v.optional(names),
  /** The folder to write into. */
  output: v.string(),
  /** Whether units that are not done are left out. */
  partial: v.optional(v.boolean(), false),
});

/** What {@link collectPlan} is asked; a field with a question mark may be left out. */
export type CollectRequest = v.InferInput<typeof collectRequest>;
