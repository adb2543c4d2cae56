import { askWorker, client, knownAnswer } from './asked.ts';
import type { FacesCut } from './commands.ts';
import { keepMade, studioFilesSignal } from './files.ts';
import { firstVisit } from './firstvisit.ts';
import { fileNameOf, folderOf } from './folder.ts';
import { fewPhotos } from './intake.ts';
import { remembered } from './remembered.ts';
import { show, view } from './view.ts';

/* Faces that were cut out of photos, for networks that were trained on such. */

/** A photo, and the network that its faces were cut out for. */
export interface CutFrom {
  readonly photo: string;
  readonly model: string;
}

/** What faces were cut out of, by their paths. */
const cuts = remembered('limn-studio-faces', (kept) =>
  typeof kept === 'object' && kept !== null ? (kept as Readonly<Record<string, CutFrom>>) : {},
);

/** What a face was cut out of; undefined of other photos. */
export const cutFrom = (path: string): CutFrom | undefined => cuts.value[path];

/** What cut the faces among some photos out, each once, for whoever makes the same elsewhere. */
export function cutsOf(photos: readonly string[]): readonly FacesCut[] {
  const all = photos.flatMap((path) => {
    const from = cutFrom(path);
    return from ? [{ ...from, folder: folderOf(path) }] : [];
  });
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

/** Whether a network was trained on faces that were cut out, as far as is known by now. */
export const seesCutFaces = (model: string): boolean =>
  knownAnswer('inspect', { model })?.faces !== undefined;

/** Whether a photo may have faces to be cut out. */
export const mayBeWhole = (photo: string): boolean => photo !== firstVisit.photo && !cutFrom(photo);

/** Cuts the faces out of a photo as a network was trained to see them, and shows them in the place of the photo. */
export async function cutFacesOut({ photo, model }: CutFrom): Promise<void> {
  const text = `looking for faces in ${fileNameOf(photo)}`;
  const made = await askWorker('faces', { photo, model }, { text });
  const pictures = made.filter(({ name }) => name.endsWith('.png'));
  const isFree = (path: string) => {
    const from = cutFrom(path);
    return from ? from.photo === photo && from.model === model : !studioFilesSignal.value.has(path);
  };
  let folder = 'faces';
  for (let n = 2; !pictures.every(({ name }) => isFree(`${folder}/${name}`)); n++) folder = `faces-${n}`;
  const paths = (await keepMade(client, pictures, folder)).map(({ path }) => path);
  cuts.keep({ ...cuts.value, ...Object.fromEntries(paths.map((path) => [path, { photo, model }])) });
  showInstead(photo, paths.slice(0, fewPhotos));
}

/** Shows photos in the place of another. */
export function showInstead(photo: string, others: readonly string[]): void {
  const { photos } = view.value;
  const at = photos.indexOf(photo);
  if (at < 0) {
    show({ photos: others, photo: 0 });
    return;
  }
  const rest = photos.filter((each) => each !== photo && !others.includes(each));
  const before = photos.slice(0, at).filter((each) => !others.includes(each)).length;
  show({ photos: [...rest.slice(0, before), ...others, ...rest.slice(before)], photo: before });
}
