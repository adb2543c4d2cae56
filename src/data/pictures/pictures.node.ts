import sharp from 'sharp';
import { fail } from '../../common/error.ts';
import type { Image } from '../../image/image.ts';
import { decodeBytes } from '../../image/pixels/decode.node.ts';
import { resizeImage } from '../../image/pixels/resize.ts';
import { planesImage, planesOf } from '../lmdb/datum.ts';
import type { Content, Planes } from './content.ts';

export interface Extent {
  readonly height: number;
  readonly width: number;
}

/** A sample's content as a picture. Errors name it: unreadable, no picture. */
export async function pictureOf(content: Content, name: string): Promise<Image> {
  return content.kind === 'file' ? decodeBytes(content.bytes, name) : planesImage(content, name);
}

/**
 * A sample's content as planes, resized as Caffe does where a size is given. Planes that have that size already are
 * passed on, float ones too. Errors as of {@link pictureOf}.
 */
export async function contentPlanes(content: Content, name: string, size?: Extent): Promise<Planes> {
  if (
    content.kind === 'planes' &&
    (!size || (content.height === size.height && content.width === size.width))
  ) {
    return content;
  }
  const picture = await pictureOf(content, name);
  return planesOf(size ? resizeImage(picture, size.height, size.width) : picture);
}

/** A sample's size, of a file without decoding its pixels; EXIF rotation applied. */
export async function extentOf(content: Content, name: string): Promise<Extent> {
  if (content.kind === 'planes') return { height: content.height, width: content.width };
  try {
    const { autoOrient } = await sharp(content.bytes).metadata();
    return { height: autoOrient.height, width: autoOrient.width };
  } catch {
    return fail(name, 'not an image, or damaged', 'copy or download the file again');
  }
}

/** A picture as the bytes of a JPEG file, of OpenCV's quality. */
export async function encodeJpeg({ data, width, height }: Image): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}
