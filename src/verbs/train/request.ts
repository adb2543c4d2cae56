import * as v from 'valibot';
import { list, whole } from '../request.ts';

/** Where files are that definitions of other machines name. */
export const placeFields = {
  /** Paths that begin with a name begin with its value instead; the longest name that fits counts. */
  map: v.optional(v.record(v.string(), v.string()), {}),
  /** A folder in which databases, lists and means of other machines are looked for. */
  dataRoot: v.optional(v.string()),
};

/** What a training is asked. */
export const trainRequest = v.strictObject({
  /** Caffe's solver, `.prototxt`. */
  solver: v.string(),
  /** Weights to start from, by layer name: `.caffemodel` or `.onnx`; those that the solver names unless given. */
  weights: v.optional(list(v.string()), []),
  /** What to go on from: a `.limnstate`, a `.solverstate`, or the folder of a run for its newest one. */
  snapshot: v.optional(v.string()),
  ...placeFields,
  /** Iterations: the solver file's, or those of the paper's published weights. */
  schedule: v.optional(v.picklist(['as-committed', 'paper']), 'as-committed'),
  /** Other values for fields of the solver, written as there: `{ max_iter: '100' }`. */
  set: v.optional(v.record(v.string(), v.string()), {}),
  /** Of order, crops, mirrors, dropout, fillers; the solver's `random_seed`, or 0, unless given. */
  seed: v.optional(whole()),
  /** Whether databases are taken in another order in each epoch, which Caffe cannot. */
  shuffle: v.optional(v.boolean(), false),
  /** Threads in all; as many as there are cores unless given. */
  threads: v.optional(whole(1)),
  /** How many snapshots stay; all unless given. */
  keep: v.optional(whole(1)),
  /** Whether TensorBoard's event file is written, too. */
  tensorboard: v.optional(v.boolean(), false),
  /** The run's folder. */
  output: v.string(),
});

/** What {@link train} is asked; a field with a question mark may be left out. */
export type TrainRequest = v.InferInput<typeof trainRequest>;

/** The request with its defaults. */
export type TrainFields = v.InferOutput<typeof trainRequest>;
