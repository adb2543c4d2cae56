import { fail } from '../../common/error.ts';
import type { FileSystem } from '../../common/files.ts';
import { quoted } from '../../common/quoted.ts';
import { isShard, type Shard } from '../../common/shard.ts';
import { FAITHFULNESS_FILE } from '../../faithfulness/index.ts';
import { faithfulnessCharts } from '../../report/charts/index.ts';
import { writeCharts } from '../charts.ts';
import type { Host } from '../host.ts';
import { tableColumns, writeParquet } from '../parquet.ts';
import { shardText } from '../shardfile.ts';
import { type Made, reportOf, valuesTable } from './report.ts';
import type { FaithfulnessResult } from './result.ts';
import { type AnalysisEntry, entryCodec } from './work.ts';

/** The paths of the report and of the table of values. */
export const analysisFiles = (
  folder: string,
  { join }: FileSystem,
): readonly [record: string, table: string] => [join(folder, FAITHFULNESS_FILE), join(folder, 'values.csv')];

/** Writes what an analysis came to: the table, charts, and the report; where that is, all else is. */
export async function writeAnalysis(made: Made, folder: string, host: Host): Promise<FaithfulnessResult> {
  const { files } = host;
  const [record, table] = analysisFiles(folder, files);
  const report = reportOf(made);
  await files.write(table, valuesTable(made));
  const columns = await writeParquet(table, tableColumns.values, made.fields, host);
  const charts = made.fields.charts
    ? await writeCharts(files.join(folder, 'charts'), faithfulnessCharts(report), host)
    : [];
  await files.write(record, `${JSON.stringify(report, null, 1)}\n`);
  return { report, files: [record, table, ...columns, ...charts] };
}

const format = 'limn faithfulness shard 1';

/** A shard of an analysis as a JSON document, an entry a line. */
export function writeAnalysisShard(
  shard: Shard,
  { identity, methods, photos, options, fields, entries }: Made,
  host: Host,
): string {
  const { metrics, resamples, seed, charts, parquet } = fields;
  const head = {
    ...{ format, shard, identity, methods: methods.map(({ name }) => name), photos: photos.names },
    ...{ options, fields: { metrics, resamples, seed, charts, parquet } },
  };
  const lines = [...entries].map(([index, entry]) => JSON.stringify([index, ...entryCodec.write(entry)]));
  return shardText(`${JSON.stringify(head).slice(0, -1)},"entries":[\n${lines.join(',\n')}\n]}`, host);
}

/** Reads a shard of an analysis. Errors name the file: none, or a newer limn's; damaged. */
export function parseAnalysisShard(
  text: string,
  path: string,
): { readonly shard: Shard; readonly made: Made } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail(path, 'damaged: no JSON', 'do this shard again');
  }
  const {
    format: found,
    shard,
    identity,
    methods,
    photos,
    options,
    fields,
    entries,
  } = (value ?? {}) as Record<string, unknown>;
  if (found !== format)
    fail(path, `a ${quoted(String(found))}, this limn reads '${format}'`, 'do this shard again');
  const isWhole =
    [methods, photos, entries].every(Array.isArray) && [identity, options, fields].every(isObject);
  if (!isShard(shard) || !isWhole) fail(path, 'damaged: parts are missing', 'do this shard again');
  const made = {
    ...{ identity, options, fields },
    methods: (methods as string[]).map((name) => ({ name })),
    photos: { names: photos },
    entries: new Map(
      (entries as [number, ...unknown[]][]).map(([index, ...parts]): [number, AnalysisEntry] => [
        index,
        entryCodec.read(parts),
      ]),
    ),
  };
  return { shard, made: made as unknown as Made };
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
