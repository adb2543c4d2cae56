import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFileAtomic } from '../../common/atomic.node.ts';
import { failPath } from '../../common/errno.node.ts';
import { fail, LimnError } from '../../common/error.ts';
import { readTextFile } from '../../common/file.node.ts';
import { nodeFiles } from '../../common/files.node.ts';
import { makeFolder } from '../../common/folder.node.ts';
import { hold } from '../../common/hold.node.ts';
import { ordered } from '../../common/ordered.ts';
import { sweep } from '../../common/temporary.node.ts';
import { checkPresent } from '../../common/vanished.node.ts';
import { field, words } from '../../common/words.ts';
import type { Extent } from '../../graph/index.ts';
import { decodeBytes } from '../../image/pixels/decode.node.ts';
import { resizeImage } from '../../image/pixels/resize.ts';
import type { FileStore } from '../dataset.ts';
import { folderStore } from '../files.ts';
import { type ListedImage, writeImageList } from '../lists/imagelist.ts';
import { shuffled } from '../lists/shuffle.ts';
import { encodeJpeg } from '../pictures/encode.node.ts';
import { sizedPlanes } from '../pictures/pictures.ts';
import { encodedDatum, planesDatum } from './datum.ts';
import { type BuildProgress, noteBatch, readJournal, startJournal, startProgress } from './journal.node.ts';
import { appendEntries, finishLmdb, type LmdbRecord } from './writer.ts';

