import { plural } from '../../common/format.ts';
import { version } from '../../common/version.ts';
import type { Tensor } from '../../graph/index.ts';
import { colormap, type Image, renderHeatmap, type ScalarMap } from '../../image/index.ts';
import type { Grid, GridCell } from '../../report/grid.ts';
import type { DrawFields } from './request.ts';

/** The heatmaps of one name. */
export interface DrawnColumn {
  readonly name: string;
  readonly sources: string[];
  /** By photo. */
  readonly maps: Map<string, { readonly relevance: Tensor<'float32'>; readonly file: string }[]>;
}

/** A mean over the heatmaps of one name, and its map. */
export interface DrawnCell {
  readonly mean: Tensor<'float32'>;
  readonly map: ScalarMap;
  readonly maps: number;
  readonly limit: number;
}

/** What a figure is made of. */
export interface DrawnFigure {
  readonly all: readonly DrawnColumn[];
  readonly photos: readonly string[];
  readonly cells: ReadonlyMap<string, ReadonlyMap<string, DrawnCell>>;
  readonly limits: ReadonlyMap<string, number | undefined>;
  readonly shown: ReadonlyMap<string, Image>;
}

/** The figure: photos down and models across, or the other way round. */
export function drawnGrid({ all, photos, cells, limits, shown }: DrawnFigure, fields: DrawFields): Grid {
  const { colors, transpose, sharedScale } = fields;
  const colours = colormap(colors);
  const heat = (name: string, photo: string): GridCell | undefined => {
    const cell = cells.get(name)?.get(photo);
    if (!cell) return undefined;
    const limit = limits.get(photo) ?? cell.limit;
    return {
      image: renderHeatmap(cell.map, colours, limit),
      enlarge: 'pixels',
      title: transpose ? name : photo,
      note: cell.maps > 1 ? `mean of ${cell.maps}` : undefined,
      legend: { colours, limit },
    };
  };
  const photo = (name: string): GridCell | undefined => {
    const image = shown.get(name);
    return image && { image, title: name };
  };
  const models = all.map(({ name }) => name);
  const hasPhotos = shown.size > 0;
  const most = Math.max(...[...cells.values()].flatMap((each) => [...each.values()].map(({ maps }) => maps)));
  const title = `${plural(photos.length, 'photo')}, ${plural(models.length, 'model')}`;
  const subtitle = most > 1 ? `Means over up to ${most} heatmaps of each model and photo.` : '';
  const scale = sharedScale
    ? 'Colours mean the same for all heatmaps of a photo.'
    : 'Each heatmap has a colour scale of its own: colours show where, not how much.';
  const common = {
    title,
    ...(subtitle && { subtitle }),
    footer: `${scale} Drawn by limn ${version} with the colour map ${colors}.`,
  };
  if (transpose) {
    const rows = models.map((model) => photos.map((each) => heat(model, each)));
    return {
      ...common,
      columns: photos.map((name) => ({ title: name })),
      rows: hasPhotos ? [photos.map(photo), ...rows] : rows,
    };
  }
  const headings = models.map((name) => ({ title: name }));
  return {
    ...common,
    columns: hasPhotos ? [{ title: 'photo' }, ...headings] : headings,
    rows: photos.map((each) => {
      const row = models.map((model) => heat(model, each));
      return hasPhotos ? [photo(each), ...row] : row;
    }),
  };
}
