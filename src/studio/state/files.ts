import { computed, signal } from '@preact/signals';
import { clear, createStore, delMany, entries, setMany, type UseStore } from 'idb-keyval';
import { kindOfName } from '../../data/files.ts';
import type { ListedKind, Listing } from '../../server/files.ts';
import type { WorkerClient } from '../client.ts';
import type { GivenFile } from '../protocol.ts';
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
}

/** All files, in the order in which they came. */
export const studioFilesSignal = signal<ReadonlyMap<string, StudioFile>>(new Map());

export const modelFiles = computed(() => ofKind('model'));
export const photoFiles = computed(() => ofKind('photo'));
/** The name of the folder that is served, if one is. */
export const folderName = signal<string | undefined>(undefined);

/** How often files of the folder have changed since the page was opened. */
export const folderChanges = signal(0);

const ofKind = (kind: ListedKind): StudioFile[] =>
  [...studioFilesSignal.value.values()].filter((file) => file.kind === kind);

let opened: UseStore | undefined;

/** Where the browser keeps what was given. */
function store(): UseStore {
  opened ??= createStore('limn-studio', 'files');
  return opened;
}

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

/** Makes what is there known to the page and its worker: the site's files at once, those kept and served when they are read. */
export async function openFiles(client: WorkerClient): Promise<void> {
  know(client, siteFiles);
  const [kept, served] = await Promise.all([keptFiles(), servedFiles()]);
  know(client, [...served, ...kept]);
  if (folderName.value !== undefined) followFolder(client);
}

/** Takes up what comes into the folder or changes there; what was answered about it before holds no more. */
function followFolder(client: WorkerClient): void {
  new EventSource(serverAddress('events')).addEventListener('message', async () => {
    const served = await servedFiles();
    const there = new Set(served.map(({ path }) => path));
    const gone = [...studioFilesSignal.value.values()].filter(
      ({ from, path }) => from === 'folder' && !there.has(path),
    );
    client.forget(gone.map(({ path }) => path));
    studioFilesSignal.value = new Map(
      [...studioFilesSignal.value].filter(([, file]) => !gone.includes(file)),
    );
    know(client, served);
    folderChanges.value++;
  });
}

/** Files that a person gave: they stay in this browser until they are removed. */
export async function keepFiles(
  client: WorkerClient,
  given: readonly { readonly path: string; readonly blob: Blob }[],
): Promise<readonly StudioFile[]> {
  const files = given.map(
    ({ path, blob }): StudioFile => ({
      path,
      kind: kindOfName(path),
      bytes: blob.size,
      from: 'kept',
      source: blob,
    }),
  );
  know(client, files);
  // A browser that keeps nothing (a private window) still shows them.
  await setMany(
    given.map(({ path, blob }) => [path, blob]),
    store(),
  ).catch(() => undefined);
  return files;
}

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
  return all.map(([path, blob]) => ({
    path,
    kind: kindOfName(path),
    bytes: blob.size,
    from: 'kept',
    source: blob,
  }));
}

/** The files of the folder that `limn studio` serves; none on a static host, which knows no such address. */
async function servedFiles(): Promise<StudioFile[]> {
  const response = await fetch(serverAddress('files.json')).catch(() => undefined);
  if (!response?.ok || !/json/.test(response.headers.get('content-type') ?? '')) return [];
  const { folder, files } = (await response.json()) as Listing;
  folderName.value = folder;
  return files.map(({ path, bytes, kind }) => ({
    path,
    kind,
    bytes,
    from: 'folder',
    source: { address: serverAddress(`files/${path.split('/').map(encodeURIComponent).join('/')}`), bytes },
  }));
}

/** Forgets everything that the page keeps in this browser. */
export async function clearKept(): Promise<void> {
  localStorage.clear();
  await clear(store()).catch(() => undefined);
}
