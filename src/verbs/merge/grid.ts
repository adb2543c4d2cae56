import { type GridResult, gridFiles, writeGrid } from '../grid/grid.ts';
import { drawMeans, joinedMeans, type MeanColumn, mapsIn } from '../grid/means.ts';
import { gridRequest } from '../grid/request.ts';
import { gridShards, openKeptColumn } from '../grid/shard.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import { readShards } from './shards.ts';

/** Puts the sums of shards together, a column after the other, and draws their averages: those of one piece, to the last bit. */
export async function mergeGrid(folders: readonly string[], output: string, host: Host): Promise<GridResult> {
  const { files } = host;
  const parts = await readShards(folders, gridShards, host);
  const [{ record }] = parts;
  const fields = checkRequest(gridRequest, { ...record.fields, output });
  const columns: MeanColumn[] = [];
  for (const i of record.columns.keys()) {
    const kept = [];
    for (const part of parts) kept.push(await openKeptColumn(part.folder, part.record.columns[i], host));
    columns.push(await joinedMeans(kept));
  }
  const all = parts.flatMap((part) => part.record.columns);
  await files.makeFolder(output);
  const names = columns.map(({ name }) => name);
  await files.claim([...gridFiles(fields, host), ...(await mapsIn(fields, names, files))]);
  const { layout, record: drawn } = await drawMeans(
    {
      columns,
      data: record.data,
      withoutTruth: sum(all.map(({ withoutTruth }) => withoutTruth)),
      withoutGroup: sum(all.map(({ withoutGroup }) => withoutGroup)),
    },
    fields,
    host,
  );
  return writeGrid(layout, drawn, fields, host);
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
