import { fail } from '../../common/error.ts';
import type { ProgressRow } from './training.ts';

/**
 * Training progress from a log: Caffe's (`Iteration 100, loss = 1.2`, `Test net output #0: accuracy = 0.5`), or a CSV
 * with the columns iteration and value, and if it likes time (seconds), metric and series. `name` tells its rows from
 * other logs'. Errors name `file` and the line: a row that is none, a log without any.
 */
export function progressOf(text: string, file: string, name = ''): ProgressRow[] {
  const isTable =
    /^\s*["']?\w+["']?\s*(,|$)/m.test(text.slice(0, 200)) && /^[^\n]*\biteration\b[^\n]*,/i.test(text);
  const rows = isTable ? tableRows(text, file) : caffeRows(text);
  if (rows.length === 0) {
    fail(
      file,
      'no training progress in it',
      "give Caffe's log, or a CSV with the columns iteration and value",
    );
  }
  return name === '' ? rows : rows.map((row) => ({ ...row, series: `${name}, ${row.series}` }));
}

function tableRows(text: string, file: string): ProgressRow[] {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const cells = (line: string) => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  const columns = cells(head.toLowerCase());
  const at = (column: string) => columns.indexOf(column);
  if (at('value') < 0) fail(`${file}:1`, "there is no column 'value'", `its columns: ${columns.join(', ')}`);
  return lines.map((line, i) => {
    const row = cells(line);
    const number = (column: string) => {
      const value = Number(row[at(column)] || Number.NaN);
      return Number.isFinite(value)
        ? value
        : fail(`${file}:${i + 2}`, `no number as ${column}: '${row[at(column)] ?? ''}'`);
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

/** `I0801 12:34:56.789012 …`: seconds of the day. */
const clock = /^[IWE]\d{4} (\d\d):(\d\d):(\d\d(?:\.\d+)?)/;

function caffeRows(text: string): ProgressRow[] {
  const rows: ProgressRow[] = [];
  let [iteration, start, day, last] = [0, Number.NaN, 0, 0];
  for (const line of text.split('\n')) {
    const stamp = clock.exec(line);
    if (stamp) {
      const now = Number(stamp[1]) * 3600 + Number(stamp[2]) * 60 + Number(stamp[3]);
      // A log that goes on after midnight.
      if (now < last - 3600) day += 86_400;
      last = now;
      if (Number.isNaN(start)) start = now;
    }
    const time = stamp ? { time: day + last - start } : {};
    iteration = Number(/\bIteration (\d+)\b/.exec(line)?.[1] ?? iteration);
    const loss = /\bIteration \d+\b.*?, loss = (\S+)/.exec(line);
    const output = /\b(Test|Train) net output #\d+: (\S+) = (\S+)/.exec(line);
    const add = (metric: string, series: string, value: number) => {
      if (Number.isFinite(value)) rows.push({ iteration, ...time, metric, series, value });
    };
    if (loss) add('loss', 'training', Number(loss[1]));
    // What the training net puts out is the loss again, of one batch.
    if (output?.[1] === 'Test') add(output[2]!, 'validation', Number(output[3]));
  }
  return rows;
}
