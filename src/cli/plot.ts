import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { fail, failRequest } from '../common/error.ts';
import { nodeFiles } from '../common/files.node.ts';
import { bytes, plural } from '../common/format.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { version } from '../common/version.ts';
import { type ProgressRow, progressChart, RATE } from '../report/charts/index.ts';
import type { TrainingRun } from '../report/page-training.ts';
import { readRun, runFiles, runNames } from '../report/runs.ts';
import { type Command, command, Option, whole, withExamples, withOverwrite } from './command.ts';
import { print } from './output.ts';

interface Options {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly what: readonly string[];
  readonly x: 'iteration' | 'time';
  readonly smooth?: number;
  readonly title?: string;
}

export function plotCommand(): Command {
  const given = command('plot')
    .description(
      'Draws how trainings went: loss, accuracy and learning rate against iteration or time, several runs together. ' +
        "Takes run folders of limn train, their log.jsonl, Caffe's own logs, and .csv files with the columns iteration " +
        'and value and, if you like, time (seconds), metric and series.',
    )
    .argument('<run...>', 'run folders or logs')
    .requiredOption(
      '-o, --output <file>',
      'where to: .svg or .png for a picture, .html for a page with tables that opens offline',
    )
    .option('--what <names...>', 'what to draw: loss, accuracy, rate, or whatever the networks put out', [])
    .addOption(
      new Option('--x <axis>', 'against what, in a picture')
        .choices(['iteration', 'time'])
        .default('iteration'),
    )
    .option(
      '--smooth <n>',
      'draw running means over n lines of the log, the lines themselves pale; 0 for none; by its length unless given',
      whole(0),
    )
    .option('--title <text>', 'the title');
  return withExamples(withOverwrite(given), [
    ['one training', 'limn plot runs/gender -o gender.svg'],
    ['two of them, their loss against time', 'limn plot runs/a runs/b --what loss --x time -o loss.png'],
    ["a page, from logs of Caffe's", 'limn plot train-*.log -o trainings.html'],
  ]).action((paths: string[], options: Options) =>
    withOutputs(options, (outputs) => plot(outputs, paths, options)),
  );
}

async function plot(outputs: Outputs, paths: readonly string[], options: Options): Promise<void> {
  const { output, x } = options;
  const kind = extname(output).toLowerCase();
  if (!['.svg', '.png', '.html'].includes(kind)) {
    failRequest('--output', `'${output}' is no .svg, .png or .html`, 'end the name in one of these');
  }
  outputs.reads(paths.flatMap((path) => runFiles(path, nodeFiles)));
  await outputs.claim([output]);
  const names = await runNames(paths, nodeFiles);
  const runs: TrainingRun[] = [];
  for (const [i, path] of paths.entries())
    runs.push(await readRun(path, names[i]!, paths.length > 1, nodeFiles));
  const rows = chosen(
    runs.flatMap((run) => run.rows),
    options.what,
  );
  if (x === 'time' && !rows.some(({ time }) => time !== undefined)) {
    fail(paths[0]!, 'the log has no times', 'leave out --x time');
  }
  const smooth = options.smooth ?? usualWindow(rows);
  const title = options.title ?? (runs.length === 1 ? `Training of ${names[0]}` : `${runs.length} trainings`);
  await outputs.write(output, await drawn());
  const { size } = await stat(output).catch((error: unknown) => failPath(output, error));
  print(`${output}: ${plural(rows.length, 'row')} of ${plural(runs.length, 'training')}, ${bytes(size)}\n`);

  async function drawn(): Promise<string | Uint8Array> {
    if (kind === '.html') {
      const { trainingPage } = await import('../report/page-training.ts');
      return trainingPage({ title, runs, rows, smooth, footer: `Made by limn ${version}.` });
    }
    const spec = progressChart(rows, { title, over: x, smooth });
    if (kind === '.png') return (await import('../report/charts/file.node.ts')).chartPng(spec);
    const { chartSvg } = await import('../report/charts/index.ts');
    const { chrome } = await import('../report/charts/theme.ts');
    return `${await chartSvg(spec, { background: chrome.paper })}\n`;
  }
}

/** The rows of what is asked for, in that order; without wishes the loss, what is measured, and the rate. */
function chosen(rows: readonly ProgressRow[], what: readonly string[]): ProgressRow[] {
  const metrics = [...new Set(rows.map(({ metric }) => metric))];
  if (what.length > 0) {
    const wanted = what
      .flatMap((each) => each.split(','))
      .map((each) => (each === 'rate' ? RATE : each))
      .flatMap((each) => {
        const found = metrics.includes(each) ? [each] : metrics.filter((metric) => metric.includes(each));
        return found.length > 0
          ? found
          : failRequest('--what', `there is no '${each}'`, `choose from ${metrics.join(', ')}`);
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
