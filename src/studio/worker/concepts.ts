import { classifierOf, preprocessingOf } from '../../classifier/index.ts';
import { readText } from '../../common/files.ts';
import { CONCEPTS_FILE, type ConceptReport, parseConcepts } from '../../concepts/record.ts';
import { type Image, networkViews } from '../../image/index.ts';
import type { AskContext } from './context.ts';

/** Reads what `limn concepts` wrote into a folder. */
export async function shownConcepts(
  { folder }: { readonly folder: string },
  { host: { files } }: AskContext,
): Promise<ConceptReport> {
  const path = files.join(folder, CONCEPTS_FILE);
  return parseConcepts(await readText(files, path, 'a report on concepts'), path);
}

/** What a network sees of a photo, in the pixels of its input. */
export async function seenPhoto(
  { model: path, photo }: { readonly model: string; readonly photo: string },
  { host: { files, images } }: AskContext,
): Promise<Image> {
  const { model } = await files.readModel(path);
  const picture = await images.decode(await files.read(photo), photo);
  return networkViews(picture, preprocessingOf(classifierOf(model, { name: path })))[0];
}
