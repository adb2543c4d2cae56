import { filterNet, type LayerParameter, parsePrototxt, type State, upgradeNet } from '../../caffe/index.ts';
import { LimnError } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { parseImageList } from '../../data/lists/imagelist.ts';
import { readDatum } from '../../data/lmdb/datum.ts';
import { openLmdb } from '../../data/lmdb/reader.ts';
import type { Planes } from '../../data/pictures/content.ts';
import type { Image } from '../../image/index.ts';
import {
  type Colour,
  type DatabaseSettings,
  dataSettings,
  type ListSettings,
} from '../../training/batches/layer.ts';
import { viewShape } from '../../training/batches/transform.ts';
import type { Host } from '../host.ts';

type Extent = Pick<Planes, 'channels' | 'height' | 'width'>;

/**
 * 1×C×H×W of what a definition's first data layer makes, by the first picture of its database or list; undefined where
 * the definition says it, or where the data are elsewhere or cannot be read.
 */
export async function sizeInData(
  definition: string,
  file: string,
  state: State,
  host: Host,
): Promise<readonly number[] | undefined> {
  const net = filterNet(upgradeNet(parsePrototxt(definition, file), file), state, file);
  const layer = net.layer.find(({ type }) => type === 'Data' || type === 'ImageData');
  if (!layer || layer.transformParam?.cropSize || net.input.length > 0) return undefined;
  try {
    const size = await pictureSize(layer, file, host);
    return size && [1, ...size];
  } catch (error) {
    if (error instanceof LimnError) return undefined;
    throw error;
  }
}

async function pictureSize(
  layer: LayerParameter,
  file: string,
  host: Host,
): Promise<readonly number[] | undefined> {
  const { source, crop } = dataSettings(layer, file);
  const path = await found(source.path, file, host);
  if (path === undefined) return undefined;
  const size = await (source.kind === 'list' ? listed(source, path, host) : stored(source, path, host));
  return size && viewShape(size, crop);
}

/** A path as the definition names it: relative to its folder, or, as in Caffe, to the current one. */
async function found(path: string, file: string, { files }: Host): Promise<string | undefined> {
  for (const place of [beside(path, file, files), path]) if (await files.kindOf(place)) return place;
  return undefined;
}

const beside = (path: string, file: string, { join }: Host['files']): string =>
  /^([/\\]|[a-z]:)/i.test(path) ? path : join(file, '..', path);

async function stored(
  { colour }: DatabaseSettings,
  path: string,
  { files, images }: Host,
): Promise<Extent | undefined> {
  const file = (await files.kindOf(path)) === 'folder' ? files.join(path, 'data.mdb') : path;
  const database = await openLmdb(await files.open(file), file);
  for await (const entry of database.iterate()) {
    const { content } = readDatum(await entry.value(), file);
    if (content.kind === 'planes') return content;
    return extentOf(await images.decode(content.bytes, file), colour);
  }
  return undefined;
}

async function listed(
  { folder, size, colour }: ListSettings,
  path: string,
  host: Host,
): Promise<Extent | undefined> {
  const { files, images } = host;
  const [first] = parseImageList(await readText(files, path, 'a list of pictures', { strict: true }), path);
  const photo = first && (await found(folder ? files.join(folder, first.path) : first.path, path, host));
  if (!photo) return undefined;
  const seen = extentOf(await images.decode(await files.read(photo), photo), colour);
  return seen && { ...seen, ...size };
}

/** A grey picture may be stored as one channel or as three alike: what is decoded does not tell. */
function extentOf({ height, width, data }: Image, colour: Colour): Extent | undefined {
  const extent = { height, width };
  if (colour !== 'as-stored') return { ...extent, channels: colour === 'grey' ? 1 : 3 };
  const isGrey = data.every((value, i) => value === data[i - (i % 3)]);
  return isGrey ? undefined : { ...extent, channels: 3 };
}
