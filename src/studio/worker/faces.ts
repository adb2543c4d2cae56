import { faces } from '../../verbs/faces/index.ts';
import { noFace } from '../../verbs/faces/open.ts';
import { failItem } from '../../verbs/verb.ts';
import type { Asks } from '../protocol/index.ts';
import type { AskContext } from './context.ts';

/**
 * Finds the faces of a photo and cuts them out into the folder `output`, as the model was trained to see them. Errors: the photo
 * cannot be read, or no face is in it.
 */
export async function cutOut(
  { photo, model }: Asks['faces']['asked'],
  output: string,
  { hostFor, signal }: AskContext,
): Promise<void> {
  const asked = { photos: [photo], for: model, output, sheet: false };
  // The networks that find faces are the same, whatever the photo and the model that they are cut out for.
  const { photos, cut } = await faces(asked, hostFor('faces'), { signal });
  const [found] = photos;
  if ('error' in found) failItem(found);
  if (cut === 0) noFace(photo, found.faces);
}
