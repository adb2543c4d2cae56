import type * as v from 'valibot';
import { fail, LimnError } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { type Measures, measure, type Result, type ResultInfo, readResult } from '../../evaluation/index.ts';
import {
  bestEntry,
  COMPARISON_FILE,
  type ComparisonReport,
  comparisonPage,
  foldCharts,
  type NamedChart,
  type PagePicture,
  parseComparison,
  placedPoint,
  progressChart,
  type ReportSection,
  readRun,
  runFiles,
  runNames,
  type TargetExamples,
  type TargetPoint,
  type TrainingRun,
  targetCharts,
  validationPoints,
} from '../../report/index.ts';
import { writeCharts } from '../charts.ts';
import { GRID_FILE } from '../grid/record.ts';
import type { Host } from '../host.ts';
import { REGIONS_FILE } from '../regions/record.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type Examples, examplesOf } from './examples.ts';
import { foldersWith, gridPicture } from './pictures.ts';
import { regionsSection } from './regions.ts';
import { type ReportRequest, reportRequest } from './request.ts';

/** The page that was written, and what is not in it. */
export interface ReportResult {
  /** The page's file. */
  readonly file: string;
  /** Bytes of it. */
  readonly size: number;
  /** Pictures of heatmaps in it: of grids, of regions, and of single answers. */
  readonly pictures: number;
  /** What is not in it and why, in sentences. */
  readonly missing: readonly string[];
}

/**
 * Makes one HTML file of a comparison, which opens offline: findings, charts, tables, confusions, heatmaps, regions of faces, trainings,
 * settings, and what the numbers do not say. The charts are written as Vega-Lite specification, SVG and PNG, too. A result
 * that is gone or changed since is left out, and said. Errors: the request's; no comparison, grid, regions or log where one should be.
 */
