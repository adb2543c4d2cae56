import { fail } from '../../common/error.ts';
import { type FacesResult, faceFiles, writeFaces } from '../faces/faces.ts';
import { facesShards } from '../faces/shard.ts';
import type { Host } from '../host.ts';
import type { MergeFields } from './request.ts';
import { readShards } from './shards.ts';

/** Puts the faces of shards together, files and tables: what is written is the whole's, to the last bit. Errors also: a file is gone. */
export async function mergeFaces(
  { shards: folders, output, parquet }: MergeFields,
  host: Host,
): Promise<FacesResult> {
  const { files } = host;
  const parts = await readShards(folders, facesShards, host);
  const copies = parts.flatMap(({ folder, record: { photos } }) =>
    photos
      .flatMap((photo) => ('error' in photo ? [] : photo.faces))
      .flatMap(({ file }) =>
        file === undefined ? [] : [{ from: files.join(folder, file), to: files.join(output, file) }],
      ),
  );
  for (const { from } of copies)
    if ((await files.kindOf(from)) !== 'file')
      fail(from, 'a file of this shard is not there', 'do this shard again');
  const fields = { output, parquet: parquet || parts[0].record.parquet };
  await files.makeFolder(output);
  files.protect(copies.map(({ from }) => from));
  await files.claim([...faceFiles(fields, host), ...copies.map(({ to }) => to)]);
  for (const { from, to } of copies) await files.write(to, await files.read(from));
  return writeFaces(
    parts.flatMap(({ record }) => record.photos),
    fields,
    host,
  );
}
