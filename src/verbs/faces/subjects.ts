import { forItem } from '../../common/error.ts';
import { type FaceCutting, placeFace } from '../../faces/index.ts';
import type { Model } from '../../graph/index.ts';
import type { ComputeOptions, Host } from '../host.ts';
import { type FailedItem, type ProgressEvent, resultOrFailure, type Watch } from '../verb.ts';
import { cuttingFor } from './cut.ts';
import type { FacesFields } from './request.ts';
import { type FaceRecord, faceRecord } from './table.ts';

/** What a model is asked about: a photo, or one of its faces. */
export interface Subject {
  /** What results call it: the photo's path, with `, face 2`. */
  readonly item: string;
  /** The photo's file. */
  readonly path: string;
  readonly face?: FaceRecord | undefined;
}

/** What a model is asked about: the photos as they are, or their faces, cut out as the model was trained to see them. */
export async function subjectsOf(
  photos: readonly string[],
  model: Model,
  fields: FacesFields & ComputeOptions & { readonly faces?: 'all' | 'largest' | undefined },
  host: Host,
  watch: Watch<ProgressEvent>,
): Promise<readonly (Subject | FailedItem)[]> {
  if (fields.faces === undefined) return photos.map((path) => ({ item: path, path }));
  return facesOf(photos, fields.faces, cuttingFor(fields, model), fields, host, watch);
}

/**
 * The faces of photos, in the order of the photos, the largest of a photo first. What is wrong with one photo, or that no face is
 * in it, does not concern the others.
 */
async function facesOf(
  photos: readonly string[],
  which: 'all' | 'largest',
  cutting: FaceCutting,
  fields: FacesFields & ComputeOptions,
  host: Host,
  { on, signal }: Watch<ProgressEvent> = {},
): Promise<readonly (Subject | FailedItem)[]> {
  // What finds faces, with the importers of its networks, is loaded only where faces are asked for.
  const { chosenFaces, noFace, openFinder } = await import('./open.ts');
  const finder = await openFinder(fields, host);
  const subjects: (Subject | FailedItem)[] = [];
  try {
    for (const [i, path] of photos.entries()) {
      signal?.throwIfAborted();
      const found = await resultOrFailure(path, async () => {
        const photo = await forItem(path, async () => host.images.decode(await host.files.read(path), path));
        const all = await finder.find(photo, { ...fields, signal });
        const wanted = chosenFaces(all, which);
        if (wanted.length === 0) noFace(path, all);
        return wanted.map((face, k): Subject => {
          const item = wanted.length === 1 ? path : `${path}, face ${k + 1}`;
          return { item, path, face: faceRecord(path, k + 1, face, placeFace(face, cutting)) };
        });
      });
      subjects.push(...('error' in found ? [found] : found));
      on?.({ kind: 'progress', what: 'photos looked through', done: i + 1, total: photos.length });
    }
    return subjects;
  } finally {
    await finder.release();
  }
}
