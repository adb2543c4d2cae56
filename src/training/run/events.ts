import { fail } from '../../common/error.ts';
import type { Note } from '../notes.ts';

/** One number that a network puts out. */
export interface Output {
  /** The blob. */
  readonly name: string;
  /** Which of the network's numbers it is, counted over all blobs, as Caffe counts them. */
  readonly index: number;
  readonly value: number;
  /** Its loss weight, for what is a loss. */
  readonly weight?: number;
}

/** Something to show of one iteration's training. */
export interface TrainLogged {
  readonly event: 'train';
  /** How often the weights had been updated before. */
  readonly iteration: number;
  /** The learning rate; undefined after the last update, where only the loss is computed once more. */
  readonly rate?: number;
  /** Smoothed by average_loss. */
  readonly loss: number;
  /** Of the iteration's last batch. */
  readonly outputs: readonly Output[];
}

/** What a test network gave. */
export interface TestLogged {
  readonly event: 'test';
  readonly iteration: number;
  /** Which of the solver's test networks. */
  readonly net: number;
  /** Means over the batches. */
  readonly outputs: readonly Output[];
  /** The mean loss, with test_compute_loss. */
  readonly loss?: number;
}

/** What people should know, each once. */
export interface NoteLogged {
  readonly event: 'note';
  /** How often the weights had been updated before. */
  readonly iteration: number;
  readonly note: Note;
  /** The note in words. */
  readonly text: string;
}

/** A line of `log.jsonl`. What it holds follows from the training alone: no times. */
export type RunEvent = TrainLogged | TestLogged | NoteLogged;

/** A line of `clock.jsonl`: when something was. */
export interface ClockEvent {
  readonly event: 'start' | 'resume' | 'train' | 'test' | 'snapshot' | 'done' | 'stopped';
  readonly iteration: number;
  /** Seconds of training so far: of all processes that had a part in it, without what lay between them. */
  readonly seconds: number;
  /** Since the train event before. */
  readonly imagesPerSecond?: number;
  /** The share of that time in which the step waited for data. */
  readonly waiting?: number;
  /** Seconds that it took. */
  readonly took?: number;
  /** The date and time, where a process begins. */
  readonly date?: string;
}

/** An event as a line of JSON with its line break; numbers are exact, and those that JSON does not have are words. */
export const eventLine = (event: RunEvent | ClockEvent): string =>
  `${JSON.stringify(event, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  )}\n`;

const words = new Set(['NaN', 'Infinity', '-Infinity']);

/**
 * The events of a `log.jsonl`. A last line without a line break is left out: its writing was interrupted. Errors name
 * `file` and the line.
 */
export const parseEvents = (text: string, file: string): RunEvent[] =>
  parsed(text, file, 'no event of a training', isRunEvent);

/** The events of a `clock.jsonl`, so. */
export const parseClock = (text: string, file: string): ClockEvent[] =>
  parsed(text, file, 'no event of a clock', isClockEvent);

function parsed<Event>(
  text: string,
  file: string,
  otherwise: string,
  is: (value: Fields) => boolean,
): Event[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, i) => {
      const where = `${file}:${i + 1}`;
      let event: unknown;
      try {
        event = JSON.parse(line, (name, value) =>
          name !== 'name' && words.has(value) ? Number(value) : value,
        );
      } catch {
        fail(where, 'no JSON', "this is no log of limn's, or it is damaged");
      }
      return is((event ?? {}) as Fields)
        ? (event as Event)
        : fail(where, otherwise, "this is no log of limn's, or it is damaged");
    });
}

type Fields = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): boolean => typeof value === 'number';

const isRunEvent = (fields: Fields): boolean =>
  Number.isSafeInteger(fields.iteration) && (isNote(fields) || isMeasured(fields));

const isNote = ({ event, note, text }: Fields): boolean =>
  event === 'note' && typeof text === 'string' && typeof (note as Fields | null)?.kind === 'string';

const isMeasured = ({ event, loss, outputs }: Fields): boolean =>
  ((event === 'train' && isNumber(loss)) || event === 'test') &&
  Array.isArray(outputs) &&
  outputs.every(
    (output: Fields | null) =>
      typeof output?.name === 'string' && isNumber(output.index) && isNumber(output.value),
  );

const isClockEvent = ({ event, iteration, seconds }: Fields): boolean =>
  typeof event === 'string' && Number.isSafeInteger(iteration) && isNumber(seconds);
