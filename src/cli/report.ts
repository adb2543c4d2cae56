import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, LimnError } from '../common/error.ts';
import { readBytes, readText } from '../common/file.node.ts';
import { bytes, plural } from '../common/format.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { version } from '../common/version.ts';
import { type Measures, measure, type ResultInfo } from '../evaluation/index.ts';
import { readResult } from '../evaluation/store.ts';
import { nodeHost } from '../hosts/node.node.ts';
import { type NamedChart, progressChart, targetCharts } from '../report/charts/index.ts';
import { COMPARISON_FILE, type ComparisonReport, parseComparison } from '../report/comparison.ts';
import type { PagePicture } from '../report/page-blocks.ts';
import { comparisonPage } from '../report/page-comparison.ts';
import type { TrainingRun } from '../report/page-training.ts';
import { GRID_FILE, readGridRecord } from '../verbs/grid/record.ts';
import { type Command, command, withExamples, withOverwrite } from './command.ts';
import { lineOf } from './errors.ts';
import { print } from './output.ts';
import { readRun, runFiles, runNames } from './runs.ts';

interface Options {
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly title?: string;
  readonly grids: readonly string[];
  readonly photosBy?: string;
  readonly logs: readonly string[];
  readonly charts: boolean;
}

export function reportCommand(): Command {
  const given = command('report')
    .description(
      'Makes one HTML file of a comparison, which opens offline, on a phone and in print: findings, charts, sortable ' +
        'tables, confusions, heatmaps, training progress, settings and hashes, and what the numbers and the labels do ' +
        'not say. The same charts go into the folder charts/ as Vega-Lite specification, SVG and PNG. Heatmaps that ' +
        'limn grid wrote into the folder or into folders in it are taken in.',
    )
    .argument('<folder>', 'the folder that limn compare wrote')
    .option('-o, --output <file>', 'where to; report.html in the folder unless given')
    .option('--title <text>', 'the title; what is compared unless given')
    .option('--grids <folder...>', 'other folders that limn grid wrote', [])
    .option('--photos-by <text>', 'whose the photos in the heatmaps are, and their licence')
    .option(
      '--logs <run...>',
      "trainings: folders of limn train, logs of Caffe's, or .csv with columns iteration, value, time, metric, series",
      [],
    )
    .option('--no-charts', 'the page only');
  return withExamples(withOverwrite(given), [
    ['a page beside the comparison', 'limn compare face-a face-b -o out && limn report out'],
    ['with heatmaps in it', 'limn grid a.onnx b.onnx --photos cat.jpg -o out/heatmaps && limn report out'],
  ]).action((folder: string, options: Options) =>
    withOutputs(options, (outputs) => makeReport(outputs, folder, options)),
  );
}

async function makeReport(outputs: Outputs, folder: string, options: Options): Promise<void> {
  const path = join(folder, COMPARISON_FILE);
  const output = options.output ?? join(folder, 'report.html');
  outputs.reads([path, ...options.logs.flatMap(runFiles)]);
  await outputs.claim([output]);
  const report = parseComparison(await readText(path, 'a comparison of limn'), path);
  const missing: string[] = [];
  const measures: (Measures | undefined)[][] = [];
  for (const { entries } of report.targets) {
    const each: (Measures | undefined)[] = [];
    for (const entry of entries) each.push(await measuresOf(entry, missing));
    measures.push(each);
  }
  const grids = [...(await gridsIn(folder)), ...options.grids];
  // One after the other: there is no telling how many, and each is an open file and a picture.
  const pictures: PagePicture[] = [];
  for (const grid of grids) pictures.push(await gridPicture(grid, options.photosBy));
  const progress = await progressCharts(options.logs);
  const html = await comparisonPage({
    title: options.title ?? titleOf(report),
    report,
    measures,
    pictures,
    progress,
    missing,
    footer: `Made by limn ${version} of ${path}, which limn ${report.versions.limn ?? ''} wrote.`,
  });
  if (options.charts) {
    const charts = [
      ...report.targets.flatMap((target, i) => targetCharts(target, measures[i]!)),
      ...progress,
    ];
    await writeCharts(outputs, join(folder, 'charts'), charts);
  }
  await outputs.write(output, html);
  for (const text of missing) print(`${text}\n`);
  print(
    `${output}: ${bytes(Buffer.byteLength(html))}, with ${plural(pictures.length, 'picture')} of heatmaps\n`,
  );
}

