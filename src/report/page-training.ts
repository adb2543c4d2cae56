import { count } from '../common/format.ts';
import type { ClockEvent } from '../training/run/events.ts';
import { isShare, type ProgressRow, progressChart, RATE } from './charts/index.ts';
import type { PageCell, PageTable } from './page-blocks.ts';
import { pageChart } from './page-chart.ts';
import { capital } from './page-models.ts';
import { type ReportSection, reportPage } from './page-report.ts';

/** A training that is shown. */
export interface TrainingRun {
  readonly name: string;
  readonly rows: readonly ProgressRow[];
  /** Its clock, where it has one. */
  readonly clock: readonly ClockEvent[];
  /** The files that it was read from. */
  readonly source: string;
}

/** What a page on trainings shows. */
export interface TrainingPage {
  readonly title: string;
  readonly runs: readonly TrainingRun[];
  /** The rows that are drawn, of all runs. */
  readonly rows: readonly ProgressRow[];
  readonly smooth: number;
  /** Whether losses have a logarithmic axis. */
  readonly log: boolean;
  readonly footer: string;
}

/** Width of a chart's panels where two charts stand side by side in a page, and where one stands alone. */
const [PAIRED, ALONE] = [460, 820];

/** Trainings as one page that opens offline: curves over iterations and over time, and a table of how they ended. */
export async function trainingPage({
  title,
  runs,
  rows,
  smooth,
  log,
  footer,
}: TrainingPage): Promise<string> {
  const means =
    smooth > 1 ? ` Running means over ${smooth} lines of the log, the lines themselves pale.` : '';
  const what = capital([...new Set(rows.map(({ metric }) => metric))].join(', '));
  const timed = rows.some(({ time }) => time !== undefined);
  const width = timed ? PAIRED : ALONE;
  const chart = async (over: 'iteration' | 'time') => ({
    caption: `${what}, over ${over === 'time' ? 'time' : 'iterations'}.${means}`,
    ...(await pageChart(progressChart(rows, { over, smooth, log, width }), `${over}-`)),
  });
  const charts = [await chart('iteration'), ...(timed ? [await chart('time')] : [])];
  const sections: ReportSection[] = [
    { title: 'Curves', blocks: [{ kind: 'charts', charts }] },
    { title: 'In numbers', blocks: [{ kind: 'table', table: numbersTable(runs, rows) }] },
  ];
  const lead = `${runs.length === 1 ? 'One training' : `${count(runs.length)} trainings`}, from ${runs.map(({ source }) => source).join(', ')}.`;
  return reportPage({ title, lead, sections, footer });
}

/** How each run ended, and the best of what was measured on the way. */
export function numbersTable(runs: readonly TrainingRun[], rows: readonly ProgressRow[]): PageTable {
  const measured = [...new Set(rows.map(({ metric }) => metric))].filter((metric) => metric !== RATE);
  const right = (title: string) => ({ title, align: 'right' as const });
  const lines = runs.map((run): (PageCell | string)[] => {
    const last = run.rows.findLast(({ metric, series }) => metric === 'loss' && series === 'training');
    const iterations = run.rows.reduce((most, { iteration }) => Math.max(most, iteration), 0);
    // The last of a log need not be the latest: tests, and lines of a run that was stopped and went on, have times of their own.
    const times = [...run.clock.map((event) => event.seconds), ...run.rows.flatMap(({ time }) => time ?? [])];
    const seconds = times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : undefined;
    const speeds = run.clock.flatMap(({ imagesPerSecond: speed }) => (speed === undefined ? [] : [speed]));
    const waits = run.clock.flatMap(({ waiting }) => (waiting === undefined ? [] : [waiting]));
    return [
      run.name,
      { text: count(iterations), sort: iterations },
      cell(last?.value, (value) => value.toPrecision(4)),
      ...measured.map((metric) => bestCell(run.rows.filter((row) => row.metric === metric))),
      cell(seconds, (value) => `${(value / 60).toFixed(1)} min`),
      cell(middle(speeds), (value) => count(Number(value.toPrecision(3)))),
      cell(middle(waits), (value) => `${(100 * value).toFixed(1)} %`),
    ];
  });
  return {
    caption: 'How the trainings ended, and the best that their tests gave on the way',
    columns: [
      { title: 'run' },
      right('iterations'),
      right('last training loss'),
      ...measured.map((metric) => right(`best ${metric}`)),
      right('time'),
      right('images/s'),
      right('waited for data'),
    ],
    rows: lines,
    notes: [
      'The best of several tests is better than what new images would give: it was chosen by these.',
      'Images per second and the share of time that the step waited for data are medians over the log.',
    ],
  };
}

const cell = (value: number | undefined, text: (value: number) => string): PageCell =>
  value === undefined ? { text: '–' } : { text: text(value), sort: value };

/** The lowest loss, the highest of anything else, of the tests, with the iteration at which it was. */
function bestCell(rows: readonly ProgressRow[]): PageCell {
  const tested = rows.filter(({ series }) => series.startsWith('validation'));
  if (tested.length === 0) return { text: '–' };
  const sign = /loss/i.test(tested[0].metric) ? -1 : 1;
  const best = tested.reduce((a, b) => (sign * b.value > sign * a.value ? b : a));
  const text = isShare(best.metric, best.value)
    ? `${(100 * best.value).toFixed(1)} %`
    : best.value.toPrecision(4);
  return { text, sort: best.value, note: `at ${count(best.iteration)}` };
}

const middle = (values: readonly number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
