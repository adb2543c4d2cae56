import { closeSync, fsyncSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail } from '../../common/error.ts';
import { makeFolder } from '../../common/folder.node.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import { opening } from '../../common/scope.ts';
import { field, words } from '../../common/words.ts';
import { type Note, noteText } from '../notes.ts';
import { type ClockEvent, eventLine, type RunEvent, type TestLogged, type TrainLogged } from './events.ts';
import { LOG_FILES } from './files.ts';
import { append, attempt, copyLogs, logPaths, openLog } from './logfile.node.ts';
import type { LogLengths } from './record.ts';
import { listSnapshots } from './snapshot.node.ts';
import { eventRecord, eventScalars } from './tensorboard.ts';
import { eventWording, type Level, prefixed, speedWording } from './wording.ts';

export { LOG_FILES } from './files.ts';

export interface RunLogOptions {
  /** The snapshot that the run goes on from: the folder that it is in, and what it says. */
  readonly resume?: { readonly folder: string; readonly logs: LogLengths; readonly seconds: number };
  /** Whether the logs of a run that was here may be lost. */
  readonly replace?: boolean;
  /** Knows the logs as limn's, if they are. */
  readonly outputs?: Outputs;
  /** Whether TensorBoard's event file is written too. */
  readonly tensorboard?: boolean;
  /** The solver's, for the wording. */
  readonly display?: number;
  /** Takes each line that Caffe would print, without its prefix; those of level W are limn's own warnings. */
  readonly print?: (line: string, level: Level) => void;
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
  train(event: Omit<TrainLogged, 'event'>, work: Work): void;
  /** `took`: seconds. */
  test(event: Omit<TestLogged, 'event'>, took?: number): void;
  /** Says that a snapshot is about to be written; then comes {@link lengths}, then the writing. */
  snapshotting(files: { readonly model: string; readonly state: string }): void;
  /** It was written. */
  snapshot(iteration: number, took: number): void;
  /**
   * Something that people should know. One of the definition is logged where the run starts; one that goes on has it in
   * its log already, and only says it.
   */
  note(iteration: number, note: Note, of?: 'definition'): void;
  /** A line for people, in `train.log` only. */
  say(line: string, level?: Level): void;
  /** Training ended, or was stopped early. */
  end(how: 'done' | 'stopped', iteration: number): void;
  /** How long the logs are now; all of it is on the disk then. */
  lengths(): LogLengths;
  close(): Promise<void>;
}

/**
 * Opens the logs in a folder, made if need be: `log.jsonl`, which is the same to the last byte however often the run
 * was stopped and went on; `clock.jsonl`; and `train.log`, in Caffe's wording for Caffe's log parsers. A run that goes
 * on starts them where its snapshot was written: what came after is dropped, since it is done again. Errors: a run is in
 * the folder already; a log vanishes while it is open; what the system says, by path.
 */
export async function openRunLog(folder: string, options: RunLogOptions = {}): Promise<RunLog> {
  const {
    resume,
    replace = false,
    outputs,
    tensorboard = false,
    display = 0,
    print,
    now = () => performance.now(),
    date = () => new Date(),
  } = options;
  await makeFolder(folder);
  const goesOn = resume !== undefined && resolve(resume.folder) === resolve(folder);
  const present = (await stat(join(folder, LOG_FILES.log)).catch(() => undefined))?.size ?? 0;
  if (present > 0 && !replace && !goesOn) {
    const [newest] = await listSnapshots(folder);
    if (newest) {
      fail(
        folder,
        'it holds a training already',
        words`go on with ${field('snapshot', folder)}, or choose another folder`,
      );
    }
    fail(folder, 'it holds a training without any snapshot', 'remove it, or choose another folder');
  }
  await outputs?.open(logPaths(folder, tensorboard));
  const notes: string[] = [];
  if (resume && !goesOn) await copyLogs(resume.folder, folder, resume.logs);
  const { opened: files, close } = await opening(async (own) => {
    const open = (kind: keyof LogLengths) => {
      const file = openLog(folder, kind, resume?.logs[kind] ?? 0, notes);
      own({ close: () => closeSync(file.fd) });
      return file;
    };
    return {
      log: open('log'),
      clock: open('clock'),
      train: open('train'),
      ...(tensorboard && { tensorboard: open('tensorboard') }),
    };
  });
  const goesOnInLog = files.log.length > 0;
  const began = now();
  const seconds = () => (resume?.seconds ?? 0) + (now() - began) / 1000;
  let last = { iteration: 0, seconds: seconds(), images: 0, waited: 0 };

  const say = (line: string, level: Level = 'I') => {
    append(files.train, Buffer.from(`${prefixed(line, date(), process.pid, level)}\n`));
    print?.(line, level);
  };
  const clock = (event: ClockEvent) => append(files.clock, Buffer.from(eventLine(event)));
  const log = (event: RunEvent, speed?: string) => {
    append(files.log, Buffer.from(eventLine(event)));
    for (const line of eventWording(event, speed)) say(line, event.event === 'note' ? 'W' : 'I');
    const scalars = eventScalars(event);
    if (!files.tensorboard || scalars.length === 0) return;
    const time = date().getTime() / 1000;
    if (files.tensorboard.length === 0) append(files.tensorboard, eventRecord(time));
    append(files.tensorboard, eventRecord(time, event.iteration, scalars));
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
    note(iteration, note, of) {
      const text = noteText(note);
      if (of && goesOnInLog) say(text, 'W');
      else log({ event: 'note', iteration, note, text });
    },
    say,
    end(how, iteration) {
      say(how === 'done' ? 'Optimization Done.' : 'Optimization stopped early.');
      clock({ event: how, iteration, seconds: seconds() });
    },
    lengths() {
      for (const { fd, path } of Object.values(files)) attempt(path, () => fsyncSync(fd));
      const { log: logged, clock: clocked, train, tensorboard: board } = files;
      return {
        log: logged.length,
        clock: clocked.length,
        train: train.length,
        ...(board && { tensorboard: board.length }),
      };
    },
    close,
  };
}
