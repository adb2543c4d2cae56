import { fail, failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import {
  chartSvg,
  PAPER,
  type ProgressRow,
  progressChart,
  RATE,
  readRun,
  runFiles,
  runNames,
  type TrainingRun,
  trainingPage,
} from '../../report/index.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type PlotRequest, plotRequest } from './request.ts';

/** What was drawn. */
export interface PlotResult {
  readonly output: string;
  /** Bytes of it. */
  readonly size: number;
  /** Rows of the logs that are drawn. */
  readonly rows: number;
}

/** Pixels of a picture per unit. */
const DENSITY = 2;

/**
 * Draws how trainings went: loss, what was measured and the learning rate against iteration or time, several runs together;
 * as a picture, or as a page with tables that opens offline. Errors: the request's; what is no run and no log.
 */
export async function plot(
  request: PlotRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<PlotResult> {
  const {
    runs: paths,
    output,
    what,
    x,
    smooth: wanted,
    title: given,
  } = checkRequest(plotRequest, request, signal);
  const { files, images } = host;
  const kind = /\.[^.]*$/.exec(files.basename(output))?.[0].toLowerCase() ?? '';
  if (!['.svg', '.png', '.html'].includes(kind)) {
    failRequest(
      words`${field('output')}`,
      `'${output}' is no .svg, .png or .html`,
      'end the name in one of these',
    );
  }
  files.protect(paths.flatMap((path) => runFiles(path, files)));
  await files.claim([output]);
  const names = await runNames(paths, files);
  const runs: TrainingRun[] = [];
  for (const [i, path] of paths.entries()) {
    signal?.throwIfAborted();
    runs.push(await readRun(path, names[i], paths.length > 1, files));
  }
  const rows = chosen(
    runs.flatMap((run) => run.rows),
    what,
  );
  if (x === 'time' && !rows.some(({ time }) => time !== undefined))
    fail(paths[0], 'the log has no times', words`leave out ${field('x', 'time')}`);
  const smooth = wanted ?? usualWindow(rows);
  const title = given ?? (runs.length === 1 ? `Training of ${names[0]}` : `${runs.length} trainings`);
  const drawn = async (): Promise<string | Uint8Array> => {
    if (kind === '.html') {
      const footer = `Made by limn ${host.versions.limn}.`;
      return trainingPage({ title, runs, rows, smooth, footer });
    }
    const svg = await chartSvg(progressChart(rows, { title, over: x, smooth }), { background: PAPER });
    return kind === '.svg' ? `${svg}\n` : images.encodePng(await images.drawSvg(svg, DENSITY));
  };
  const picture = await drawn();
  const data = typeof picture === 'string' ? new TextEncoder().encode(picture) : picture;
  signal?.throwIfAborted();
  await files.write(output, data);
  return { output, size: data.length, rows: rows.length };
}

/** The rows of what is asked for, in that order; without wishes the loss, what is measured, and the rate. */
function chosen(rows: readonly ProgressRow[], what: readonly string[]): ProgressRow[] {
  const metrics = [...new Set(rows.map(({ metric }) => metric))];
  if (what.length > 0) {
    const wanted = what
      .map((each) => (each === 'rate' ? RATE : each))
      .flatMap((each) => {
        const found = metrics.includes(each) ? [each] : metrics.filter((metric) => metric.includes(each));
        return found.length > 0
          ? found
          : failRequest(
              words`${field('what')}`,
              `there is no '${each}'`,
              `choose from ${metrics.join(', ')}`,
            );
      });
    return [...new Set(wanted)].flatMap((metric) => rows.filter((row) => row.metric === metric));
  }
  const detailed = new Set(rows.filter(({ detail }) => detail).map(({ metric }) => metric));
  const place = (metric: string) => (metric === 'loss' ? 0 : metric === RATE ? 2 : 1);
  return metrics
    .filter((metric) => !detailed.has(metric))
    .toSorted((a, b) => place(a) - place(b))
    .flatMap((metric) => rows.filter((row) => row.metric === metric));
}

/** Losses of single batches jump: for long logs, a fortieth of the longest line; small ones as they are. */
function usualWindow(rows: readonly ProgressRow[]): number {
  const lines = new Map<string, number>();
  for (const { metric, run, series } of rows) {
    const key = JSON.stringify([metric, run, series]);
    lines.set(key, (lines.get(key) ?? 0) + 1);
  }
  const longest = Math.max(0, ...lines.values());
  return longest > 120 ? 2 * Math.round(longest / 80) + 1 : 0;
}
