import { signal } from '@preact/signals';
import type { ListedKind } from '../../server/files.ts';
import { importPlanOf, missingBeside } from '../models/plan.ts';
import type { ImportPlan } from '../protocol/index.ts';
import { askWorker, client, forgetAnswers } from './asked.ts';
import { failed, failure } from './failure.ts';
import { type GivenBlob, keepMade, kindOfGiven, knowFiles, ofKind, storeFiles } from './files.ts';
import { keepImport } from './imports.ts';
import { labelledPlaces } from './labelled.ts';
import { findLinked } from './link.ts';
import { keepFindings, pinned } from './notebook.ts';
import { pinPhotos } from './training.ts';
import { type Room, room, show, showModel, view } from './view.ts';

/* Files that people drop, paste, choose or shoot. */

/** Where files of a kind are looked at, besides models and photos. */
const roomsOfKinds: Readonly<Partial<Record<ListedKind, Room>>> = {
  evaluation: 'results',
  comparison: 'results',
  grid: 'results',
  run: 'training',
  clusters: 'clusters',
  concepts: 'clusters',
};

/** Labelled photos that were given last, until a form has taken them up. */
export const newestLabelled = signal<string | undefined>(undefined);

/** So many photos at once are shown side by side; of more the first ones are. */
export const fewPhotos = 6;

/** Takes files in: photos are shown, and with a model what is there is explained by it. */
export async function takeFiles(given: readonly GivenBlob[]): Promise<void> {
  failure.value = undefined;
  const pages = given.filter(({ path }) => /\.html?$/i.test(path));
  if (pages.length > 0 && pages.length === given.length) return takeNotebooks(pages);
  const plan = importPlanOf(given.map(({ path }) => path));
  if (plan) return takeModel(plan, given);
  const kinds = await Promise.all(given.map(({ path, blob }) => kindOfGiven(path, blob)));
  // Weights may lie beside a model, tables beside a result, lists of labels beside photos.
  const brings = kinds.some((kind) => kind !== 'other' && kind !== 'photo');
  // Where networks are measured or checked, what lies beside photos may say their labels.
  const measures = room.value === 'results' || room.value === 'models';
  const labelled = measures && kinds.includes('photo');
  const useful = given.filter(
    ({ blob }, i) => brings || labelled || kinds[i] !== 'other' || blob.type.startsWith('image/'),
  );
  const [other] = given.filter((each) => !useful.includes(each));
  if (useful.length === 0) {
    const [part] = given.filter(({ path }) => missingBeside(path) !== undefined);
    const named = part ?? other;
    if (named)
      failure.value = `${named.path}: ${missingBeside(named.path) ?? 'no photo, network, result or training; drop files that belong together as one'}`;
    return;
  }
  const files = await knowFiles(client, useful);
  // They are looked at meanwhile.
  void storeFiles(useful);
  const photos = files.filter(({ kind }) => kind === 'photo').map(({ path }) => path);
  const model = files.find(({ kind }) => kind === 'model');
  // Nothing is waited for in between: what is shown no more would be asked once again, and hold up the new network.
  if (model) showModel(model.path);
  // A network is read from files that nobody names when it is asked; of photos, all that is known of others stays.
  forgetAnswers(files.every(({ kind }) => kind === 'photo') ? files.map(({ path }) => path) : undefined);
  await findLinked();
  const shows = files.flatMap(({ kind }) => roomsOfKinds[kind] ?? [])[0];
  if (shows) room.value = shows;
  if (room.value === 'training' && !model && !shows) {
    pinPhotos(photos);
    return;
  }
  const [tells] = labelledPlaces(
    photos,
    files.map(({ path }) => path),
  );
  if (photos.length === 0 || shows) return;
  if (measures && tells !== undefined) {
    newestLabelled.value = tells;
    return;
  }
  if (room.value === 'results') {
    // Of a result that is here they may be the photos; else there is nothing that they could be measured by.
    if (ofKind('evaluation').length === 0)
      failure.value = `${given[0].path}: no labels; give a folder with one folder of photos per class, or a table of labels with the photos`;
    return;
  }
  const { columns, column } = view.value;
  room.value = room.value === 'models' || room.value === 'network' ? 'explain' : room.value;
  if (photos.length === 1) show({ photos, photo: 0, columns: [columns[column]], column: 0 });
  else show({ photos: photos.slice(0, fewPhotos), photo: 0 });
}

/** Takes in notebooks that were saved: what is pinned already stays as it is. */
async function takeNotebooks(pages: readonly GivenBlob[]): Promise<void> {
  const { findingsOfPage } = await import('../notebook/report.ts');
  try {
    for (const { path, blob } of pages) {
      const known = new Set(pinned.value.map(({ id }) => id));
      const found = findingsOfPage(await blob.text(), path).filter(({ id }) => !known.has(id));
      keepFindings([...pinned.value, ...found]);
    }
    room.value = 'notebook';
  } catch (error) {
    failed(error);
  }
}

/** Imports a network from the files that were given together. */
async function takeModel(plan: ImportPlan, given: readonly GivenBlob[]): Promise<void> {
  client.give(given.map(({ path, blob }) => ({ path, source: blob })));
  try {
    const { files } = await askWorker('import', plan, { text: `importing ${plan.name}` });
    await keepMade(client, files);
    keepImport(plan);
    showModel(plan.name);
    forgetAnswers();
  } catch (error) {
    failed(error);
  }
}

/** Files that a person dropped, with their paths within a dropped folder. */
export async function droppedFiles(data: DataTransfer): Promise<GivenBlob[]> {
  const entries = Array.from(data.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return Array.from(data.files, (file) => ({ path: file.name, blob: file }));
  const found: GivenBlob[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: GivenBlob[]): Promise<void> {
  if (entry.isFile) {
    const blob = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ path: entry.fullPath.replace(/^\//, ''), blob });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader hands out a hundred entries at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const each of some) await walk(each, found);
  }
}

/** Files that a person chose, by their paths within the folder that was chosen. */
export const chosenFiles = (files: readonly File[]): GivenBlob[] =>
  files.map((file) => ({ path: file.webkitRelativePath || file.name, blob: file }));

/** A picture from the clipboard has no name of its own. */
export const pastedFiles = (files: readonly File[]): GivenBlob[] =>
  files.map((file, i) => ({
    path:
      file.name === 'image.png' || file.name === ''
        ? `pasted-${stamp()}${i > 0 ? `-${i}` : ''}.png`
        : file.name,
    blob: file,
  }));

const stamp = (): string => new Date().toISOString().slice(0, 19).replace(/[^\d]/g, '');

/** A frame of the camera as a photo. */
export async function shotOf(video: HTMLVideoElement): Promise<GivenBlob> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob>((resolve, reject) =>
    canvas.toBlob((made) => (made ? resolve(made) : reject(new Error('the camera gave no picture')))),
  );
  return { path: `camera-${stamp()}.png`, blob };
}
