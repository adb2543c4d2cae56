import { computed, signal } from '@preact/signals';
import { clear, createStore, delMany, entries, setMany, type UseStore } from 'idb-keyval';
import type { ListedKind, Listing } from '../../server/files.ts';
import { kindByName, kindByStart, TELLING_BYTES } from '../../server/kinds.ts';
import { usualFinderFiles } from '../../verbs/facefiles.ts';
import type { WorkerClient } from '../client.ts';
import { pathOfFinder } from '../protocol/finder.ts';
import type { GivenFile, MadeFile } from '../protocol/index.ts';
import { serverAddress, siteAddress } from '../site.ts';
import { firstVisit } from './firstvisit.ts';

/** A file that the page can open. */
export interface StudioFile {
  readonly path: string;
  readonly kind: ListedKind;
  readonly bytes: number;
  /** Comes with the site, lies in the folder that is served, or was given by a person and is kept in this browser. */
  readonly from: 'site' | 'folder' | 'kept';
  readonly source: GivenFile['source'];
  /** Another one where the file's content may be; of files that the folder's server may change. */
  readonly version?: string;
}

/** All files, in the order in which they came. */
export const studioFilesSignal = signal<ReadonlyMap<string, StudioFile>>(new Map());

export const modelFiles = computed(() => ofKind('model'));
export const photoFiles = computed(() => ofKind('photo'));
/** The name of the folder that is served, if one is. */
export const folderName = signal<string | undefined>(undefined);

/** The files of the folder that came, went or have changed last. */
export const folderChanges = signal<readonly string[]>([]);

/** The files of a kind. */
export const ofKind = (kind: ListedKind): StudioFile[] =>
  [...studioFilesSignal.value.values()].filter((file) => file.kind === kind);

let opened: UseStore | undefined;

/** Where the browser keeps what was given. */
function store(): UseStore {
  opened ??= createStore('limn-studio', 'files');
  return opened;
}

/** What a file is by its name and, of JSON, its beginning. */
export const kindOfGiven = async (path: string, blob: Blob): Promise<ListedKind> =>
  kindByName(path) ?? kindByStart(await blob.slice(0, TELLING_BYTES).text());

const siteFiles: readonly StudioFile[] = [
  { path: firstVisit.model, kind: 'model' },
  { path: firstVisit.photo, kind: 'photo' },
].map(({ path, kind }) => ({
  path,
  kind: kind as ListedKind,
  bytes: 0,
  from: 'site',
  source: { address: siteAddress(`demo/${path}`) },
}));

/** What finds faces lies with the site, too, but is nothing to look at. */
const finderFiles: readonly GivenFile[] = usualFinderFiles.map((file) => ({
  path: pathOfFinder(file),
  source: { address: siteAddress(`faces/${file}`) },
}));

/** Makes what is there known to the page and its worker: the site's files at once, those kept and served when they are read. */
export async function openFiles(client: WorkerClient): Promise<void> {
  know(client, siteFiles);
  client.give(finderFiles);
  const [kept, served] = await Promise.all([keptFiles(), servedFiles()]);
  know(client, [...(served ?? []), ...kept]);
  if (folderName.value !== undefined) followFolder(client);
}

/**
 * Takes up what comes into the folder, changes or goes there. Nothing is heard while nobody looks at the page: what happened
 * meanwhile is taken up when somebody does again.
 */
function followFolder(client: WorkerClient): void {
  let events: EventSource | undefined;
  const look = () => {
    events?.close();
    events = undefined;
    if (document.visibilityState === 'hidden') return;
    events = new EventSource(serverAddress('events'));
    events.addEventListener('message', () => void takeUpChanges(client));
  };
  document.addEventListener('visibilitychange', () => {
    look();
    if (events) void takeUpChanges(client);
  });
  look();
}

