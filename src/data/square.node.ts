import { stat, utimes } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { fail, LimnError } from '../common/error.ts';
import { readBytes } from '../common/file.node.ts';
import { makeFolder } from '../common/folder.node.ts';
import { ordered } from '../common/ordered.ts';
import { decodeBytes } from '../image/decode.node.ts';
import { encodePng } from '../image/encode.node.ts';
import type { Image } from '../image/image.ts';
import { squareImage } from '../image/square.ts';
import { picturesUnder } from './files.node.ts';
import { encodeJpeg } from './pictures.node.ts';

/** What became of a tree of pictures. */
export interface SquareResult {
  readonly written: number;
  /** Pictures that were there already, made of the same files. */
  readonly kept: number;
  readonly failed: readonly LimnError[];
}

export interface SquareOptions {
  /** Go on after a picture that cannot be read; the result names it. */
  readonly skipBad?: boolean;
  readonly progress?: (done: number, total: number) => void;
}

/**
 * Pads every picture under a folder to a square by repeating its border, into the same paths under another folder.
 * Pictures that are square already are copied as they are; others are encoded anew in their own format, JPEG with
 * quality 95. Each is written whole or not at all and dated like its source, so that a second run makes only what is
 * missing or has changed. Errors name the file.
 */
export async function squareTree(
  from: string,
  to: string,
  options: SquareOptions = {},
): Promise<SquareResult> {
  if (resolve(from) === resolve(to))
    fail(to, 'is the folder of the pictures themselves', 'give another folder with -o');
  const paths = await picturesUnder(from, to);
  if (paths.length === 0) fail(from, 'no pictures under it', 'give a folder of JPEG, PNG or WebP files');
  let [written, kept, done] = [0, 0, 0];
  const failed: LimnError[] = [];
  const one = async (path: string) => {
    try {
      return await squareFile(join(from, path), join(to, path));
    } catch (error) {
      if (options.skipBad && error instanceof LimnError) return error;
      throw error;
    }
  };
  for await (const outcome of ordered(paths, one, 2 * availableParallelism())) {
    if (outcome instanceof LimnError) failed.push(outcome);
    else if (outcome === 'kept') kept++;
    else written++;
    done++;
    options.progress?.(done, paths.length);
  }
  return { written, kept, failed };
}

async function squareFile(from: string, to: string): Promise<'written' | 'kept'> {
  const source = await stat(from).catch((error) => failPath(from, error));
  const present = await stat(to).catch(() => undefined);
  if (present?.isFile() && present.mtime.getTime() === source.mtime.getTime()) return 'kept';
  const bytes = await readBytes(from);
  const picture = await decodeBytes(bytes, from);
  const squared = squareImage(picture);
  await makeFolder(dirname(to));
  await writeFileAtomic(to, squared === picture ? bytes : await encode(squared, to));
  await utimes(to, source.atime, source.mtime).catch((error) => failPath(to, error));
  return 'written';
}

/** Encodes in the format that the path's ending names. */
async function encode(picture: Image, path: string): Promise<Uint8Array> {
  const { data, width, height } = picture;
  switch (extname(path).toLowerCase()) {
    case '.jpg':
    case '.jpeg':
      return encodeJpeg(picture);
    case '.png':
      return encodePng(picture);
    case '.webp':
      return sharp(data, { raw: { width, height, channels: 3 } })
        .webp({ lossless: true })
        .toBuffer();
    default:
      return fail(path, 'limn writes JPEG, PNG and WebP only', 'convert the picture first');
  }
}
