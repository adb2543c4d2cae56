import type { Extent } from '../../graph/index.ts';
import { type Image, resizeImage, toGrey } from '../../image/index.ts';
import { type BytePlanes, planesImage, planesOf } from '../lmdb/datum.ts';
import type { Content, Decode, Planes } from './content.ts';

/** Pictures that are read and decoded while the ones before them are worked on. */
export const PICTURES_AHEAD = 16;

/** A sample's content as a picture. Errors name it: unreadable, no picture. */
export const pictureOf = async (content: Content, name: string, decode: Decode): Promise<Image> =>
  content.kind === 'file' ? decode(content.bytes, name) : planesImage(content, name);

/** How a picture becomes planes. */
export interface PlanesOptions {
  /** The size, as Caffe resizes; its own unless given. */
  readonly size?: Extent | undefined;
  /** One plane, of what it is in grey; else three. */
  readonly gray?: boolean | undefined;
}

/** A picture as planes; grey first and then resized, as Caffe's readers do. */
export function sizedPlanes(picture: Image, { size, gray = false }: PlanesOptions): BytePlanes {
  const shown = gray ? toGrey(picture) : picture;
  const sized = size ? resizeImage(shown, size.height, size.width) : shown;
  if (!gray) return planesOf(sized);
  const { height, width, data } = sized;
  const plane = Uint8Array.from({ length: height * width }, (_, i) => data[3 * i]);
  return { kind: 'planes', channels: 1, height, width, data: plane };
}

/**
 * A sample's content as planes. Planes that are already as they should be are passed on, float ones too. Errors as of
 * {@link pictureOf}.
 */
export async function contentPlanes(
  content: Content,
  name: string,
  decode: Decode,
  options: PlanesOptions = {},
): Promise<Planes> {
  const { size, gray = false } = options;
  if (
    content.kind === 'planes' &&
    (!size || (content.height === size.height && content.width === size.width)) &&
    (!gray || content.channels === 1)
  ) {
    return content;
  }
  return sizedPlanes(await pictureOf(content, name, decode), options);
}
