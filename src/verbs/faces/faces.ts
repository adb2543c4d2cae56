import { analysisIdentity } from '../../common/analysed.ts';
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
import type { LoadedModel } from '../../onnx/index.ts';
import { type GridCell, layoutGrid } from '../../report/grid.ts';
import type { Host } from '../host.ts';
import type { KeptItems } from '../kept.ts';
import { parquetPaths, tableColumns, writeParquet } from '../parquet.ts';
import { photosNamed } from '../paths.ts';
import { fileName, stems } from '../photos.ts';
import { checkRequest } from '../request.ts';
import {
  type FailedItem,
  goesOnNote,
  type NoteEvent,
  type ProgressEvent,
  resultOrFailure,
  type Watch,
} from '../verb.ts';
import { cuttingFor } from './cut.ts';
import { facesHead } from './head.ts';
import { chosenFaces, openFinder } from './open.ts';
import { checkDetector, type FacesRequest, type FacesRequestFields, facesRequest } from './request.ts';
import { faceRecord, facesFold, facesTable, type PhotoFaces, type WrittenFace } from './table.ts';
import { keptFacesFile, openKeptFaces } from './unfinished.ts';

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
export type FacesEvent =
  | ProgressEvent
  | NoteEvent
  | { readonly kind: 'photo'; readonly photo: PhotoFaces | FailedItem };

/** A request as shards have it, too: how the whole is shown does not concern them. */
type FacesFieldsOfPhotos = Omit<FacesRequestFields, 'sheet'>;

/** Where what was found is written, and whether a contact sheet of it is, unless told otherwise. */
type FacesOutput = Pick<FacesRequestFields, 'output' | 'parquet'> & { readonly sheet?: boolean };

/** A contact sheet shows no more. */
const mostOnSheet = 60;
const columns = 6;

/**
 * Finds the faces of photos and cuts them out, upright and of one size, into `NAME_face1.png` …; `faces.csv` and `faces.txt` (in the
 * format of Adience's folds) tell of all that were found, `faces.png` shows them. What is wrong with one photo does not concern the
 * others. A call that was interrupted goes on where it stopped. Errors: the request's; no photos in a folder.
 */
export async function faces(
  request: FacesRequest,
  host: Host,
  watch: Watch<FacesEvent> = {},
): Promise<FacesResult> {
  const fields = checkRequest(facesRequest, request, watch.signal);
  const { run, ...opened } = await openFaces(fields, host);
  await host.files.claim([...faceFiles(fields, host), keptFacesFile(fields, host)]);
  // How the whole is shown does not change what is found.
  const { sheet: _, ...found } = fields;
  const identity = analysisIdentity(await facesHead(found, opened.photos, opened.model, host));
  const kept = await openKeptFaces(fields, identity, host);
  const { photos } = await run({ from: 0, to: opened.photos.length }, kept, watch);
  const result = await writeFaces(photos, fields, host);
  await kept.remove();
  return result;
}

/** An opened request: no photo is looked at yet. */
export interface OpenFaces {
  readonly photos: readonly string[];
  /** The model that the faces are for. */
  readonly model?: LoadedModel | undefined;
  /**
   * Looks through some of the photos, `to` not included, but for those that are kept; their faces have the names that they have
   * among all.
   */
  run(
    range: { readonly from: number; readonly to: number },
    kept: KeptItems<PhotoFaces>,
    watch: Watch<FacesEvent>,
  ): Promise<Pick<FacesResult, 'photos'>>;
}

