import type { Description } from '../../attribution/index.ts';
import { type AnalysisHead, analysisIdentity } from '../../common/analysed.ts';
import type { Codec } from '../../common/journal.ts';
import type { Shard } from '../../common/shard.ts';
import type { Host } from '../host.ts';
import { type KeptItems, nothingKept, ofShard, openKeptItems } from '../kept.ts';
import { endingOf, movedFiles, type PhotoRecord } from './record.ts';

/** Says which photos' files are written while others are to come; in their folder. */
export const KEPT_FILE = 'explain.unfinished';

/** A photo whose files are written; the first tells how all are explained. */
interface KeptPhoto {
  readonly record: PhotoRecord;
  readonly description?: Description | undefined;
}

const codec: Codec<KeptPhoto> = {
  write: ({ record, description }) => (description ? [record, description] : [record]),
  read: ([record, description]) => ({ record, description }) as KeptPhoto,
};

/**
 * Opens the journal of a folder of explanations, whose files have the `names` of their photos; without a folder nothing is kept.
 */
export async function openKept(
  folder: string | undefined,
  names: readonly string[],
  head: AnalysisHead,
  shard: Shard | undefined,
  host: Host,
): Promise<KeptItems<KeptPhoto>> {
  if (folder === undefined) return nothingKept();
  const identity = ofShard(analysisIdentity(head), shard);
  const restored = (index: number, { record, description }: KeptPhoto) => {
    const files: string[] = [];
    const here = (path: string): string => {
      files.push(host.files.join(folder, `${names[index]}${endingOf(path, names[index], host)}`));
      return files.at(-1)!;
    };
    return { item: { record: { ...record, files: movedFiles(record.files, here) }, description }, files };
  };
  return openKeptItems(host.files.join(folder, KEPT_FILE), identity, codec, restored, host);
}
