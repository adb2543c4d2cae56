import { fail } from '../common/error.ts';
import { type FileSystem, readText } from '../common/files.ts';
import { parseClock } from '../training/run/events.ts';
import { LOG_FILES } from '../training/run/files.ts';
import { progressOf } from './charts/index.ts';
import type { TrainingRun } from './page-training.ts';

/** A run's folder by its name; a log by its own, unless all runs' logs are called so. Longer where two are alike. */
export async function runNames(paths: readonly string[], files: FileSystem): Promise<string[]> {
  const parts = await Promise.all(
    paths.map(async (path) => {
      // What is not there is said when it is read.
      const full = await files.realPath(path).catch(() => path);
      const name = files.basename(full);
      const folder = name === LOG_FILES.log || name === LOG_FILES.train;
      return (folder ? files.join(full, '..') : full.replace(/\.(log|txt|csv|jsonl)$/i, '')).split(/[\\/]/);
    }),
  );
  for (let depth = 1; depth < 8; depth++) {
    const names = parts.map((each) => each.slice(-depth).join('/'));
    if (new Set(names).size === names.length) return names;
  }
  return paths.map((path, i) => `${path} (${i + 1})`);
}

/** The files that {@link readRun} may read. */
export const runFiles = (path: string, files: FileSystem): string[] => [
  path,
  ...Object.values(LOG_FILES).flatMap((name) => [files.join(path, name), files.join(path, '..', name)]),
];

/** Reads a run folder, or a log of any kind; `several` runs are told apart by `name`. */
export async function readRun(
  path: string,
  name: string,
  several: boolean,
  files: FileSystem,
): Promise<TrainingRun> {
  const isFolder = (await files.kindOf(path)) === 'folder';
  const log = isFolder ? files.join(path, LOG_FILES.log) : path;
  if (isFolder && !(await files.kindOf(log))) {
    fail(path, `no ${LOG_FILES.log} in it`, 'give the folder that a training wrote, or a log');
  }
  const text = await readText(files, log, 'the log of a training');
  const clockFile = files.join(log, '..', LOG_FILES.clock);
  const hasClock = files.basename(log) === LOG_FILES.log && (await files.kindOf(clockFile)) === 'file';
  const clock = hasClock ? await readText(files, clockFile, 'the clock of a training') : undefined;
  return {
    name,
    rows: progressOf(
      text,
      log,
      several ? name : '',
      clock === undefined ? undefined : { text: clock, file: clockFile },
    ),
    clock: clock === undefined ? [] : parseClock(clock, clockFile),
    source: log,
  };
}
