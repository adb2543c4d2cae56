import type { Features } from '../../clusters/index.ts';
import {
  type Colormap,
  type Image,
  image,
  limitOf,
  overlay,
  renderHeatmap,
  repeatImage,
  repeatMap,
  resizeImage,
  type ScalarMap,
} from '../../image/index.ts';

/** Pixels of a tile's side on a sheet, and between tiles. */
const TILE = 84;
const GAP = 6;

/** A row as a map, its channels summed; undefined where it has no places. */
export function mapOfRow(row: ArrayLike<number>, shape: readonly number[]): ScalarMap | undefined {
  if (shape.length < 2) return undefined;
  const [height, width] = shape.slice(-2);
  const data = new Float32Array(height * width);
  for (let i = 0; i < row.length; i++) data[i % data.length] += row[i];
  return { height, width, data };
}

/** The row of a photo as a map. */
export const mapAt = (
  { columns, data }: Features,
  row: number,
  shape: readonly number[],
): ScalarMap | undefined => mapOfRow(data.subarray(row * columns, (row + 1) * columns), shape);

/** A map as a picture of whole cells, its longer side four tiles' or so. */
export function meanMapPicture(map: ScalarMap, colours: Colormap): Image {
  const scale = Math.max(1, Math.round((4 * TILE) / Math.max(map.width, map.height)));
  return repeatImage(renderHeatmap(map, colours), map.height * scale, map.width * scale);
}

/** A photo, where it is at hand, and its map. */
export interface Exemplar {
  readonly view: Image | undefined;
  readonly map: ScalarMap | undefined;
}

/** Photos in a row and below each its heatmap, over the photo in grey where there is one; rows one below the other. */
export function contactSheet(rows: readonly (readonly Exemplar[])[], colours: Colormap): Image | undefined {
  const lines = rows.flatMap((row) => [
    ...(row.some(({ view }) => view) ? [row.map(({ view }) => view && resizeImage(view, TILE, TILE))] : []),
    ...(row.some(({ map }) => map) ? [row.map((each) => heatTile(each, colours))] : []),
  ]);
  const across = Math.max(0, ...lines.map(({ length }) => length));
  if (lines.length === 0 || across === 0) return undefined;
  const sheet = image(across * (TILE + GAP) - GAP, lines.length * (TILE + GAP) - GAP);
  sheet.data.fill(255);
  lines.forEach((line, y) => {
    line.forEach((tile, x) => {
      if (tile) paste(sheet, tile, y * (TILE + GAP), x * (TILE + GAP));
    });
  });
  return sheet;
}

function heatTile({ view, map }: Exemplar, colours: Colormap): Image | undefined {
  if (!map) return undefined;
  if (!view) return renderHeatmap(repeatMap(map, TILE, TILE), colours);
  return overlay(resizeImage(view, TILE, TILE), map, colours, { limit: limitOf(map, { percentile: 99.5 }) });
}

function paste(to: Image, tile: Image, top: number, left: number): void {
  for (let y = 0; y < tile.height; y++)
    to.data.set(
      tile.data.subarray(3 * y * tile.width, 3 * (y + 1) * tile.width),
      3 * ((top + y) * to.width + left),
    );
}
