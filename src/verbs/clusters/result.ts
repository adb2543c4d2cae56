import type { ClusterReport } from '../../clusters/index.ts';
import type { Shard } from '../../common/shard.ts';
import type { FailedEvent, NoteEvent, ProgressEvent } from '../verb.ts';

/** How far it is; what a person should know; a photo that is missing or cannot be read. */
export type ClustersEvent = ProgressEvent | NoteEvent | FailedEvent;

/** A finished clustering. */
export interface ClustersResult {
  readonly report: ClusterReport;
  /** What was written: the report, the page, the table of photos, pictures. */
  readonly files: readonly string[];
}

/** A shard of a clustering that is done: its heatmaps are made. */
export interface ClustersShard {
  readonly shard: Shard;
  readonly photos: number;
  readonly files: readonly string[];
}
