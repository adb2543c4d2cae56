import { closeSync, fsyncSync } from 'node:fs';
import { resolve } from 'node:path';
import { opening } from '../../common/scope.ts';
import { type ClockEvent, eventLine, type RunEvent } from './events.ts';
import { append, attempt, copyLogs, type LogFile, openLog } from './logfile.node.ts';
import type { LogLengths } from './record.ts';
import { eventRecord, eventScalars } from './tensorboard.ts';
import { eventWording, type Level, prefixed } from './wording.ts';

/** The snapshot that a run goes on from: the folder that it is in, and what it says. */
export interface ResumedLogs {
  readonly folder: string;
  readonly logs: LogLengths;
  readonly seconds: number;
}

/** The logs of a run, open to be written to. */
export interface OpenLogs {
  readonly files: {
    readonly log: LogFile;
    readonly clock: LogFile;
    readonly train: LogFile;
    readonly tensorboard?: LogFile;
  };
  /** Takes each line for people, too. */
  readonly print: ((line: string, level: Level) => void) | undefined;
  /** The time of day. */
  date(): Date;
}

export interface OpenLogsOptions extends Pick<OpenLogs, 'print' | 'date'> {
  readonly resume: ResumedLogs | undefined;
  readonly tensorboard: boolean;
}

/** Opens the logs in a folder, as long as the snapshot says, or empty. `notes`: what people should know of it. */
export async function openLogs(
  folder: string,
  { resume, tensorboard, print, date }: OpenLogsOptions,
): Promise<{ readonly logs: OpenLogs; readonly notes: readonly string[]; close(): Promise<void> }> {
  const notes: string[] = [];
  if (resume && resolve(resume.folder) !== resolve(folder))
    await copyLogs(resume.folder, folder, resume.logs);
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
  return { logs: { files, print, date }, notes, close };
}

/** Writes a line for people. */
export function say({ files, print, date }: OpenLogs, line: string, level: Level = 'I'): void {
  append(files.train, Buffer.from(`${prefixed(line, date(), process.pid, level)}\n`));
  print?.(line, level);
}

/** Writes what the clock says of an event. */
export const writeClock = ({ files }: OpenLogs, event: ClockEvent): void =>
  append(files.clock, Buffer.from(eventLine(event)));

/** Writes an event to all logs that have it. */
export function writeEvent(logs: OpenLogs, event: RunEvent, speed?: string): void {
  const { log, tensorboard } = logs.files;
  append(log, Buffer.from(eventLine(event)));
  for (const line of eventWording(event, speed)) say(logs, line, event.event === 'note' ? 'W' : 'I');
  const scalars = eventScalars(event);
  if (!tensorboard || scalars.length === 0) return;
  const time = logs.date().getTime() / 1000;
  if (tensorboard.length === 0) append(tensorboard, eventRecord(time));
  append(tensorboard, eventRecord(time, event.iteration, scalars));
}

/** Brings all of the logs to the disk; returns how long they are. */
export function syncLogs({ files }: OpenLogs): LogLengths {
  for (const { fd, path } of Object.values(files)) attempt(path, () => fsyncSync(fd));
  const { log, clock, train, tensorboard } = files;
  return {
    log: log.length,
    clock: clock.length,
    train: train.length,
    ...(tensorboard && { tensorboard: tensorboard.length }),
  };
}
