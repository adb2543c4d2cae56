import { forItem } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import {
  cutFace,
  type FaceCutting,
  type FaceFinder,
  type FindOptions,
  placeFace,
} from '../../faces/index.ts';
import type { Image } from '../../image/index.ts';
import { type GridCell, layoutGrid } from '../../report/grid.ts';
import type { Host } from '../host.ts';
import { parquetPaths, tableColumns, writeParquet } from '../parquet.ts';
import { photosNamed } from '../paths.ts';
import { fileName, stems } from '../photos.ts';
import { checkRequest } from '../request.ts';
import { type FailedItem, type ProgressEvent, resultOrFailure, type Watch } from '../verb.ts';
import { cuttingFor } from './cut.ts';
import { chosenFaces, openFinder } from './open.ts';
import { checkDetector, type FacesRequest, facesRequest } from './request.ts';
import { faceRecord, facesFold, facesTable, type WrittenFace } from './table.ts';

/** What was found in one photo. */
export interface PhotoFaces {
  readonly photo: string;
  /** All that were found, also those that were not cut out; the largest first. */
  readonly faces: readonly WrittenFace[];
}

/** The faces that were found; the content of `faces.json`. */
export interface FacesResult {
  readonly format: 'limn faces 1';
  /** In the order of the request, a folder's photos in the order of their names. */
  readonly photos: readonly (PhotoFaces | FailedItem)[];
  /** Photos in which no face was found that was cut out. */
  readonly without: readonly string[];
  /** Faces that were cut out. */
  readonly cut: number;
  /** The tables and the contact sheet. */
  readonly files: readonly string[];
}

/** How far the work is, and each photo as soon as it is done. */
export type FacesEvent = ProgressEvent | { readonly kind: 'photo'; readonly photo: PhotoFaces | FailedItem };

/** A contact sheet shows no more. */
const mostOnSheet = 60;
const columns = 6;

/**
 * Finds the faces of photos and cuts them out, upright and of one size, into `NAME_face1.png` …; `faces.csv` and `faces.txt` (in the
 * format of Adience's folds) tell of all that were found, `faces.png` shows them. What is wrong with one photo does not concern the
 * others. Errors: the request's; no photos in a folder.
 */
export async function faces(
  request: FacesRequest,
  host: Host,
  { on, signal }: Watch<FacesEvent> = {},
): Promise<FacesResult> {
  const fields = checkRequest(facesRequest, request, signal);
  checkDetector(fields);
  const { output } = fields;
  const { files } = host;
  await files.makeFolder(output);
  const photos = await photosNamed(fields.photos, host, output);
  files.protect(photos);
  const at = (name: string) => files.join(output, name);
  const [table, fold, sheet] = [at('faces.csv'), at('faces.txt'), at('faces.png')];
  await files.claim([table, fold, sheet, ...parquetPaths(table, fields)]);
  const model = fields.for === undefined ? undefined : (await files.readModel(fields.for)).model;
  const cutting = cuttingFor(fields, model);
  const finder = await openFinder(fields, host);
  const cells: GridCell[] = [];
  const work: CuttingWork = { fields, finder, cutting, host, signal, cells };
  const results: (PhotoFaces | FailedItem)[] = [];
  try {
    const names = stems(photos, host);
    for (const [i, path] of photos.entries()) {
      signal?.throwIfAborted();
      const photo = await resultOrFailure(path, () => cutFaces(path, names[i], work));
      results.push(photo);
      on?.({ kind: 'photo', photo });
      on?.({ kind: 'progress', what: 'photos', done: i + 1, total: photos.length });
    }
  } finally {
    await finder.release();
  }
  const all = results.flatMap((each) => ('error' in each ? [] : each.faces));
  const cut = all.filter(({ file }) => file !== undefined).length;
  await files.write(table, facesTable(all));
  const columns = await writeParquet(table, tableColumns.faces, fields, host);
  await files.write(fold, facesFold(all));
  if (cells.length > 0) await files.write(sheet, await drawSheet(cells, cut, host));
  return {
    format: 'limn faces 1',
    photos: results,
    without: results.flatMap((each) =>
      'error' in each || each.faces.some(({ file }) => file) ? [] : [each.photo],
    ),
    cut,
    files: [table, fold, ...(cells.length > 0 ? [sheet] : []), ...columns],
  };
}

/** How faces are found and cut out, and where to. */
interface CuttingWork {
  readonly fields: FindOptions & { readonly which: 'all' | 'largest'; readonly output: string };
  readonly finder: FaceFinder;
  readonly cutting: FaceCutting;
  readonly host: Host;
  readonly signal?: AbortSignal | undefined;
  /** Of the contact sheet; those of a photo are added. */
  readonly cells: GridCell[];
}

/** Finds a photo's faces and writes those that are wanted, as `NAME_face1.png` …. */
async function cutFaces(path: string, name: string, work: CuttingWork): Promise<PhotoFaces> {
  const { fields, finder, cutting, cells, signal } = work;
  const { files, images } = work.host;
  const photo = await forItem(path, async () => images.decode(await files.read(path), path));
  const found = await finder.find(photo, { ...fields, signal });
  const wanted = new Set(chosenFaces(found, fields.which));
  const written: WrittenFace[] = [];
  for (const [i, face] of found.entries()) {
    const placement = placeFace(face, cutting);
    const record = faceRecord(path, i + 1, face, placement);
    if (!wanted.has(face)) {
      written.push(record);
      continue;
    }
    const picture: Image = cutFace(photo, placement);
    const file = `${fileName(name)}_face${i + 1}.png`;
    await files.write(files.join(fields.output, file), await images.encodePng(picture));
    written.push({ ...record, file });
    const note = [`score ${face.score.toFixed(2)}`, `tilt ${face.tilt.toFixed(0)}°`, ...face.remarks].join(
      ', ',
    );
    if (cells.length < mostOnSheet) cells.push({ image: picture, title: file, note });
  }
  return { photo: path, faces: written };
}

/** A contact sheet: what was cut out, with names and scores. */
async function drawSheet(cells: readonly GridCell[], cut: number, { images }: Host): Promise<Uint8Array> {
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, i) =>
    Array.from({ length: Math.min(columns, cells.length) }, (_, j) => cells[i * columns + j]),
  );
  const layout = layoutGrid({
    title: plural(cut, 'face'),
    ...(cut > cells.length && { subtitle: `The first ${cells.length}.` }),
    columns: Array.from({ length: Math.min(columns, cells.length) }, () => ({ title: '' })),
    rows,
  });
  return images.encodePng(await images.draw(layout));
}