export async function report(
  request: ReportRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<ReportResult> {
  const fields = checkRequest(reportRequest, request, signal);
  const { comparison: folder, logs, photosBy, charts } = fields;
  const { files } = host;
  const path = files.join(folder, COMPARISON_FILE);
  const file = fields.output ?? files.join(folder, 'report.html');
  files.protect([path, ...logs.flatMap((log) => runFiles(log, files))]);
  await files.claim([file]);
  const comparison = parseComparison(await readText(files, path, 'a comparison of limn'), path);
  const missing: string[] = [];
  const measures: (Measures | undefined)[][] = [];
  const examples: (TargetExamples | undefined)[] = [];
  for (const { entries, outcomes } of comparison.targets) {
    const each: (Measures | undefined)[] = [];
    const best = bestEntry(entries, outcomes[0]);
    let ofBest: Examples | undefined;
    for (const entry of entries) {
      signal?.throwIfAborted();
      const read = await readEntry(entry, missing, host);
      each.push(read?.measures);
      if (fields.photos && entry === best && read?.measures.kind === 'classes')
        ofBest = await examplesOf(entry.name, read.results, missing, host, { signal });
    }
    measures.push(each);
    examples.push(ofBest && best && { ...ofBest, model: best.name, notes: exampleNotes(ofBest, photosBy) });
  }
  const grids = [...(await foldersWith(GRID_FILE, folder, host)), ...fields.grids];
  // One after the other: there is no telling how many, and each is an open file and a picture.
  const pictures: PagePicture[] = [];
  for (const grid of grids) {
    signal?.throwIfAborted();
    pictures.push(await gridPicture(grid, photosBy, host));
  }
  const regions: ReportSection[] = [];
  for (const each of [...(await foldersWith(REGIONS_FILE, folder, host)), ...fields.regions]) {
    signal?.throwIfAborted();
    regions.push(
      await regionsSection(each, { number: regions.length + 1, photos: fields.photos, photosBy }, host),
    );
  }
  const tested = await snapshotPoints(fields.snapshots, host, { signal });
  const progress = [...foldCharts(tested, 'test'), ...(await progressCharts(logs, host))];
  const html = await comparisonPage({
    title: fields.title ?? titleOf(comparison),
    report: comparison,
    measures,
    pictures,
    regions,
    examples,
    progress,
    missing,
    footer: `Made by limn ${host.versions.limn} of ${path}, which limn ${comparison.versions.limn ?? ''} wrote.`,
  });
  if (charts) {
    const each = comparison.targets.flatMap((target, i) => targetCharts(target, measures[i]));
    await writeCharts(files.join(folder, 'charts'), [...each, ...progress], host);
  }
  const bytes = new TextEncoder().encode(html);
  await files.write(file, bytes);
  const answers = examples.reduce(
    (n, each) => n + (each?.mistakes.length ?? 0) + (each?.right.length ?? 0),
    0,
  );
  const ofRegions = regions.flatMap(({ blocks }) => blocks.filter(({ kind }) => kind === 'picture'));
  return {
    file,
    size: bytes.length,
    pictures: pictures.length + ofRegions.length + answers,
    missing,
  };
}

const exampleNotes = ({ method }: Examples, photosBy: string | undefined): string[] => [
  `Left what the network sees, right what it looked at (${method}, its default settings): warm pixels speak for what was predicted, cold ones against it. The surest answers are no sample of all of them.${photosBy ? ` Photos: ${photosBy}.` : ''}`,
];

/** The results of an entry, and its measures from all their answers. Where one is gone or changed, `missing` says so. */
async function readEntry(
  { name, results }: ComparisonReport['targets'][number]['entries'][number],
  missing: string[],
  host: Host,
): Promise<{ readonly results: readonly Result[]; readonly measures: Measures } | undefined> {
  try {
    const read: Result[] = [];
    for (const { source, info } of results) {
      const found = await readResult(source, host);
      if (!isSame(found.info, info)) fail(source, 'was evaluated anew since the comparison', 'compare again');
      read.push(found);
    }
    const answers = read.flatMap((each) => each.answers);
    return { results: read, measures: measure({ info: read[0].info, answers }) };
  } catch (error) {
    if (!(error instanceof LimnError)) throw error;
    missing.push(`Without classes, confusion and calibration of ${name}: ${error.message}.`);
    return undefined;
  }
}

/** Whether two results are of the same model, data and settings. */
const isSame = (a: ResultInfo, b: ResultInfo): boolean =>
  a.model.sha256 === b.model.sha256 &&
  a.data.sha256 === b.data.sha256 &&
  JSON.stringify(a.settings) === JSON.stringify(b.settings);

/** Runs of which each may have a line of its own. */
const MOST_LINES = 16;

/** How accurate snapshots of placed networks are on the photos that they were tested on. */
async function snapshotPoints(
  snapshots: v.InferOutput<typeof reportRequest>['snapshots'],
  host: Host,
  { signal }: Watch<never>,
): Promise<TargetPoint[]> {
  const points: TargetPoint[] = [];
  for (const { result, iteration } of snapshots) {
    signal?.throwIfAborted();
    const read = await readResult(result, host);
    const measures = measure(read);
    if (measures.kind !== 'classes') continue;
    const { accuracy } = measures;
    const point = placedPoint(read.info.place, { target: read.info.model.head.name, iteration, accuracy });
    if (point) points.push(point);
  }
  return points;
}

async function progressCharts(logs: readonly string[], { files }: Host): Promise<NamedChart[]> {
  if (logs.length === 0) return [];
  const names = await runNames(logs, files);
  const runs: TrainingRun[] = [];
  for (const [i, path] of logs.entries()) runs.push(await readRun(path, names[i], logs.length > 1, files));
  const rows = runs.flatMap((run) => run.rows.filter(({ detail }) => !detail));
  // Losses of single batches jump; a running mean shows where they go.
  const spec = progressChart(rows, { smooth: 15 });
  const caption = `Training progress, from ${names.join(', ')}: running means, the rows themselves pale.`;
  const folds = foldCharts(validationPoints(runs), 'validation');
  // Of many runs, each a line, nobody sees anything.
  const single: NamedChart[] =
    runs.length > MOST_LINES && folds.length > 0
      ? []
      : [{ name: 'progress', kind: 'progress', caption, spec }];
  return [...folds, ...single];
}

/** `age and gender: VGG16 and CaffeNet compared`, or how many there are. */
function titleOf({ targets }: ComparisonReport): string {
  const names = [...new Set(targets.flatMap(({ entries }) => entries.map(({ name }) => name)))];
  const what = targets.map(({ target }) => target).join(' and ');
  const who = names.length > 3 ? `${names.length} models` : names.join(' and ');
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${who}${names.length > 1 ? ' compared' : ''}`;
}
