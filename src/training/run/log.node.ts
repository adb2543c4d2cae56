import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failPath } from '../../common/errno.node.ts';
import { fail } from '../../common/error.ts';
import { readBytes } from '../../common/file.node.ts';
import { makeFolder } from '../../common/folder.node.ts';
import { type ClockEvent, eventLine, type RunEvent, type TestEvent, type TrainEvent } from './events.ts';
import type { LogLengths } from './record.ts';
import { eventWording, prefixed, speedWording } from './wording.ts';

/** The logs in a run's folder: what was learned, when, and both as Caffe says it. */
export const LOG_FILES: Readonly<Record<keyof LogLengths, string>> = {
  log: 'log.jsonl',
  clock: 'clock.jsonl',
  train: 'train.log',
};
const kinds = Object.keys(LOG_FILES) as (keyof LogLengths)[];

export interface RunLogOptions {
  /** The snapshot that the run goes on from: the folder that it is in, and what it says. */
  readonly resume?: { readonly folder: string; readonly logs: LogLengths; readonly seconds: number };
  /** Whether the logs of a run that was here may be lost. */
  readonly replace?: boolean;
  /** The solver's, for the wording. */
  readonly display?: number;
  /** Takes each line that Caffe would print, without its prefix. */
  readonly print?: (line: string) => void;
  /** Milliseconds that pass, and the time of day. */
  readonly now?: () => number;
  readonly date?: () => Date;
}

/** What was done since the process began. */
export interface Work {
  readonly images: number;
  /** Seconds that the step waited for data. */
  readonly waited: number;
}

/** The logs of a run. Every call writes at once, so that a process that is killed loses nothing. */
export interface RunLog {
  /** What people should know of how it was opened. */
  readonly notes: readonly string[];
  /** Seconds of training so far. */
  seconds(): number;
  /** Training begins, or goes on from a snapshot. */
  start(run: {
    readonly net: string;
    readonly policy: string;
    readonly iteration: number;
    /** The snapshot's file. */
    readonly resumed?: string;
  }): void;
  train(event: Omit<TrainEvent, 'event'>, work: Work): void;
  /** `took`: seconds. */
  test(event: Omit<TestEvent, 'event'>, took?: number): void;
  /** Says that a snapshot is about to be written; then comes {@link lengths}, then the writing. */
  snapshotting(files: { readonly model: string; readonly state: string }): void;
  /** It was written. */
  snapshot(iteration: number, took: number): void;
  /** A line for people, in `train.log` only. */
  note(line: string, level?: 'I' | 'W' | 'E'): void;
  /** Training ended, or was stopped early. */
  end(how: 'done' | 'stopped', iteration: number): void;
  /** How long the logs are now; all of it is on the disk then. */
  lengths(): LogLengths;
  close(): void;
}

/**
 * Opens the logs in a folder, made if need be: `log.jsonl`, which is the same to the last byte however often the run
 * was stopped and went on; `clock.jsonl`; and `train.log`, in Caffe's wording for Caffe's log parsers. A run that goes
 * on starts them where its snapshot was written: what came after is dropped, since it is done again. Errors: a run is in
 * the folder already; what the system says, by path.
 */
