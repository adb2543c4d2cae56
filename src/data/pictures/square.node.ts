import { stat, utimes } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { failPath } from '../../common/errno.node.ts';
import { fail, LimnError } from '../../common/error.ts';
import { readBytes } from '../../common/file.node.ts';
import { nodeFiles } from '../../common/files.node.ts';
import { ordered } from '../../common/ordered.ts';
import { type Outputs, withOutputs } from '../../common/outputs.node.ts';
import type { Image } from '../../image/image.ts';
import { decodeBytes } from '../../image/pixels/decode.node.ts';
import { encodePng } from '../../image/pixels/encode.node.ts';
import { squareImage } from '../../image/pixels/replicate.ts';
import { picturesUnder } from '../files.ts';
import { encodeJpeg } from './encode.node.ts';

/** What became of a tree of pictures. */
export interface SquareResult {
  readonly written: number;
  /** Pictures that were there already, made of the same files. */
  readonly kept: number;
  readonly failed: readonly LimnError[];
}

export interface SquareOptions {
  /** Takes the pictures. Unless given, nothing that is there is replaced but what limn made. */
  readonly outputs?: Outputs | undefined;
  /** Go on after a picture that cannot be read; the result names it. */
  readonly skipBad?: boolean | undefined;
  readonly progress?: ((done: number, total: number) => void) | undefined;
  /** Ends the wait for another machine's process that may be dead. */
  readonly signal?: AbortSignal | undefined;
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
  const { outputs } = options;
  if (!outputs) return withOutputs({}, (own) => squareTree(from, to, { ...options, outputs: own }));
  if (resolve(from) === resolve(to))
    fail(to, 'is the folder of the pictures themselves', 'give another folder');
  const paths = await picturesUnder(nodeFiles, from, to);
  if (paths.length === 0) fail(from, 'no pictures under it', 'give a folder of JPEG, PNG or WebP files');
  await outputs.own(to, options.signal);
  outputs.reads(paths.map((path) => join(from, path)));
  const wanted: string[] = [];
  for (const path of paths)
    if (!(await isKept(join(from, path), join(to, path)))) wanted.push(join(to, path));
  await outputs.claim(wanted);
  let [written, kept, done] = [0, 0, 0];
  const failed: LimnError[] = [];
  const one = async (path: string) => {
    try {
      return await squareFile(outputs, join(from, path), join(to, path));
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

async function squareFile(outputs: Outputs, from: string, to: string): Promise<'written' | 'kept'> {
  const source = await stat(from).catch((error) => failPath(from, error));
  if (await isKept(from, to)) return 'kept';
  const bytes = await readBytes(from);
  const picture = await decodeBytes(bytes, from);
  const squared = squareImage(picture);
  await outputs.write(to, squared === picture ? bytes : await encode(squared, to));
  await utimes(to, source.atime, source.mtime).catch((error) => failPath(to, error));
  return 'written';
}

/** Whether a file's square is there already: dated as the file. */
async function isKept(from: string, to: string): Promise<boolean> {
  const [source, present] = await Promise.all([from, to].map((path) => stat(path).catch(() => undefined)));
  return present?.isFile() === true && present.mtime.getTime() === source?.mtime.getTime();
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
