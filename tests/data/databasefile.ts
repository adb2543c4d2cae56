import { compareKeys } from '../../src/data/lmdb/format.ts';
import { appendEntries, finishLmdb, type LmdbRecord, startLmdb } from '../../src/data/lmdb/writer.ts';

/** The bytes of a database file with these entries, appended in batches; keys are put into order first. */
export function databaseFile(entries: readonly LmdbRecord[], batch = 1000, pageSize = 4096): Uint8Array {
  const sorted = [...entries].sort((a, b) => compareKeys(a.key, b.key));
  let build = startLmdb(pageSize);
  const parts: Uint8Array[] = [];
  for (let i = 0; i < sorted.length; i += batch) {
    const next = appendEntries(build, sorted.slice(i, i + batch));
    build = next.build;
    parts.push(...next.parts);
  }
  const end = finishLmdb(build);
  return new Uint8Array(Buffer.concat([end.metas, ...parts, ...end.parts]));
}
