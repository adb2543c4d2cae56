import {
  ANSWERS_FILE,
  compareResults,
  INFO_FILE,
  poolFolds,
  publishedFold,
  type ResultSource,
  readResult,
  writePublished,
} from '../../evaluation/index.ts';
import {
  COMPARISON_FILE,
  type ComparisonReport,
  csvTable,
  htmlTable,
  latexTable,
  markdownTable,
  type NamedTable,
  reportOn,
} from '../../report/index.ts';
import type { Host } from '../host.ts';
import { fileName } from '../photos.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type CompareRequest, compareRequest, groupingsOf } from './request.ts';

/**
 * Holds evaluations of the same images against each other: intervals, paired tests, groups, tables, and what they show in
 * words. Results of a model's folds are put together. With an output each table is written as `.md`, `.tex`, `.csv` and
 * `.html`, folds that were evaluated with ten crops also as the published result files (`published-TARGET-NAME.txt`), then
 * all numbers as `comparison.json`: where it is, all else is. Errors: the request's; results that are none, or
 * of different data.
 */
export async function compare(
  request: CompareRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<ComparisonReport> {
  const { results, output, groupBy, ...options } = checkRequest(compareRequest, request, signal);
  const { files } = host;
  const groupings = groupingsOf(groupBy);
  if (output !== undefined) await files.makeFolder(output);
  files.protect(
    results.flatMap((folder) => [INFO_FILE, ANSWERS_FILE].map((name) => files.join(folder, name))),
  );
  const sources: ResultSource[] = [];
  const seen = new Set<string>();
  for (const source of results) {
    const real = await files.realPath(source);
    if (seen.has(real)) continue;
    seen.add(real);
    sources.push({ source, ...(await readResult(source, host)) });
  }
  const comparison = compareResults(sources, { ...options, groupBy: groupings });
  const report = reportOn(comparison, { limn: host.versions.limn ?? '' }, options);
  if (output === undefined) return report;
  const tables = [
    ...report.tables.flatMap((table) => filesOf(output, table, host)),
    ...publishedFiles(output, sources, host),
  ];
  const record = files.join(output, COMPARISON_FILE);
  await files.claim([...tables.map(([path]) => path), record]);
  for (const [path, text] of tables) await files.write(path, text);
  await files.write(record, `${JSON.stringify(report, null, 1)}\n`);
  return report;
}

function filesOf(
  folder: string,
  { name, table }: NamedTable,
  { files }: Host,
): [path: string, text: string][] {
  const formats = {
    md: markdownTable(table),
    tex: latexTable(table, name),
    csv: csvTable(table),
    html: htmlTable(table),
  };
  return Object.entries(formats).map(([ending, text]) => [files.join(folder, `${name}.${ending}`), text]);
}

/** What the original evaluation would have written of each model whose folds are there, with both of its crops. */
function publishedFiles(
  folder: string,
  sources: readonly ResultSource[],
  { files }: Host,
): [path: string, text: string][] {
  return poolFolds(sources).flatMap(({ name, sources: folds, answers }): [string, string][] => {
    if (folds.length < 2 || !answers.every(({ single }) => single !== undefined)) return [];
    const file = fileName(`published-${folds[0].info.model.head.name}-${name}.txt`);
    return [[files.join(folder, file), writePublished(folds.map((fold) => publishedFold(fold.answers)))]];
  });
}