/** The measures of an entry, from its answers. Where a result is gone or changed, `missing` says so. */
async function measuresOf(
  { name, results }: ComparisonReport['targets'][number]['entries'][number],
  missing: string[],
): Promise<Measures | undefined> {
  try {
    const read = await Promise.all(
      results.map(async ({ source, info }) => {
        const found = await readResult(source, nodeHost);
        if (!isSame(found.info, info))
          fail(source, 'was evaluated anew since the comparison', 'compare again');
        return found;
      }),
    );
    return measure({ info: read[0]!.info, answers: read.flatMap(({ answers }) => answers) });
  } catch (error) {
    if (!(error instanceof LimnError)) throw error;
    missing.push(`Without classes, confusion and calibration of ${name}: ${lineOf(error)}.`);
    return undefined;
  }
}

/** Whether two results are of the same model, data and settings. */
const isSame = (a: ResultInfo, b: ResultInfo): boolean =>
  a.model.sha256 === b.model.sha256 &&
  a.data.sha256 === b.data.sha256 &&
  JSON.stringify(a.settings) === JSON.stringify(b.settings);

/** Folders of `limn grid`: this one and those in it. */
async function gridsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const found: string[] = [];
  for (const each of [folder, ...folders.sort()]) {
    if ((await readdir(each)).includes(GRID_FILE)) found.push(each);
  }
  return found;
}

async function gridPicture(folder: string, photosBy: string | undefined): Promise<PagePicture> {
  const path = join(folder, GRID_FILE);
  const record = readGridRecord(await readText(path, 'the record of a grid'), path);
  const file = join(folder, 'grid.png');
  const png = await readBytes(file);
  const { decodeBytes } = await import('../image/decode.node.ts');
  const { width, height } = await decodeBytes(png, file);
  const by = photosBy && record.kind === 'photos' ? ` Photos: ${photosBy}.` : '';
  return {
    source: `data:image/png;base64,${Buffer.from(png).toString('base64')}`,
    // Two pixels per unit.
    width: Math.round(width / 2),
    height: Math.round(height / 2),
    alt: `${record.title}: ${record.models.map(({ name }) => name).join(', ')}`,
    caption: `${record.title}. ${record.subtitle}.${by}`,
  };
}

async function progressCharts(logs: readonly string[]): Promise<NamedChart[]> {
  if (logs.length === 0) return [];
  const names = runNames(logs);
  const runs: TrainingRun[] = [];
  for (const [i, path] of logs.entries()) runs.push(await readRun(path, names[i]!, logs.length > 1));
  const rows = runs.flatMap((run) => run.rows.filter(({ detail }) => !detail));
  // Losses of single batches jump; a running mean shows where they go.
  const spec = progressChart(rows, { smooth: 15 });
  const caption = `Training progress, from ${names.join(', ')}: running means, the rows themselves pale.`;
  return [{ name: 'progress', kind: 'progress', caption, spec }];
}

async function writeCharts(outputs: Outputs, folder: string, charts: readonly NamedChart[]): Promise<void> {
  const { chartFiles, writeChart } = await import('../report/charts/file.node.ts');
  await outputs.claim(charts.flatMap(({ name }) => chartFiles(join(folder, name))));
  for (const { name, spec } of charts) await writeChart(join(folder, name), spec, outputs.write);
}

/** `age and gender: VGG16 and CaffeNet compared`, or how many there are. */
function titleOf({ targets }: ComparisonReport): string {
  const names = [...new Set(targets.flatMap(({ entries }) => entries.map(({ name }) => name)))];
  const what = targets.map(({ target }) => target).join(' and ');
  const who = names.length > 3 ? `${names.length} models` : names.join(' and ');
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${who}${names.length > 1 ? ' compared' : ''}`;
}
