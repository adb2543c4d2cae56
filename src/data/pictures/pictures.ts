import type { Extent } from '../../graph/index.ts';
import { type Image, resizeImage } from '../../image/index.ts';
import { planesImage, planesOf } from '../lmdb/datum.ts';
import type { Content, Decode, Planes } from './content.ts';

/** Pictures that are read and decoded while the ones before them are worked on. */
export const PICTURES_AHEAD = 16;

/** A sample's content as a picture. Errors name it: unreadable, no picture. */
export const pictureOf = async (content: Content, name: string, decode: Decode): Promise<Image> =>
  content.kind === 'file' ? decode(content.bytes, name) : planesImage(content, name);

/**
 * A sample's content as planes, resized as Caffe does where a size is given. Planes that have that size already are
 * passed on, float ones too. Errors as of {@link pictureOf}.
 */
export async function contentPlanes(
  content: Content,
  name: string,
  decode: Decode,
  size?: Extent,
): Promise<Planes> {
  if (
    content.kind === 'planes' &&
    (!size || (content.height === size.height && content.width === size.width))
  ) {
    return content;
  }
  const picture = await pictureOf(content, name, decode);
  return planesOf(size ? resizeImage(picture, size.height, size.width) : picture);
}