/** What {@link faces} does before the first photo. */
export async function openFaces(fields: FacesFieldsOfPhotos, host: Host): Promise<OpenFaces> {
  checkDetector(fields);
  const { output } = fields;
  const { files } = host;
  await files.makeFolder(output);
  const photos = await photosNamed(fields.photos, host, output);
  files.protect(photos);
  const model = fields.for === undefined ? undefined : await files.readModel(fields.for);
  const cutting = cuttingFor(fields, model?.model);
  const run: OpenFaces['run'] = async ({ from, to }, kept, { on, signal }) => {
    const names = stems(photos, host);
    let finder: FaceFinder | undefined;
    const results: (PhotoFaces | FailedItem)[] = [];
    const { size } = kept.items;
    if (size > 0) on?.(goesOnNote(size, to - from, 'looked through'));
    try {
      finder = await openFinder(fields, host);
      const work: CuttingWork = { fields, finder, cutting, host, signal };
      for (let i = from; i < to; i++) {
        const path = photos[i];
        signal?.throwIfAborted();
        const before = kept.items.get(i);
        const photo = before ?? (await resultOrFailure(path, () => cutFaces(path, names[i], work)));
        results.push(photo);
        if (!before && !('error' in photo)) await kept.keep(i, photo);
        if (!before) on?.({ kind: 'photo', photo });
        on?.({ kind: 'progress', what: 'photos', done: results.length, total: to - from });
      }
    } finally {
      await finder?.release();
      await kept.close();
    }
    return { photos: results };
  };
  return { photos, ...(model && { model }), run };
}

/** The tables and the contact sheet that are written. */
export function faceFiles(fields: FacesOutput, host: Host): string[] {
  const { table, fold, sheet } = facePaths(fields, host);
  return [table, fold, ...(sheet === undefined ? [] : [sheet]), ...parquetPaths(table, fields)];
}

function facePaths({ output, sheet = true }: FacesOutput, { files }: Host) {
  const [table, fold, drawn] = ['faces.csv', 'faces.txt', 'faces.png'].map((name) =>
    files.join(output, name),
  );
  return { table, fold, sheet: sheet ? drawn : undefined };
}

/** Writes what was found as tables, and shows what was cut out, which is in the folder already. */
export async function writeFaces(
  photos: FacesResult['photos'],
  fields: FacesOutput,
  host: Host,
): Promise<FacesResult> {
  const { files } = host;
  const { table, fold, sheet } = facePaths(fields, host);
  const all = photos.flatMap((each) => ('error' in each ? [] : each.faces));
  const shown = all.filter(({ file }) => file !== undefined);
  await files.write(table, facesTable(all));
  const columns = await writeParquet(table, tableColumns.faces, fields, host);
  await files.write(fold, facesFold(all));
  const drawn = shown.length > 0 && sheet !== undefined ? [sheet] : [];
  for (const path of drawn) await files.write(path, await drawSheet(shown, fields.output, host));
  return {
    format: 'limn faces 1',
    photos,
    without: photos.flatMap((each) =>
      'error' in each || each.faces.some(({ file }) => file) ? [] : [each.photo],
    ),
    cut: shown.length,
    files: [table, fold, ...drawn, ...columns],
  };
}

/** How faces are found and cut out, and where to. */
interface CuttingWork {
  readonly fields: FindOptions & { readonly which: 'all' | 'largest'; readonly output: string };
  readonly finder: FaceFinder;
  readonly cutting: FaceCutting;
  readonly host: Host;
  readonly signal?: AbortSignal | undefined;
}

/** Finds a photo's faces and writes those that are wanted, as `NAME_face1.png` …. */
async function cutFaces(path: string, name: string, work: CuttingWork): Promise<PhotoFaces> {
  const { fields, finder, cutting, signal } = work;
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
  }
  return { photo: path, faces: written };
}

/** A contact sheet: the first of what was cut out, with names and scores. */
async function drawSheet(
  faces: readonly WrittenFace[],
  folder: string,
  { files, images }: Host,
): Promise<Uint8Array> {
  const cells: GridCell[] = [];
  for (const { file = '', score, tilt, remarks } of faces.slice(0, mostOnSheet)) {
    const image = await images.decode(await files.read(files.join(folder, file)), file);
    const note = [`score ${score.toFixed(2)}`, `tilt ${tilt.toFixed(0)}°`, ...remarks].join(', ');
    cells.push({ image, title: file, note });
  }
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, i) =>
    Array.from({ length: Math.min(columns, cells.length) }, (_, j) => cells[i * columns + j]),
  );
  const layout = layoutGrid({
    title: plural(faces.length, 'face'),
    ...(faces.length > cells.length && { subtitle: `The first ${cells.length}.` }),
    columns: Array.from({ length: Math.min(columns, cells.length) }, () => ({ title: '' })),
    rows,
  });
  return images.encodePng(await images.draw(layout));
}
