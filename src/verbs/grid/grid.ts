import { fail, failRequest } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { field, words } from '../../common/words.ts';
import type { Dataset } from '../../data/index.ts';
import { type FigureLayout, layoutSvg } from '../../image/index.ts';
import { openPictures } from '../dataset.ts';
import { heatmapScaleOf } from '../explain/index.ts';
import type { Host } from '../host.ts';
import { checkMissing } from '../labelled.ts';
import { photosNamed } from '../paths.ts';
import { stems } from '../photos.ts';
import { checkRequest } from '../request.ts';
import type { FailedEvent, ProgressEvent, Watch } from '../verb.ts';
import type { NamedModel } from './column.ts';
import { mapsIn, meanGrid } from './means.ts';
import { photoGrid } from './photos.ts';
import { GRID_FILE, GRID_PICTURE, type GridRecord } from './record.ts';
import { type GridFields, type GridRequest, gridRequest } from './request.ts';

/** How far it is; or a file that is named in the data and not there, after which the grid fails. */
export type GridEvent = ProgressEvent | FailedEvent;

/** What was drawn, and the record of it. */
export interface GridResult {
  /** The pictures that were written: `grid.png` and `grid.svg`. */
  readonly files: readonly string[];
  readonly record: GridRecord;
}

/**
 * Compares what several models look at: photos down and models across, each cell the heatmap and the scores; or average
 * heatmaps over labelled pictures, per model and group, with the standard deviation. Writes `grid.png`, `grid.svg` and
 * `grid.json`, which a report takes in. Errors: the request's; what is wrong with a model or a photo: nothing is left out.
 */
export async function grid(
  request: GridRequest,
  host: Host,
  watch: Watch<GridEvent> = {},
): Promise<GridResult> {
  const fields = checkRequest(gridRequest, request, watch.signal);
  checkFields(fields);
  const { files } = host;
  const photos = fields.photos && (await photosNamed(fields.photos, host, fields.output));
  const models = namedModels(fields, host);
  const names = models.map(({ name }) => name);
  await files.makeFolder(fields.output);
  files.protect([...fields.models, ...(photos ?? [])]);
  await files.claim([...gridFiles(fields, host), ...(await mapsIn(fields, names, files))]);
  const { layout, record } = photos
    ? await photoGrid(models, photos, fields, host, watch)
    : await meanGrid(models, await openMeans(fields, host, watch), fields, host, watch);
  return writeGrid(layout, record, fields, host);
}

/** The picture, the same as a drawing, and the record. */
export const gridFiles = ({ output }: Pick<GridFields, 'output'>, { files }: Host): string[] =>
  [GRID_PICTURE, 'grid.svg', GRID_FILE].map((name) => files.join(output, name));

/** Writes a grid that was drawn, beside its maps. */
export async function writeGrid(
  layout: FigureLayout,
  record: GridRecord,
  fields: Pick<GridFields, 'output'>,
  host: Host,
): Promise<GridResult> {
  const { files, images } = host;
  const [png, svg, json] = gridFiles(fields, host);
  await files.write(png, await images.encodePng(await images.draw(layout)));
  await files.write(svg, await layoutSvg(layout, images.encodePng));
  await files.write(json, `${JSON.stringify(record, null, 2)}\n`);
  return { files: [png, svg], record };
}

/** The models with the names of their columns. Errors: more or fewer names. */
export function namedModels({ models, names: given }: GridFields, host: Host): NamedModel[] {
  const names = given ?? stems(models, host);
  if (names.length !== models.length) {
    const what = `there are ${names.length} for ${plural(models.length, 'model')}`;
    failRequest(words`${field('names')}`, what, 'give one for each');
  }
  return models.map((path, i) => ({ path, name: names[i] }));
}

/** Errors: neither photos nor data, or both; fields of the other kind of grid. */
export function checkFields(fields: GridFields): void {
  heatmapScaleOf(fields);
  if ((fields.photos === undefined) === (fields.means === undefined)) {
    failRequest(
      'limn grid',
      'it takes either photos or data',
      words`give ${field('photos', 'PHOTO…')} or ${field('means', 'DATA')}`,
    );
  }
  for (const [name, other] of [
    ['truth', 'photos'],
    ['by', 'means'],
    ['truthColumn', 'means'],
  ] as const) {
    if (fields[name] !== undefined && fields[other] === undefined)
      failRequest(words`${field(name)}`, words`it is for ${field(other)}`);
  }
}

/** Opens the pictures that are averaged over. Errors: files that are named and not there; none. */
export async function openMeans(fields: GridFields, host: Host, { on }: Watch<GridEvent>): Promise<Dataset> {
  const dataset = await openPictures(fields.means ?? '', fields, host);
  await checkMissing(dataset, false, (failed) => on?.({ kind: 'failed', failed }));
  if (dataset.size === 0) fail(dataset.name, 'it holds no pictures');
  return dataset;
}
