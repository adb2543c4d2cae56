import { fail, failRequest } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { field, words } from '../../common/words.ts';
import {
  averageRelevance,
  colormap,
  heatmaps,
  type Image,
  layoutSvg,
  limitOf,
  renderHeatmap,
  repeatImage,
  writeNpy,
} from '../../image/index.ts';
import { layoutGrid } from '../../report/grid.ts';
import { heatmapScaleOf } from '../explain/request.ts';
import type { Host } from '../host.ts';
import { filesNamed, photosNamed } from '../paths.ts';
import { fileName } from '../photos.ts';
import { photoKey, rawHeatmaps, readRawHeatmaps, withoutCopies } from '../rawheatmaps.ts';
import { checkRequest } from '../request.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import { type DrawnCell, type DrawnColumn, drawnGrid } from './figure.ts';
import { drawOutline, outlined, readOutlines } from './outline.ts';
import { type DrawFields, type DrawRequest, drawRequest } from './request.ts';

/** A heatmap that was drawn. */
export interface DrawnHeatmap {
  readonly model: string;
  readonly photo: string;
  /** How many it is the mean of. */
  readonly maps: number;
  /** The value at the ends of the colours. */
  readonly limit: number;
  /** The picture, `enlarge` pixels high and wide for each of the network's input. */
  readonly picture: string;
  /** The raw mean, 1×C×H×W; only of several. */
  readonly relevance?: string;
}

/** What was drawn: the content of `draw.json`. */
export interface DrawResult {
  readonly format: 'limn draw 1';
  /** The figure: `draw.png` and `draw.svg`. */
  readonly files: readonly string[];
  readonly models: readonly { readonly name: string; readonly sources: readonly string[] }[];
  readonly photos: readonly string[];
  readonly heatmaps: readonly DrawnHeatmap[];
}

/**
 * Draws raw heatmaps that are there already: each as a picture `MODEL/PHOTO.png`, and all as a figure, photos down and models
 * across, or the other way round. Heatmaps of one name, as of the folds of one network, are averaged by photo, as in the paper;
 * the means are written, too (`MODEL/PHOTO.npy`). Errors: the request's; a file that holds no heatmap; different shapes in a mean.
 */
