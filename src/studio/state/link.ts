import { signal } from '@preact/signals';
import { browserSha256 } from '../../hosts/sha256.ts';
import { type StudioFile, studioFilesSignal } from './files.ts';
import { fullAddress, show, view } from './view.ts';

/* Links that bring a view back, and find its photos and models by what they hold, whatever they are called here. */

/** Of more files than this, or larger ones, none is looked through for one that a link tells of. */
const mostFiles = 300;
const mostBytes = 2e8;

/** Hashes of the files that a link is about, by their names there, as long as they are not found. */
const wanted = new Map<string, string>();

/** What of a link is not here, in words. */
export const linkMessage = signal<string | undefined>(undefined);

const hashes = new WeakMap<StudioFile, Promise<string | undefined>>();

/** SHA-256 of a file in hexadecimal digits; undefined where the browser has none (a page without https). */
export function sha256Of(file: StudioFile): Promise<string | undefined> {
  const known = hashes.get(file) ?? hashed(file).catch(() => undefined);
  hashes.set(file, known);
  return known;
}

/** A file's path with its hash, as what is pinned names it. */
export async function pathWithHash(path: string): Promise<string> {
  const file = studioFilesSignal.value.get(path);
  return `${path}, SHA-256 ${(file && (await sha256Of(file))) ?? 'not known'}`;
}

async function hashed({ source }: StudioFile): Promise<string | undefined> {
  return browserSha256(await (source instanceof Blob ? source : await fetch(source.address)).arrayBuffer());
}

/** A link to what is shown, which knows its photos and models by their hashes. It opens no folder: a server's token is not in it. */
export async function linkOfView(): Promise<string> {
  const { photos, columns } = view.value;
  const paths = new Set([...photos, ...columns.map(({ model }) => model)]);
  const known: Record<string, string> = {};
  for (const path of paths) {
    const file = studioFilesSignal.value.get(path);
    const hash = file && (await sha256Of(file));
    if (hash !== undefined) known[path] = hash;
  }
  const fields = new URLSearchParams({ sha256: JSON.stringify(known) });
  return `${location.origin}${location.pathname}#${fullAddress()}&${fields}`;
}

/** Takes of an address which files it is about. */
export function takeLink(address: string): void {
  const text = new URLSearchParams(address.replace(/^[^?]*\??/, '')).get('sha256');
  if (text === null) return;
  try {
    for (const [path, hash] of Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>))
      if (typeof hash === 'string') wanted.set(path, hash);
  } catch {
    // A link that somebody has shortened.
  }
}

/** Puts files that are here in the place of those that a link tells of; says which are not here. */
export async function findLinked(): Promise<void> {
  for (const [path, hash] of wanted) {
    const files = [...studioFilesSignal.value.values()];
    const named = studioFilesSignal.value.get(path);
    const wantedKind = named?.kind ?? (/\.onnx$/i.test(path) ? 'model' : 'photo');
    const candidates = [
      ...(named ? [named] : []),
      ...files.filter((file) => file !== named && file.kind === wantedKind && file.bytes <= mostBytes),
    ].slice(0, mostFiles);
    for (const file of candidates) {
      if ((await sha256Of(file)) !== hash) continue;
      wanted.delete(path);
      rename(path, file.path);
      break;
    }
  }
  linkMessage.value = messageOf([...wanted]);
}

/** What is said of files that are not here, by names and hashes; undefined where there are none. */
function messageOf(missing: readonly (readonly [path: string, hash: string])[]): string | undefined {
  if (missing.length === 0) return undefined;
  const names = missing.map(([path, hash]) => `${path} (SHA-256 ${hash.slice(0, 12)}…)`).join(', ');
  return `The link is about ${names}, which ${missing.length === 1 ? 'is not here: drop it' : 'are not here: drop them'}.`;
}

function rename(from: string, to: string): void {
  if (from === to) return;
  const { photos, columns } = view.value;
  show({
    photos: photos.map((path) => (path === from ? to : path)),
    columns: columns.map((column) => (column.model === from ? { ...column, model: to } : column)),
  });
}
