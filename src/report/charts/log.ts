import { fail } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';
import { type ClockEvent, parseClock, parseEvents } from '../../training/run/events.ts';
import { caffeEvents } from './caffelog.ts';
import { eventRows, timedEvents } from './eventrows.ts';
import type { ProgressRow } from './progressrow.ts';

/**
 * Training progress from a log: limn's `log.jsonl`, with the times in `clock` where given; Caffe's (`Iteration 100, loss =
 * 1.2`, `Test net output #0: accuracy = 0.5`); or a CSV with the columns iteration and value, and if it likes time
 * (seconds), metric and series. `run` tells its rows from other logs'. Errors name `file` and the line: a row that is
 * none, a log without any.
 */
export function progressOf(
  text: string,
  file: string,
  run = '',
  clock?: { readonly text: string; readonly file: string },
): ProgressRow[] {
  const head = text.trimStart().split(/\r?\n/, 1)[0];
  const isTable = cellsOf(head.toLowerCase()).includes('iteration');
  const rows = /^\s*\{/.test(text)
    ? eventRows(timedEvents(parseEvents(text, file), clockEvents(clock)))
    : isTable
      ? tableRows(text, file)
      : eventRows(caffeEvents(text));
  if (rows.length === 0) {
    fail(
      file,
      'no training progress in it',
      "give a log of limn's or Caffe's, or a CSV with the columns iteration and value",
    );
  }
  return run === '' ? rows : rows.map((row) => ({ ...row, run }));
}

const clockEvents = (clock: { readonly text: string; readonly file: string } | undefined): ClockEvent[] =>
  clock ? parseClock(clock.text, clock.file) : [];

const cellsOf = (line: string): string[] =>
  line.split(',').map((cell) => cell.trim().replace(/^(["'])(.*)\1$/, '$2'));

function tableRows(text: string, file: string): ProgressRow[] {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const columns = cellsOf(head.toLowerCase());
  const at = (column: string) => columns.indexOf(column);
  if (at('value') < 0) fail(`${file}:1`, "there is no column 'value'", `its columns: ${columns.join(', ')}`);
  return lines.map((line, i) => {
    const row = cellsOf(line);
    const number = (column: string) => {
      const value = Number(row[at(column)] || Number.NaN);
      return Number.isFinite(value)
        ? value
        : fail(`${file}:${i + 2}`, `no number as ${column}: ${quoted(row[at(column)] ?? '')}`);
    };
    return {
      iteration: number('iteration'),
      value: number('value'),
      ...(at('time') >= 0 && row[at('time')] !== '' && { time: number('time') }),
      metric: row[at('metric')] || 'loss',
      series: row[at('series')] || 'training',
    };
  });
}
