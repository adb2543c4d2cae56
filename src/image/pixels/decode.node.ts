import sharp, { type Sharp } from 'sharp';
import { fail, LimnError } from '../../common/error.ts';
import { readBytes } from '../../common/file.node.ts';
import { refuseHeic, refuseOthers } from '../../common/filekind.ts';
import { checkPixelCount, type Image, image, MAX_PIXELS } from '../image.ts';

const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif']);

const wanted = 'give a JPEG, PNG, WebP, GIF, TIFF or AVIF photo';

/**
 * A photo file as 8-bit RGB, the same bytes on every call: the full JPEG decode (no shrinking while loading), EXIF
 * rotation applied, grey, palette, CMYK and 16-bit pictures converted, transparency composited on white. Embedded
 * colour profiles are ignored, as OpenCV and so Caffe ignore them. Of an animation, the first frame.
 *
 * A path that is missing, a folder or unreadable, a file that is no image, is truncated, or has more than
 * `maxPixels` pixels is an error that names it.
 */
export async function decodeFile(path: string, maxPixels = MAX_PIXELS): Promise<Image> {
  return decodeBytes(await readBytes(path), path, maxPixels);
}

/** As {@link decodeFile}, from the file's bytes; errors call it `name`. */
export async function decodeBytes(bytes: Uint8Array, name: string, maxPixels = MAX_PIXELS): Promise<Image> {
  if (bytes.length === 0) fail(name, 'the file is empty', wanted);
  try {
    return (await plainJpeg(bytes, name, maxPixels)) ?? (await decoded(bytes, name, maxPixels));
  } catch (error) {
    if (error instanceof LimnError) throw error;
    return failDecoding(bytes, name, error);
  }
}

/**
 * A JPEG is never transparent and tells by its first bytes what it is: asking for its metadata besides would be a fifth of a small
 * photo's time. Undefined for other files, and for one that cannot be decoded, of which {@link decoded} then says why.
 */
async function plainJpeg(bytes: Uint8Array, name: string, maxPixels: number): Promise<Image | undefined> {
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
  if (!isJpeg || !Number.isSafeInteger(maxPixels) || maxPixels < 1) return undefined;
  try {
    return await pixelsOf(sharp(bytes, { ...asWritten, limitInputPixels: maxPixels }), name);
  } catch {
    return undefined;
  }
}

async function decoded(bytes: Uint8Array, name: string, maxPixels: number): Promise<Image> {
  // Sharp's own limit would hide which size is too much; ours is checked first.
  const source = sharp(bytes, { ...asWritten, limitInputPixels: false });
  const { format, width, height, hasAlpha } = await source.metadata();
  if (!formats.has(format)) fail(name, `a file of type ${format}, no photo`, wanted);
  checkPixelCount(width, height, name, maxPixels);
  const picture = await pixelsOf(source, name);
  const wasTransparent = hasAlpha && !(await sharp(bytes, { limitInputPixels: false }).stats()).isOpaque;
  return wasTransparent ? { ...picture, wasTransparent } : picture;
}

const asWritten = { failOn: 'warning', ignoreIcc: true } as const;

async function pixelsOf(source: Sharp, name: string): Promise<Image> {
  const { data, info } = await source
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) fail(name, `${info.channels} channels after conversion to RGB`, wanted);
  return image(info.width, info.height, data, name);
}

/** The size that {@link decodeBytes} gives a picture, of its file's header alone. */
export async function measureBytes(
  bytes: Uint8Array,
  name: string,
): Promise<{ height: number; width: number }> {
  try {
    const { autoOrient } = await sharp(bytes).metadata();
    return { height: autoOrient.height, width: autoOrient.width };
  } catch {
    refuseHeic(bytes, name);
    return fail(name, 'not an image, or damaged', 'copy or download the file again');
  }
}

function failDecoding(bytes: Uint8Array, name: string, error: unknown): never {
  refuseHeic(bytes, name);
  const message = error instanceof Error ? error.message : String(error);
  if (/unsupported image format/i.test(message)) {
    refuseOthers(bytes, name, 'an image', 'picture');
    if (bytes[0] === 0x42 && bytes[1] === 0x4d)
      fail(name, 'a BMP picture, which is not read here', 'save it as PNG');
    fail(name, 'not an image', wanted);
  }
  const first = message.split('\n').find((line) => line.trim() !== '') ?? 'unknown error';
  return fail(
    name,
    `damaged or truncated image (${first.trim().slice(0, 120)})`,
    'copy or download the file again',
  );
}
