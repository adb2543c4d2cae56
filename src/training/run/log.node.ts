import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail } from '../../common/error.ts';
import { makeFolder } from '../../common/folder.node.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import { field, words } from '../../common/words.ts';
import { type Note, noteText } from '../notes.ts';
import type { TestLogged, TrainLogged } from './events.ts';
import { LOG_FILES } from './files.ts';
import { logPaths } from './logfile.node.ts';
import {
  type OpenLogs,
  openLogs,
  type ResumedLogs,
  say,
  syncLogs,
  writeClock,
  writeEvent,
} from './openlogs.node.ts';
import type { LogLengths } from './record.ts';
import { listSnapshots } from './snapshot.node.ts';
import { type Level, speedWording } from './wording.ts';

export { LOG_FILES } from './files.ts';

export interface RunLogOptions {
  readonly resume?: ResumedLogs;
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
export interface LoggedWork {
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
  train(event: Omit<TrainLogged, 'event'>, work: LoggedWork): void;
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
  const { resume, outputs, tensorboard = false, display = 0, print, now = () => performance.now() } = options;
  const { date = () => new Date() } = options;
  await makeFolder(folder);
  const goesOn = resume !== undefined && resolve(resume.folder) === resolve(folder);
  if (!goesOn && !options.replace) await refuseOther(folder);
  await outputs?.open(logPaths(folder, tensorboard));
  const { logs, notes, close } = await openLogs(folder, { resume, tensorboard, print, date });
  const goesOnInLog = logs.files.log.length > 0;
  const began = now();
  const seconds = () => (resume?.seconds ?? 0) + (now() - began) / 1000;
  const state: LogState = {
    logs,
    display,
    seconds,
    last: { iteration: 0, seconds: seconds(), images: 0, waited: 0 },
  };

  return {
    notes,
    seconds,
    start: (run) => logStart(state, run),
    train: (event, work) => logTrain(state, event, work),
    test({ iteration, net, outputs, loss }, took) {
      writeEvent(logs, { event: 'test', iteration, net, outputs, ...(loss !== undefined && { loss }) });
      writeClock(logs, {
        event: 'test',
        iteration,
        seconds: seconds(),
        ...(took !== undefined && { took }),
      });
    },
    snapshotting({ model, state }) {
      say(logs, `Snapshotting to binary proto file ${model}`);
      say(logs, `Snapshotting solver state to binary proto file ${state}`);
    },
    snapshot: (iteration, took) =>
      writeClock(logs, { event: 'snapshot', iteration, seconds: seconds(), took }),
    note(iteration, note, of) {
      const text = noteText(note);
      if (of && goesOnInLog) say(logs, text, 'W');
      else writeEvent(logs, { event: 'note', iteration, note, text });
    },
    say: (line, level) => say(logs, line, level),
    end(how, iteration) {
      say(logs, how === 'done' ? 'Optimization Done.' : 'Optimization stopped early.');
      writeClock(logs, { event: how, iteration, seconds: seconds() });
    },
    lengths: () => syncLogs(logs),
    close,
  };
}

/** Errors: a run is in the folder already. */
async function refuseOther(folder: string): Promise<void> {
  const size = (await stat(join(folder, LOG_FILES.log)).catch(() => undefined))?.size ?? 0;
  if (size === 0) return;
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

/** Where the log of a run stands. */
interface LogState {
  readonly logs: OpenLogs;
  readonly display: number;
  /** Of training so far. */
  seconds(): number;
  /** When training was last written about, and what was done until then. */
  last: LoggedWork & { readonly iteration: number; readonly seconds: number };
}

function logStart(
  state: LogState,
  { net, policy, iteration, resumed }: Parameters<RunLog['start']>[0],
): void {
  const { logs } = state;
  say(logs, `Solving ${net}`);
  say(logs, `Learning Rate Policy: ${policy}`);
  if (resumed !== undefined) say(logs, `Restoring previous solver status from ${resumed}`);
  const event = resumed === undefined ? 'start' : 'resume';
  writeClock(logs, { event, iteration, seconds: state.seconds(), date: logs.date().toISOString() });
  state.last = { ...state.last, iteration, seconds: state.seconds() };
}

function logTrain(state: LogState, event: Omit<TrainLogged, 'event'>, { images, waited }: LoggedWork): void {
  const { logs, last, display } = state;
  const seconds = state.seconds();
  const lapse = seconds - last.seconds;
  // In the order of the fields' declaration, whatever order they come in.
  const { iteration, rate, loss, outputs } = event;
  writeEvent(
    logs,
    { event: 'train', iteration, ...(rate !== undefined && { rate }), loss, outputs },
    rate === undefined ? '' : speedWording(iteration - last.iteration, lapse, display),
  );
  writeClock(logs, {
    event: 'train',
    iteration,
    seconds,
    ...(lapse > 0 && {
      imagesPerSecond: (images - last.images) / lapse,
      waiting: (waited - last.waited) / lapse,
    }),
  });
  state.last = { iteration, seconds, images, waited };
}
