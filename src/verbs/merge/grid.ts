import { joinColumns } from '../grid/averages.ts';
import { type GridResult, gridFiles, writeGrid } from '../grid/grid.ts';
import { drawMeans, type MeanColumn, mapsIn, meansOf } from '../grid/means.ts';
import { gridRequest } from '../grid/request.ts';
import { columnOfShard, gridShards } from '../grid/shard.ts';
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
    const summed = [];
    for (const part of parts) summed.push(await columnOfShard(part.folder, part.record.columns[i], host));
    columns.push(meansOf(joinColumns(summed)));
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
