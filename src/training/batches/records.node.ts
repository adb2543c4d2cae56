import sharp from 'sharp';
import { fail } from '../../common/error.ts';
import { readBytes } from '../../common/file.node.ts';
import { opening } from '../../common/scope.ts';
import { readDatum } from '../../data/lmdb/datum.ts';
import { keptAccess } from '../../data/lmdb/randomaccess.node.ts';
import { type LmdbDirectory, openLmdb } from '../../data/lmdb/reader.ts';
import type { Planes } from '../../data/pictures/content.ts';
import { sizedPlanes } from '../../data/pictures/pictures.ts';
import type { Extent } from '../../graph/index.ts';
import { decodeBytes } from '../../image/pixels/decode.node.ts';
import type { NamedLabel } from '../batch.ts';
import type { Colour } from './layer.ts';

/** One labelled picture, in the order blue, green, red. */
export interface LabelledPlanes {
  /** What errors call it. */
  readonly name: string;
  readonly planes: Planes;
  readonly label: number;
}

/** Labelled pictures, any of which can be read at any time. */
export interface Records {
  readonly size: number;
  /** Errors name the picture: unreadable, damaged, without a label where labels are wanted. */
  record(index: number): Promise<LabelledPlanes>;
  /** Its label alone; the picture is not decoded. Errors: unreadable, damaged. */
  label(index: number): Promise<NamedLabel>;
  close(): void | Promise<void>;
}

/** Where pictures are. Plain data, so that it travels to threads. */
export type RecordSource = DatabaseSource | ListSource;

export interface DatabaseSource {
  readonly kind: 'database';
  /** Its `data.mdb`. */
  readonly file: string;
  readonly directory: LmdbDirectory;
  readonly colour: Colour;
  /** Whether each record must have a label. */
  readonly labelled: boolean;
}

export interface ListSource {
  readonly kind: 'list';
  /** The list itself. */
  readonly file: string;
  readonly paths: readonly string[];
  readonly labels: Int32Array;
  readonly size: Extent | undefined;
  readonly colour: Colour;
}

export async function openRecords(source: RecordSource): Promise<Records> {
  return source.kind === 'database' ? databaseRecords(source) : listRecords(source);
}

async function databaseRecords({ file, directory, colour, labelled }: DatabaseSource): Promise<Records> {
  const { opened: database, close } = await opening(async (own) => openLmdb(own(keptAccess(file)), file));
  const datumAt = async (index: number) => {
    const entry = await database.at(index, directory);
    const name = `${file}, ${new TextDecoder().decode(entry.key)}`;
    return { name, datum: readDatum(await entry.value(), name) };
  };
  return {
    size: database.entries,
    async record(index) {
      const { name, datum } = await datumAt(index);
      if (labelled && !datum.labelled) fail(name, 'it has no label', 'make the database again, with labels');
      const { content, label } = datum;
      // Caffe heeds force_color and force_gray for encoded pictures only.
      const planes = content.kind === 'planes' ? content : await decoded(content.bytes, name, colour);
      return { name, planes, label };
    },
    async label(index) {
      const { name, datum } = await datumAt(index);
      return { label: datum.label, where: name };
    },
    close,
  };
}

function listRecords({ file, paths, labels, size, colour }: ListSource): Records {
  return {
    size: paths.length,
    async record(index) {
      const name = paths[index];
      return {
        name,
        planes: await decoded(await readBytes(name), name, colour, size),
        label: labels[index],
      };
    },
    label: async (index) => ({ label: labels[index], where: `${file}, ${paths[index]}` }),
    close: () => undefined,
  };
}

async function decoded(bytes: Uint8Array, name: string, colour: Colour, size?: Extent): Promise<Planes> {
  const picture = await decodeBytes(bytes, name);
  const gray = colour === 'grey' || (colour === 'as-stored' && (await isGrey(bytes)));
  return sizedPlanes(picture, { size, gray });
}

/** Whether a picture file, known to be readable, has one channel. */
async function isGrey(bytes: Uint8Array): Promise<boolean> {
  const { space } = await sharp(bytes).metadata();
  return space === 'b-w' || space === 'grey16';
}