/** Only what is another file than before is given anew, and only answers about it are forgotten. */
async function takeUpChanges(client: WorkerClient): Promise<void> {
  const served = await servedFiles();
  // A server that has ended says nothing of its files.
  if (!served) return;
  const before = studioFilesSignal.value;
  const there = new Set(served.map(({ path }) => path));
  const gone = [...before.values()].filter(({ from, path }) => from === 'folder' && !there.has(path));
  const changed = served.filter(({ path, version }) => before.get(path)?.version !== version);
  if (gone.length + changed.length === 0) return;
  client.forget(gone.map(({ path }) => path));
  studioFilesSignal.value = new Map([...before].filter(([, file]) => !gone.includes(file)));
  know(client, changed);
  folderChanges.value = [...gone, ...changed].map(({ path }) => path);
}

/** Files of a person: they can be looked at, and stay in this browser until they are removed. */
export interface GivenBlob {
  readonly path: string;
  readonly blob: Blob;
}

/** Makes files that a person gave known; another visit knows them when they are stored, too. */
export async function knowFiles(
  client: WorkerClient,
  given: readonly GivenBlob[],
): Promise<readonly StudioFile[]> {
  const files = await Promise.all(given.map(({ path, blob }) => keptFile(path, blob)));
  know(client, files);
  return files;
}

/** Stores files for other visits. A browser that keeps nothing (a private window) still shows them. */
export const storeFiles = (given: readonly GivenBlob[]): Promise<void> =>
  setMany(
    given.map(({ path, blob }) => [path, blob]),
    store(),
  ).catch(() => undefined);

/** Makes files known and stores them. */
export async function keepFiles(
  client: WorkerClient,
  given: readonly GivenBlob[],
): Promise<readonly StudioFile[]> {
  const files = await knowFiles(client, given);
  await storeFiles(given);
  return files;
}

/** Keeps files that the worker made, in a folder if one is said. */
export const keepMade = (
  client: WorkerClient,
  made: readonly MadeFile[],
  folder?: string,
): Promise<readonly StudioFile[]> =>
  keepFiles(
    client,
    made.map(({ name, bytes }) => ({
      path: folder === undefined ? name : `${folder}/${name}`,
      blob: new Blob([bytes]),
    })),
  );

/** Takes a file away that was given. */
export async function dropFile(client: WorkerClient, path: string): Promise<void> {
  const next = new Map(studioFilesSignal.value);
  next.delete(path);
  studioFilesSignal.value = next;
  client.forget([path]);
  await delMany([path], store()).catch(() => undefined);
}

function know(client: WorkerClient, files: readonly StudioFile[]): void {
  if (files.length === 0) return;
  client.give(files.map(({ path, source }) => ({ path, source })));
  studioFilesSignal.value = new Map([
    ...studioFilesSignal.value,
    ...files.map((file) => [file.path, file] as const),
  ]);
}

async function keptFiles(): Promise<StudioFile[]> {
  const all = await entries<string, Blob>(store()).catch(() => []);
  return Promise.all(all.map(([path, blob]) => keptFile(path, blob)));
}

const keptFile = async (path: string, blob: Blob): Promise<StudioFile> => ({
  path,
  kind: await kindOfGiven(path, blob),
  bytes: blob.size,
  from: 'kept',
  source: blob,
});

/** The files of the folder that `limn studio` serves; undefined on a static host, which knows no such address. */
async function servedFiles(): Promise<StudioFile[] | undefined> {
  const response = await fetch(serverAddress('files.json')).catch(() => undefined);
  if (!response?.ok || !/json/.test(response.headers.get('content-type') ?? '')) return undefined;
  const { folder, files } = (await response.json()) as Listing;
  folderName.value = folder;
  return files.map(({ path, bytes, kind, modified }) => ({
    path,
    kind,
    bytes,
    version: `${bytes} ${modified}`,
    from: 'folder',
    source: { address: serverAddress(`files/${path.split('/').map(encodeURIComponent).join('/')}`), bytes },
  }));
}

/** Forgets everything that the page keeps in this browser. */
export async function clearKept(): Promise<void> {
  localStorage.clear();
  await clear(store()).catch(() => undefined);
}