/** Which pictures go into a database, and how. */
export interface BuildOptions {
  /** The folder that the list's paths are relative to. */
  readonly images: string;
  readonly resize?: Extent | undefined;
  /** Shuffles the list by this seed first. */
  readonly seed?: number | undefined;
  /** One plane, of what pictures are in grey; not of encoded ones, which keep their colours. */
  readonly gray?: boolean | undefined;
  /** JPEG files instead of pixels. */
  readonly encoded?: boolean | undefined;
  /** Go on after a picture that is missing or cannot be read; the result names it. */
  readonly skipBad?: boolean | undefined;
  readonly progress?: ((done: number, total: number) => void) | undefined;
  /** Ends the wait for another machine's process that may be dead. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of a database. */
export interface BuildResult {
  readonly entries: number;
  /** Errors of the pictures that were skipped, in the list's order. */
  readonly skipped: readonly string[];
  /** At which line of the list an interrupted build went on; 0 where none was. */
  readonly resumed: number;
  /** The database was there already, made of the same list with the same options. */
  readonly present: boolean;
}

/** Pictures that are in memory at once; after each batch a build can be taken up again. */
const batchSize = 100;

const record = 'limn.json';

/**
 * Makes an LMDB database of an image list as Caffe's `convert_imageset` does: keys `%08d_path` by the line in the list
 * (after shuffling), values {@link planesDatum} or {@link encodedDatum}. It is built in a hidden folder beside `out`
 * with a journal and renamed when it is whole; until then its first pages are empty, so that nothing takes it for a
 * database. The same call after an interruption goes on where the journal ends, and once the database is there it
 * changes nothing.
 * Errors: `out` is there and was not made so; another process builds it; a picture that is missing or unreadable, unless
 * it is to be skipped; what was built vanishes meanwhile.
 */
export async function buildLmdb(
  list: readonly ListedImage[],
  out: string,
  options: BuildOptions,
): Promise<BuildResult> {
  const id = identity(list, options);
  const finished = await present(out, id);
  if (finished) return finished;
  const folder = dirname(out);
  await makeFolder(folder);
  const held = await hold(join(folder, `.${basename(out)}.lock`), out, options.signal);
  try {
    // Another process may have finished it a moment ago.
    return (await present(out, id)) ?? (await build(list, id, out, options));
  } finally {
    await held.release();
  }
}

async function build(
  list: readonly ListedImage[],
  id: string,
  out: string,
  options: BuildOptions,
): Promise<BuildResult> {
  const images = options.seed === undefined ? list : shuffled(list, options.seed);
  const part = join(dirname(out), `.${basename(out)}.part`);
  await makeFolder(part);
  await sweep(part);
  await refuseForeign(part);
  const journal = join(part, 'journal');
  const data = join(part, 'data.mdb');
  const found = await interrupted(journal, data, id);
  if (!found) await startJournal(journal, id);
  const file = await open(data, found ? 'r+' : 'w').catch((error) => failPath(part, error));
  let progress = found ?? startProgress();
  try {
    const { pageSize } = progress.build;
    const end = () => progress.build.nextPage * pageSize;
    await file.truncate(end());
    for (let batch = nextBatch(images, progress); batch.length > 0; batch = nextBatch(images, progress)) {
      const { entries, skipped } = await entriesOf(batch, progress.done, options, images.length);
      const { build, parts } = appendEntries(progress.build, entries);
      await writeAt(file, parts, end());
      await file.datasync();
      checkPresent(data, file.fd);
      const after = { done: progress.done + batch.length, skipped: [...progress.skipped, ...skipped], build };
      await noteBatch(journal, progress, after);
      progress = after;
    }
    if (progress.build.entries === 0)
      fail(out, 'none of the pictures can be read', words`check ${field('images')}`);
    const { parts, metas } = finishLmdb(progress.build);
    await writeAt(file, parts, end());
    await file.datasync();
    await writeAt(file, [metas], 0);
    await file.sync();
    checkPresent(data, file.fd);
  } catch (error) {
    failPath(out, error);
  } finally {
    await file.close();
  }
  const { skipped, build } = progress;
  const result = { entries: build.entries, skipped };
  await writeFileAtomic(
    join(part, record),
    `${JSON.stringify({ id, ...result, ...settings(options) }, null, 2)}\n`,
  );
  await rename(part, out).catch((error) => failPath(out, error));
  await rm(join(out, 'journal'), { force: true });
  return { ...result, resumed: found?.done ?? 0, present: false };
}

/** Errors: a folder that is called as that of a build, and holds something else. */
async function refuseForeign(part: string): Promise<void> {
  const names = await readdir(part).catch((error: unknown) => failPath(part, error));
  const foreign = names.find(
    (name) => !['journal', 'data.mdb', record].includes(name) && !/\.tmp$/.test(name),
  );
  if (foreign !== undefined) fail(join(part, foreign), 'limn did not make it', 'move it away');
}

/** How far the same build came before; undefined if there is none, or its bytes are gone. */
async function interrupted(journal: string, data: string, id: string): Promise<BuildProgress | undefined> {
  const progress = await readJournal(journal, id);
  const written = await stat(data).catch(() => undefined);
  if (!progress || !written) return undefined;
  return written.size >= progress.build.nextPage * progress.build.pageSize || progress.done === 0
    ? progress
    : undefined;
}

const settings = ({ resize, seed, encoded = false, gray = false }: BuildOptions) => ({
  ...{ resize, seed, encoded },
  ...(gray && { gray }),
});

/** What makes two builds the same: the list, the folder and everything that changes a byte. */
function identity(list: readonly ListedImage[], options: BuildOptions): string {
  const parts = [writeImageList(list), resolve(options.images), JSON.stringify(settings(options))];
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}

/** The result of the same build if it is there already. Errors: something else is there. */
async function present(out: string, id: string): Promise<BuildResult | undefined> {
  if (!(await stat(out).catch(() => undefined))) return undefined;
  const text = await readTextFile(join(out, record), 'a record').catch(() => '');
  // The name is a hash: text that holds it is what this file wrote.
  if (!text.includes(id)) {
    fail(out, 'something else is there', 'remove it or choose another output');
  }
  const found = JSON.parse(text) as Pick<BuildResult, 'entries' | 'skipped'>;
  await rm(join(out, 'journal'), { force: true });
  return { entries: found.entries, skipped: found.skipped, resumed: 0, present: true };
}

const nextBatch = (images: readonly ListedImage[], { done }: BuildProgress) =>
  images.slice(done, done + batchSize);

async function entriesOf(
  batch: readonly ListedImage[],
  from: number,
  options: BuildOptions,
  total: number,
): Promise<{ entries: LmdbRecord[]; skipped: string[] }> {
  const store = folderStore(nodeFiles, options.images);
  const entries: LmdbRecord[] = [];
  const skipped: string[] = [];
  const one = async ({ path, label }: ListedImage) => {
    try {
      return await datumOf(path, label, store, options);
    } catch (error) {
      if (options.skipBad && error instanceof LimnError) return error;
      throw error;
    }
  };
  let line = from;
  for await (const value of ordered(batch, one, 2 * availableParallelism())) {
    const { path } = batch[line - from];
    if (value instanceof LimnError) skipped.push(value.message);
    else entries.push({ key: new TextEncoder().encode(`${String(line).padStart(8, '0')}_${path}`), value });
    line++;
    options.progress?.(line, total);
  }
  return { entries, skipped };
}

async function datumOf(
  path: string,
  label: number,
  store: FileStore,
  options: BuildOptions,
): Promise<Uint8Array> {
  const { resize, gray, encoded } = options;
  const bytes = await store.read(path);
  const picture = await decodeBytes(bytes, path);
  // As Caffe does, a JPEG that need not change is taken as it is, once it is known to be readable.
  if (encoded && !resize && /\.jpe?g$/i.test(path)) return encodedDatum(bytes, label);
  if (!encoded) return planesDatum(sizedPlanes(picture, { size: resize, gray }), label);
  const sized = resize ? resizeImage(picture, resize.height, resize.width) : picture;
  return encodedDatum(await encodeJpeg(sized), label);
}

async function writeAt(file: FileHandle, parts: readonly Uint8Array[], offset: number): Promise<void> {
  let at = offset;
  for (const part of parts) {
    for (let done = 0; done < part.length; ) {
      done += (await file.write(part, done, part.length - done, at + done)).bytesWritten;
    }
    at += part.length;
  }
}
