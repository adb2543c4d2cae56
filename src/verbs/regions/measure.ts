import { fail } from '../../common/error.ts';
import { type FaceFinder, regionsOfFace } from '../../faces/index.ts';
import type { Image } from '../../image/index.ts';
import type { ExplainRecord, PhotoRecord } from '../explain/record.ts';
import type { Host } from '../host.ts';
import { type FailedItem, failItem, resultOrFailure } from '../verb.ts';
import { tinted } from './figure.ts';
import { type LocatedFace, type Look, locateFace, lookOf, readLookMap, readPhoto } from './looks.ts';
import type { RegionsFields } from './request.ts';

/** A folder of explanations, and what its model is called. */
export interface LookSource {
  readonly folder: string;
  readonly model: string;
  readonly record: ExplainRecord;
}

/** What measuring photos has in common. */
export interface Measuring {
  readonly fields: RegionsFields;
  readonly host: Host;
  readonly finder: FaceFinder;
  /** Where photos are, by the names of their files, where that is said. */
  readonly paths: ReadonlyMap<string, string>;
  /** By photo: its networks share its face. */
  readonly faces: Map<string, LocatedFace | FailedItem>;
  /** The first photos with their regions, by path. */
  readonly shown: Map<string, { readonly name: string; readonly picture: Image }>;
}

const mostShown = 12;

/** Measures a photo's heatmap. Errors, about this photo: it or its relevance cannot be read; there is no face in it. */
export async function measureLook(
  photo: PhotoRecord,
  { folder, model, record }: LookSource,
  measuring: Measuring,
): Promise<Look> {
  const located = await faceOf(photo, measuring);
  if ('error' in located) return failItem(located);
  const { fields, host } = measuring;
  const map = await readLookMap(folder, photo, fields.pooling, host);
  const { photo: item } = photo;
  if (!map) return fail(item, 'it has no raw relevance', undefined, { kind: 'item', item });
  return lookOf(model, photo, map, located, record);
}

async function faceOf(
  photo: PhotoRecord,
  { host, finder, paths, faces, shown }: Measuring,
): Promise<LocatedFace | FailedItem> {
  const name = host.files.basename(photo.photo);
  const path = paths.get(name) ?? photo.photo;
  const key = JSON.stringify([path, photo.face]);
  const known = faces.get(key);
  if (known) return known;
  const located = await resultOrFailure(photo.photo, async () => {
    const picture = await readPhoto(path, host);
    const face = await locateFace(picture, photo, finder);
    if (shown.size < mostShown && !shown.has(path))
      shown.set(path, { name, picture: tinted(picture, regionsOfFace(face.landmarks, picture)) });
    return face;
  });
  faces.set(key, located);
  return located;
}
