import { forItem, LimnError } from '../../common/error.ts';
import { type FaceCutting, placeFace } from '../../faces/index.ts';
import type { Model } from '../../graph/index.ts';
import type { ComputeOptions, Host } from '../host.ts';
import type { FailedItem, ProgressEvent, Watch } from '../verb.ts';
import { cuttingFor } from './cut.ts';
import { chosen, noFace, openFinder } from './open.ts';
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
  const finder = await openFinder(fields, host);
  const subjects: (Subject | FailedItem)[] = [];
  try {
    for (const [i, path] of photos.entries()) {
      signal?.throwIfAborted();
      try {
        const photo = await forItem(path, async () => host.images.decode(await host.files.read(path), path));
        const found = await finder.find(photo, { ...fields, signal });
        const wanted = chosen(found, which);
        if (wanted.length === 0) noFace(path, found);
        for (const [k, face] of wanted.entries()) {
          const item = wanted.length === 1 ? path : `${path}, face ${k + 1}`;
          subjects.push({ item, path, face: faceRecord(path, k + 1, face, placeFace(face, cutting)) });
        }
      } catch (error) {
        if (!(error instanceof LimnError) || error.kind !== 'item') throw error;
        subjects.push({ item: path, error: error.message });
      }
      on?.({ kind: 'progress', what: 'photos looked through', done: i + 1, total: photos.length });
    }
    return subjects;
  } finally {
    await finder.release();
  }
}
