import { fail } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import { SHARD_FILE } from '../../common/shard.ts';
import {
  type ExplainRecord,
  endingOf,
  explainedStems,
  explainRecordText,
  type FailedPhotoRecord,
  movedFiles,
  type PhotoRecord,
  RECORD_FILE,
} from '../explain/record.ts';
import { type ExplainShardRecord, explainShards } from '../explain/shardfile.ts';
import type { Host } from '../host.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import { type ReadShard, readShards } from './shards.ts';

/** A file of a shard, and the one that it becomes. */
interface Copy {
  readonly from: string;
  readonly to: string;
}

/**
 * Puts the explanations of shards together: their files under the names that they have in one piece, and `explain.json`. What
 * is written is the whole's, to the last bit. Errors also: a file of a shard that is gone.
 */
export async function mergeExplanations(
  folders: readonly string[],
  output: string,
  host: Host,
  { on, signal }: Watch<ProgressEvent>,
): Promise<ExplainRecord> {
  const { files } = host;
  const parts = await readShards(folders, explainShards, host);
  const { photos, copies } = placed(parts, output, host);
  for (const { from } of copies)
    if ((await files.kindOf(from)) !== 'file')
      fail(from, 'a file of this shard is not there', 'do this shard again');
  const record = files.join(output, RECORD_FILE);
  await files.makeFolder(output);
  files.protect(copies.map(({ from }) => from));
  await files.claim([record, ...copies.map(({ to }) => to)]);
  const copy = async ({ from, to }: Copy) => files.write(to, await files.read(from));
  let done = 0;
  for await (const _ of ordered(copies, copy, 4)) {
    on?.({ kind: 'progress', what: 'files', done: ++done, total: copies.length });
    signal?.throwIfAborted();
  }
  const first = parts[0].record.record;
  const explained = parts.find((part) => part.record.record.explanation)?.record.record;
  // A field keeps its place, whoever has it.
  const { format, model, preprocessing, drawing, versions } = first;
  const explanation = explained?.explanation;
  const complete = { format, model, preprocessing, explanation, drawing, versions, photos };
  await files.write(record, explainRecordText(complete));
  return complete;
}

/** The photos of all shards with their files in the folder of the whole, and which files these are in the shards' folders. */
function placed(
  parts: readonly ReadShard<ExplainShardRecord>[],
  output: string,
  host: Host,
): { readonly photos: ExplainRecord['photos']; readonly copies: readonly Copy[] } {
  const { files } = host;
  const all = parts.flatMap(({ record: { record } }) => record.photos);
  const { mirror } = parts[0].record.identity.settings;
  const namesOf = (photos: ExplainRecord['photos']) =>
    explainedStems(photos.map(subjectOf), host, mirror === undefined ? undefined : String(mirror));
  const names = namesOf(all);
  const copies: Copy[] = [];
  let next = 0;
  const photos = parts.flatMap(({ folder, record: { record } }) => {
    const before = namesOf(record.photos);
    return record.photos.map((photo, i) => {
      const name = names[next++];
      if ('error' in photo) return photo;
      const moved = (path: string): string => {
        const ending =
          endingOf(path, before[i], host) ??
          fail(files.join(folder, SHARD_FILE), `damaged: ${path} is not called as its photo`, 'do it again');
        const to = files.join(output, `${name}${ending}`);
        copies.push({ from: files.join(folder, `${before[i]}${ending}`), to });
        return to;
      };
      return { ...photo, files: movedFiles(photo.files, moved) };
    });
  });
  return { photos, copies };
}

const subjectOf = (photo: PhotoRecord | FailedPhotoRecord) => ({
  item: photo.photo,
  ...('face' in photo && { face: photo.face }),
});
