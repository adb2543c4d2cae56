import * as v from 'valibot';
import { list, whole } from '../request.ts';

/** What {@link report} is asked. */
export const reportRequest = v.strictObject({
  /** The folder that `compare` wrote. */
  comparison: v.string(),
  /** The page's file; `report.html` in the folder unless given. */
  output: v.optional(v.string()),
  /** The title; what is compared unless given. */
  title: v.optional(v.string()),
  /** Folders of grids of heatmaps, besides those in the folder. */
  grids: v.optional(list(v.string()), []),
  /** Folders that `regions` wrote, besides those in the folder. */
  regions: v.optional(list(v.string()), []),
  /** Whose the photos in the heatmaps are, and their licence. */
  photosBy: v.optional(v.string()),
  /** Whether photos are shown: the most confident mistakes and some right answers of each target's best model, with heatmaps, and regions of faces on photos. */
  photos: v.optional(v.boolean(), true),
  /** Trainings: run folders, logs of Caffe's, `.csv` files. */
  logs: v.optional(list(v.string()), []),
  /** Evaluations of networks at earlier iterations, one for each fold: folders that `evaluate` wrote. Their places are as of the results that are compared. */
  snapshots: v.optional(list(v.strictObject({ result: v.string(), iteration: whole() })), []),
  /** Whether the charts are written as files, too: `charts/` in the folder. */
  charts: v.optional(v.boolean(), true),
});

/** What {@link report} is asked; a field with a question mark may be left out. */
export type ReportRequest = v.InferInput<typeof reportRequest>;
