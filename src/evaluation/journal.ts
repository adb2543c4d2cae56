import type { FileSystem } from '../common/files.ts';
import { type Codec, type Identity, type Journal, openJournal } from '../common/journal.ts';
import type { Prediction } from './predict.ts';

/** The journal of an evaluation: predictions that are there, by the images' places in the data. */
export type PredictionJournal = Journal<Prediction>;

/** Opens an evaluation's journal. Errors: as of {@link openJournal}. */
export const openPredictions = (
  path: string,
  identity: Identity,
  files: FileSystem,
): Promise<PredictionJournal> => openJournal(path, identity, files, codec);

const codec: Codec<Prediction> = {
  write: ({ scores, single }) => [scores, single],
  read: (parts) => {
    const [scores, single] = parts as [number[], number | null | undefined];
    return typeof single === 'number' ? { scores, single } : { scores };
  },
};
