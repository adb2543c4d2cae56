import type { Description } from '../../attribution/index.ts';
import { type AnalysisHead, analysisIdentity } from '../../common/analysed.ts';
import { type Codec, type Journal, openJournal } from '../../common/journal.ts';
import type { Shard } from '../../common/shard.ts';
import type { Host } from '../host.ts';
import { ofShard } from '../kept.ts';
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

/** What an interrupted call left, and where further photos are kept. */
export interface Kept {
  /** By their places; all their files are in the folder still. */
  readonly photos: ReadonlyMap<number, KeptPhoto>;
  keep(index: number, photo: KeptPhoto): Promise<void>;
  close(): Promise<void>;
  /** When all is done. */
  remove(): Promise<void>;
}

/**
 * Opens the journal of a folder of explanations, whose files have the `names` of their photos; without a folder nothing is kept. What another request left is begun anew: its
 * files are limn's, and are written over as those of a finished call.
 */
export async function openKept(
  folder: string | undefined,
  names: readonly string[],
  head: AnalysisHead,
  shard: Shard | undefined,
  host: Host,
): Promise<Kept> {
  const nothing = async () => {};
  if (folder === undefined) return { photos: new Map(), keep: nothing, close: nothing, remove: nothing };
  const { files } = host;
  const path = files.join(folder, KEPT_FILE);
  files.resume([path]);
  const identity = ofShard(analysisIdentity(head), shard);
  const journal = await openJournal(path, identity, files, codec, { replaces: true });
  try {
    return {
      photos: await photosIn(folder, names, journal, host),
      keep: (index, photo) => journal.add([[index, photo]]),
      close: () => journal.close(),
      remove: () => files.remove(path),
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** The photos whose files are all in the folder still. */
async function photosIn(
  folder: string,
  names: readonly string[],
  { entries }: Journal<KeptPhoto>,
  host: Host,
): Promise<Map<number, KeptPhoto>> {
  const found = new Map<number, KeptPhoto>();
  for (const [index, { record, description }] of entries) {
    const paths: string[] = [];
    const here = (path: string): string => {
      paths.push(host.files.join(folder, `${names[index]}${endingOf(path, names[index], host)}`));
      return paths.at(-1)!;
    };
    const moved = { ...record, files: movedFiles(record.files, here) };
    const kinds = await Promise.all(paths.map((path) => host.files.kindOf(path)));
    if (kinds.every((kind) => kind === 'file')) found.set(index, { record: moved, description });
  }
  return found;
}
