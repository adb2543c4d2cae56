import { fail } from '../../common/error.ts';
import { awaitedLater } from '../../common/later.ts';
import { bytesAccess } from '../../data/index.ts';
import { type PageFiles, pageFiles } from '../../hosts/pagefiles.ts';
import { readModelOf } from '../../hosts/pagemodels.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import type { GivenFile, WorkProgress } from '../protocol/index.ts';
import { fileNameOf } from '../state/folder.ts';

/** Files of the page: those that a person gave, and those that lie at an address and are fetched when they are read. */
export interface StudioFiles extends PageFiles {
  give(files: readonly GivenFile[]): void;
  forget(paths: readonly string[]): void;
  /** Changes when the file does, or one that a model was read from besides: part of the key of what was made of it. */
  versionOf(path: string): number;
  /** Hears what is being fetched. */
  onProgress: ((progress: WorkProgress) => void) | undefined;
}

/** Models that are kept as they were read: the next explanation needs them at once. */
const keptModels = 3;

/** Files read through one page. Reading a model again costs nothing while it is kept. */
export function studioFiles(): StudioFiles {
  const files = pageFiles();
  const addresses = new Map<string, { readonly address: string; readonly bytes?: number }>();
  const versions = new Map<string, number>();
  const removed = new Set<string>();
  const models = new Map<string, Promise<LoadedModel>>();
  /** The files that each model was read from. */
  const readFrom = new Map<string, Set<string>>();
  let version = 0;

  const changed = (path: string) => {
    versions.set(path, ++version);
    if (last?.path === path) last = undefined;
    for (const [model, from] of readFrom) {
      if (!from.has(path)) continue;
      models.delete(model);
      versions.set(model, version);
    }
  };
  /** What was read last: an answer and its explanation ask for the same photo. */
  let last: { readonly path: string; readonly bytes: Promise<Uint8Array> } | undefined;
  const readNow = async (path: string): Promise<Uint8Array> => {
    if (removed.has(path)) fail(path, 'no such file among those that were chosen', 'choose it');
    const place = addresses.get(path);
    return place
      ? fetchWhole(path, place.address, place.bytes, (progress) => all.onProgress?.(progress))
      : files.read(path);
  };
  const read = (path: string): Promise<Uint8Array> => {
    if (files.written.has(path)) return files.read(path);
    if (last?.path === path) return last.bytes;
    const reading = { path, bytes: awaitedLater(readNow(path)) };
    last = reading;
    reading.bytes.catch(() => {
      if (last === reading) last = undefined;
    });
    return reading.bytes;
  };
  const readFor = (model: string) => {
    const from = new Set<string>();
    readFrom.set(model, from);
    return (path: string) => {
      from.add(path);
      return read(path);
    };
  };
  const inFolder = (folder: string) => {
    const start = folder.replace(/^\.?\/*|\/+$/g, '');
    return [...addresses.keys()].flatMap((path) =>
      start === '' ? [path] : path.startsWith(`${start}/`) ? [path.slice(start.length + 1)] : [],
    );
  };

  const all: StudioFiles = {
    ...files,
    onProgress: undefined,
    give(given) {
      for (const { path, source } of given) {
        changed(path);
        removed.delete(path);
        if (source instanceof Blob) {
          addresses.delete(path);
          files.add(path, source);
        } else addresses.set(path, source);
      }
    },
    forget(paths) {
      for (const path of paths) {
        changed(path);
        addresses.delete(path);
        removed.add(path);
      }
    },
    versionOf: (path) => versions.get(path) ?? 0,
    read,
    async kindOf(path) {
      if (removed.has(path)) return undefined;
      if (addresses.has(path)) return 'file';
      return (await files.kindOf(path)) ?? (inFolder(path).length > 0 ? 'folder' : undefined);
    },
    async list(path) {
      const entries = new Map((await files.list(path)).map(({ name, kind }) => [name, kind]));
      for (const inside of inFolder(path)) {
        const [name, ...deeper] = inside.split('/');
        entries.set(name, deeper.length > 0 ? 'folder' : 'file');
      }
      return [...entries].map(([name, kind]) => ({ name, kind })).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    open: async (path) => (addresses.has(path) ? bytesAccess(await read(path)) : files.open(path)),
    async readModel(path, options) {
      if (options) return readModelOf(read, path, options);
      const known = models.get(path) ?? awaitedLater(readModelOf(readFor(path), path));
      models.delete(path);
      models.set(path, known);
      known.catch(() => {
        if (models.get(path) === known) models.delete(path);
      });
      for (const old of [...models.keys()].slice(0, -keptModels)) models.delete(old);
      return known;
    },
  };
  return all;
}

/** Fetches a file and tells how much of it is there. */
async function fetchWhole(
  path: string,
  address: string,
  size: number | undefined,
  tell: (progress: WorkProgress) => void,
): Promise<Uint8Array> {
  const response = await fetch(address).catch((error: unknown) =>
    fail(
      path,
      `cannot be fetched: ${error instanceof Error ? error.message : error}`,
      'see that the server runs',
    ),
  );
  if (!response.ok) fail(path, `the server answers ${response.status}`, 'see that the file is still there');
  const total = size ?? (Number(response.headers.get('content-length')) || undefined);
  if (!response.body || total === undefined || total < 1e6)
    return new Uint8Array(await response.arrayBuffer());
  const text = `reading ${fileNameOf(path)}`;
  const pieces: Uint8Array[] = [];
  let done = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { value, done: ended } = await reader.read();
    if (ended) break;
    pieces.push(value);
    done += value.length;
    tell({ text, done, total });
  }
  const whole = new Uint8Array(done);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