export async function draw(
  request: DrawRequest,
  host: Host,
  { on, signal }: Watch<ProgressEvent> = {},
): Promise<DrawResult> {
  const fields = checkRequest(drawRequest, request, signal);
  const { output, channels, names } = fields;
  const { files } = host;
  heatmapScaleOf(fields);
  if (names && names.length !== fields.maps.length) {
    const what = `there are ${names.length} for ${plural(fields.maps.length, 'place')} of heatmaps`;
    failRequest(words`${field('names')}`, what, 'give one for each');
  }
  const photoPaths = fields.photos ? await photosNamed(fields.photos, host, output) : [];
  const outlinePaths = fields.outline ? await filesNamed(fields.outline, outlined, host, output) : [];
  const sources = await Promise.all(
    fields.maps.map(async (path) => withoutCopies(await filesNamed([path], rawHeatmaps, host, output))),
  );
  files.protect([...sources.flat(), ...photoPaths, ...outlinePaths]);
  await files.makeFolder(output);
  const columns = new Map<string, DrawnColumn>();
  let done = 0;
  const total = sources.flat().length;
  for (const [i, paths] of sources.entries()) {
    const name = names?.[i] ?? (await nameOf(fields.maps[i], host));
    const column: DrawnColumn = columns.get(name) ?? { name, sources: [], maps: new Map() };
    columns.set(name, column);
    column.sources.push(fields.maps[i]);
    for (const path of paths) {
      signal?.throwIfAborted();
      for (const { name: own, relevance } of await readRawHeatmaps(path, channels, host)) {
        const photo = photoKey(own);
        const before = column.maps.get(photo);
        if (before) before.push({ relevance, file: path });
        else column.maps.set(photo, [{ relevance, file: path }]);
      }
      on?.({ kind: 'progress', what: 'files', done: ++done, total });
    }
  }
  const all = [...columns.values()];
  const photos = [...new Set<string>(all.flatMap(({ maps }) => [...maps.keys()]))].sort(
    new Intl.Collator('en', { numeric: true }).compare,
  );
  if (photos.length === 0) fail(fields.maps[0], 'it holds no heatmaps');
  const cells = new Map(all.map((column) => [column.name, cellsOf(column, fields)]));
  const sizes = new Map(
    [...cells.values()].flatMap((own) => [...own].map(([photo, { map }]) => [photo, map])),
  );
  const outlines = await readOutlines(outlinePaths, sizes, channels, host);
  const limits = new Map(photos.map((photo) => [photo, sharedLimit(photo, cells, fields)]));
  const at = (...parts: readonly string[]) => files.join(output, ...parts);
  const places = new Set<string>();
  const placeOf = (model: string, photo: string): string => {
    const base = all.length === 1 ? at(fileName(photo)) : at(fileName(model), fileName(photo));
    let place = base;
    for (let n = 2; places.has(place.toLowerCase()); n++) place = `${base}-${n}`;
    places.add(place.toLowerCase());
    return place;
  };
  const drawn = all.flatMap(({ name }) =>
    photos.flatMap((photo) => {
      const cell = cells.get(name)?.get(photo);
      return cell ? [{ name, photo, cell, place: placeOf(name, photo) }] : [];
    }),
  );
  const [png, svg, json] = [at('draw.png'), at('draw.svg'), at('draw.json')];
  await files.claim([
    ...[png, svg, json],
    ...drawn.flatMap(({ place, cell }) => [`${place}.png`, ...(cell.maps > 1 ? [`${place}.npy`] : [])]),
  ]);
  const colours = colormap(fields.colors);
  const record: DrawnHeatmap[] = [];
  for (const { name, photo, cell, place } of drawn) {
    signal?.throwIfAborted();
    const limit = limits.get(photo) ?? cell.limit;
    const { height, width } = cell.map;
    const picture = renderHeatmap(cell.map, colours, limit);
    const enlarged = repeatImage(picture, height * fields.enlarge, width * fields.enlarge);
    const outline = outlines.get(photo);
    if (outline) drawOutline(enlarged, outline);
    await files.write(`${place}.png`, await host.images.encodePng(enlarged));
    if (cell.maps > 1) await files.write(`${place}.npy`, writeNpy(cell.mean));
    record.push({
      ...{ model: name, photo, maps: cell.maps, limit, picture: `${place}.png` },
      ...(cell.maps > 1 && { relevance: `${place}.npy` }),
    });
  }
  const shown = await photosShown(photoPaths, photos, host);
  const layout = layoutGrid(drawnGrid({ all, photos, cells, limits, shown }, fields));
  await files.write(png, await host.images.encodePng(await host.images.draw(layout)));
  await files.write(svg, await layoutSvg(layout, host.images.encodePng));
  const result: DrawResult = {
    format: 'limn draw 1',
    files: [png, svg],
    models: all.map(({ name, sources: from }) => ({ name, sources: from })),
    photos,
    heatmaps: record,
  };
  await files.write(json, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** A folder's name; that of the folder of a file. */
async function nameOf(path: string, { files }: Host): Promise<string> {
  const real = await files.realPath(path).catch(() => path);
  const folder = (await files.kindOf(path)) === 'folder' ? real : files.join(real, '..');
  return files.basename(folder) || 'heatmaps';
}

function cellsOf({ maps }: DrawnColumn, fields: DrawFields): Map<string, DrawnCell> {
  const scale = heatmapScaleOf(fields);
  return new Map(
    [...maps].map(([photo, each]) => {
      const mean = averageRelevance(
        each.map(({ relevance }) => relevance),
        each.map(({ file }) => file),
      );
      const [map] = heatmaps(mean, fields.pooling, photo);
      return [photo, { mean, map, maps: each.length, limit: limitOf(map, scale) }];
    }),
  );
}

function sharedLimit(
  photo: string,
  cells: ReadonlyMap<string, ReadonlyMap<string, DrawnCell>>,
  { sharedScale }: DrawFields,
): number | undefined {
  if (!sharedScale) return undefined;
  return Math.max(...[...cells.values()].flatMap((column) => column.get(photo)?.limit ?? []));
}

/** The photos that are called as heatmaps are, by that name. */
async function photosShown(
  paths: readonly string[],
  wanted: readonly string[],
  { files, images }: Host,
): Promise<Map<string, Image>> {
  const shown = new Map<string, Image>();
  for (const path of paths) {
    const stem = photoKey(files.basename(path).replace(/(?<=.)\.[^.]*$/, ''));
    if (wanted.includes(stem) && !shown.has(stem))
      shown.set(stem, await images.decode(await files.read(path), path));
  }
  const without = wanted.find((photo) => !shown.has(photo));
  if (paths.length > 0 && shown.size === 0) {
    failRequest(
      words`${field('photos')}`,
      `none of them is called as a heatmap, such as ${without}`,
      'give the photos that were explained',
    );
  }
  return shown;
}