export async function openRunLog(folder: string, options: RunLogOptions = {}): Promise<RunLog> {
  const {
    resume,
    replace = false,
    display = 0,
    print,
    now = () => performance.now(),
    date = () => new Date(),
  } = options;
  await makeFolder(folder);
  const goesOn = resume !== undefined && resolve(resume.folder) === resolve(folder);
  const present = (await stat(join(folder, LOG_FILES.log)).catch(() => undefined))?.size ?? 0;
  if (present > 0 && !replace && !goesOn) {
    fail(folder, 'it holds a training already', `go on with --snapshot ${folder}, or choose another folder`);
  }
  const notes: string[] = [];
  if (resume && !goesOn) await copyLogs(resume.folder, folder, resume.logs);
  const files = openFiles(folder, resume?.logs, notes);
  const began = now();
  const seconds = () => (resume?.seconds ?? 0) + (now() - began) / 1000;
  let last = { iteration: 0, seconds: seconds(), images: 0, waited: 0 };

  const write = (kind: keyof LogLengths, text: string) => append(files[kind], text);
  const say = (line: string, level?: 'I' | 'W' | 'E') => {
    write('train', `${prefixed(line, date(), process.pid, level)}\n`);
    print?.(line);
  };
  const clock = (event: ClockEvent) => write('clock', eventLine(event));
  const log = (event: RunEvent, speed?: string) => {
    write('log', eventLine(event));
    for (const line of eventWording(event, speed)) say(line);
  };

  return {
    notes,
    seconds,
    start({ net, policy, iteration, resumed }) {
      say(`Solving ${net}`);
      say(`Learning Rate Policy: ${policy}`);
      if (resumed !== undefined) say(`Restoring previous solver status from ${resumed}`);
      const event = resumed === undefined ? 'start' : 'resume';
      clock({ event, iteration, seconds: seconds(), date: date().toISOString() });
      last = { ...last, iteration, seconds: seconds() };
    },
    train(event, { images, waited }) {
      const { iteration } = event;
      const at = seconds();
      const lapse = at - last.seconds;
      // In the order of the fields' declaration, whatever order they come in.
      const { rate, loss, outputs } = event;
      log(
        { event: 'train', iteration, ...(rate !== undefined && { rate }), loss, outputs },
        rate === undefined ? '' : speedWording(iteration - last.iteration, lapse, display),
      );
      clock({
        event: 'train',
        iteration,
        seconds: at,
        ...(lapse > 0 && {
          imagesPerSecond: (images - last.images) / lapse,
          waiting: (waited - last.waited) / lapse,
        }),
      });
      last = { iteration, seconds: at, images, waited };
    },
    test({ iteration, net, outputs, loss }, took) {
      log({ event: 'test', iteration, net, outputs, ...(loss !== undefined && { loss }) });
      clock({ event: 'test', iteration, seconds: seconds(), ...(took !== undefined && { took }) });
    },
    snapshotting({ model, state }) {
      say(`Snapshotting to binary proto file ${model}`);
      say(`Snapshotting solver state to binary proto file ${state}`);
    },
    snapshot: (iteration, took) => clock({ event: 'snapshot', iteration, seconds: seconds(), took }),
    note: say,
    end(how, iteration) {
      say(how === 'done' ? 'Optimization Done.' : 'Optimization stopped early.');
      clock({ event: how, iteration, seconds: seconds() });
    },
    lengths() {
      for (const { fd, path } of Object.values(files)) attempt(path, () => fsyncSync(fd));
      return { log: files.log.length, clock: files.clock.length, train: files.train.length };
    },
    close() {
      for (const { fd } of Object.values(files)) closeSync(fd);
    },
  };
}

interface OpenFile {
  readonly path: string;
  readonly fd: number;
  length: number;
}

/** Each file cut off at its length in the snapshot; at 0 for a run that starts. */
function openFiles(
  folder: string,
  lengths: LogLengths | undefined,
  notes: string[],
): Record<keyof LogLengths, OpenFile> {
  const open = (kind: keyof LogLengths): OpenFile => {
    const path = join(folder, LOG_FILES[kind]);
    return attempt(path, () => {
      const fd = openSync(path, 'a');
      const size = fstatSync(fd).size;
      const wanted = lengths?.[kind] ?? 0;
      if (size < wanted) notes.push(`${path}: what the run logged before its snapshot is not all there`);
      const length = Math.min(size, wanted);
      ftruncateSync(fd, length);
      return { path, fd, length };
    });
  };
  return { log: open('log'), clock: open('clock'), train: open('train') };
}

/** What a run logged up to its snapshot, for one that goes on from it in another folder. */
async function copyLogs(from: string, to: string, lengths: LogLengths): Promise<void> {
  for (const kind of kinds) {
    const source = join(from, LOG_FILES[kind]);
    const known = (await stat(source).catch(() => undefined))?.isFile();
    const bytes = known ? await readBytes(source) : new Uint8Array();
    const path = join(to, LOG_FILES[kind]);
    await writeFile(path, bytes.subarray(0, lengths[kind])).catch((error: unknown) => failPath(path, error));
  }
}

function append(file: OpenFile, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    done += attempt(file.path, () => writeSync(file.fd, bytes, done));
  }
  file.length += bytes.length;
}

/** Does something with a file; a complaint of the system names it. */
function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    return failPath(path, error);
  }
}
