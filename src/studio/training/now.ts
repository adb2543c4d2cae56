import type { TrainedBy, TrainedByRequest } from '../../verbs/import/trained.ts';
import type { CaffePlan, SnapshotAsk } from '../protocol/index.ts';
import { knownAnswer } from '../state/asked.ts';
import { type StudioFile, studioFilesSignal } from '../state/files.ts';
import { trainingView } from '../state/training.ts';
import type { SaidBySnapshot } from './said.ts';
import {
  planOf,
  type RunSnapshot,
  type SnapshotSources,
  snapshotSources,
  snapshotsOf,
  someOf,
  trainedByRequest,
} from './snapshots.ts';

/** A run as it is now: its snapshots, those that are asked, and what makes networks of them. */
export interface RunNow {
  readonly run: string;
  readonly all: readonly RunSnapshot[];
  readonly asked: readonly RunSnapshot[];
  readonly sources: SnapshotSources;
  /** What tells its definition; undefined where there is none to choose from. */
  readonly request: TrainedByRequest | undefined;
}

/** Runs as they are now. */
export function runsNow(runs: readonly string[]): readonly RunNow[] {
  const { definition, everySnapshot } = trainingView.value;
  const files: readonly StudioFile[] = [...studioFilesSignal.value.values()].filter(
    ({ kind }) => kind === 'other',
  );
  const paths = files.map(({ path }) => path);
  const known = new Set(paths);
  return runs.map((run) => {
    const all = snapshotsOf(run, paths);
    const sources: SnapshotSources =
      all.length === 0 ? { definitions: [], means: [], labels: [] } : snapshotSources(all[0].path, files);
    return {
      run,
      all,
      asked: everySnapshot ? all : someOf(all),
      sources,
      request: trainedByRequest(all, sources, known, definition),
    };
  });
}

/** What makes a network of a snapshot, as the form says. */
export const planNow = (snapshot: RunSnapshot, { sources }: RunNow, by: TrainedBy): CaffePlan =>
  planOf(snapshot, sources, by, trainingView.value);

/** What is asked of a snapshot. */
export const askOf = (snapshot: RunSnapshot, now: RunNow, by: TrainedBy): SnapshotAsk => ({
  plan: planNow(snapshot, now, by),
  photos: trainingView.value.photos,
});

/** What is known already of the snapshots of some runs. */
export const saidNow = (runs: readonly RunNow[]): readonly SaidBySnapshot[] =>
  runs.flatMap((now) => {
    const by = now.request && knownAnswer('trainedBy', now.request);
    return by
      ? now.asked.flatMap((snapshot) => {
          const answer = knownAnswer('snapshot', askOf(snapshot, now, by));
          return answer ? [{ ...snapshot, photos: answer.photos }] : [];
        })
      : [];
  });
