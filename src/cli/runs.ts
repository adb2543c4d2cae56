import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { readText } from '../common/file.node.ts';
import { progressOf } from '../report/charts/index.ts';
import type { TrainingRun } from '../report/page-training.ts';
import { parseClock } from '../training/run/events.ts';
import { LOG_FILES } from '../training/run/log.node.ts';

/** A run's folder by its name; a log by its own, unless all runs' logs are called so. Longer where two are alike. */
export function runNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => {
    const full = resolve(path);
    const folder = basename(full) === LOG_FILES.log || basename(full) === LOG_FILES.train;
    return (folder ? dirname(full) : full.replace(/\.(log|txt|csv|jsonl)$/i, '')).split(/[\\/]/);
  });
  for (let depth = 1; depth < 8; depth++) {
    const names = parts.map((each) => each.slice(-depth).join('/'));
    if (new Set(names).size === names.length) return names;
  }
  return paths.map((path, i) => `${path} (${i + 1})`);
}

/** Reads a run folder, or a log of any kind; `several` runs are told apart by `name`. */
export async function readRun(path: string, name: string, several: boolean): Promise<TrainingRun> {
  const entry = await stat(path).catch((error: unknown) => failPath(path, error));
  const log = entry.isDirectory() ? join(path, LOG_FILES.log) : path;
  if (entry.isDirectory() && !(await stat(log).catch(() => undefined))) {
    fail(path, `no ${LOG_FILES.log} in it`, 'give the folder that limn train -o wrote, or a log');
  }
  const text = await readText(log, 'the log of a training');
  const clockFile = join(dirname(log), LOG_FILES.clock);
  const hasClock = basename(log) === LOG_FILES.log && (await stat(clockFile).catch(() => undefined));
  const clock = hasClock ? await readText(clockFile, 'the clock of a training') : undefined;
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
