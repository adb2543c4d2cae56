import { fail } from '../../common/error.ts';
import { type FaceFinder, regionsOfFace } from '../../faces/index.ts';
import type { Image } from '../../image/index.ts';
import type { ExplainRecord, PhotoRecord } from '../explain/record.ts';
import type { Host } from '../host.ts';
import { type FailedItem, failItem, resultOrFailure } from '../verb.ts';
import { tinted } from './figure.ts';
import { type LocatedFace, locateFace, lookOf, readLookMap, readPhoto, type SeenLook } from './looks.ts';
import type { RegionsFields } from './request.ts';

/** A folder of explanations, and what its model is called. */
export interface LookSource {
  readonly folder: string;
  readonly model: string;
  readonly record: ExplainRecord;
}

/** A photo with its regions, and the file that it is of. */
export interface ShownFace {
  readonly path: string;
  readonly name: string;
  readonly picture: Image;
}

/** What measuring photos has in common. */
export interface Measuring {
  readonly fields: RegionsFields;
  readonly host: Host;
  readonly finder: FaceFinder;
  /** Where photos are, by the names of their files, where that is said. */
  readonly paths: ReadonlyMap<string, string>;
  /** The first photos with their regions, by path. */
  readonly shown: Map<string, ShownFace>;
}

/** So many photos are shown. */
export const mostShown = 12;

/** Where the file of an explained photo is. */
export const pathOf = ({ photo }: PhotoRecord, paths: Measuring['paths'], { files }: Host): string =>
  paths.get(files.basename(photo)) ?? photo;

/** Where the face of a photo is, for all networks that it was explained of; or what is wrong with it. */
export async function findFace(
  photo: PhotoRecord,
  { host, finder, paths, shown }: Measuring,
): Promise<LocatedFace | FailedItem> {
  const path = pathOf(photo, paths, host);
  return resultOrFailure(photo.photo, async () => {
    const picture = await readPhoto(path, host);
    const face = await locateFace(picture, photo, finder);
    if (shown.size < mostShown && !shown.has(path)) {
      const name = host.files.basename(photo.photo);
      shown.set(path, { path, name, picture: tinted(picture, regionsOfFace(face.landmarks, picture)) });
    }
    return face;
  });
}

/** Measures a photo's heatmap. Errors, about this photo: it or its relevance cannot be read; there is no face in it. */
export async function measureLook(
  photo: PhotoRecord,
  located: LocatedFace | FailedItem,
  { folder, model, record }: LookSource,
  { fields, host }: Measuring,
): Promise<SeenLook> {
  if ('error' in located) return failItem(located);
  const map = await readLookMap(folder, photo, fields.pooling, host);
  const { photo: item } = photo;
  if (!map) return fail(item, 'it has no raw relevance', undefined, { kind: 'item', item });
  return lookOf(model, photo, map, located, record);
}
