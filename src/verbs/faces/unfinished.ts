import type { Codec, Identity } from '../../common/journal.ts';
import type { Host } from '../host.ts';
import { type KeptItems, openKeptItems } from '../kept.ts';
import type { FacesRequestFields } from './request.ts';
import type { PhotoFaces } from './table.ts';

const codec: Codec<PhotoFaces> = {
  write: (found) => [found],
  read: ([found]) => found as PhotoFaces,
};

type Fields = Pick<FacesRequestFields, 'output'>;

/** Says whose faces are cut out while other photos are to come. */
export const keptFacesFile = ({ output }: Fields, { files }: Host): string =>
  files.join(output, 'faces.unfinished');

/** Opens the journal of a folder of faces. */
export const openKeptFaces = (
  fields: Fields,
  identity: Identity,
  host: Host,
): Promise<KeptItems<PhotoFaces>> =>
  openKeptItems(
    keptFacesFile(fields, host),
    identity,
    codec,
    (_, item) => ({
      item,
      files: item.faces.flatMap(({ file }) =>
        file === undefined ? [] : [host.files.join(fields.output, file)],
      ),
    }),
    host,
  );
