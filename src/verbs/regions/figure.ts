import { plural } from '../../common/format.ts';
import { FACE_REGIONS } from '../../faces/regions.ts';
import {
  colormap,
  type Image,
  image,
  limitOf,
  renderHeatmap,
  type ScalarMap,
  toGrey,
} from '../../image/index.ts';
import type { Bar } from '../../report/charts/bars.ts';
import type { Grid, GridCell } from '../../report/grid.ts';
import { barChart, type NamedChart } from '../../report/index.ts';
import type { LookEstimate } from './statistics.ts';

/** Where what a person should look at stands: mean heatmaps, and photos with their regions. */
const columns = 6;

/** Colours of regions over a photo, in their order; the background has none. */
const tints = [
  [47, 109, 181],
  [208, 102, 42],
  [15, 148, 132],
  [199, 74, 106],
  [163, 130, 26],
  [166, 91, 181],
  [90, 143, 61],
] as const;

/** The regions over a picture of them. */
export function tinted(photo: Image, regions: Uint8Array): Image {
  const out = image(photo.width, photo.height);
  const grey = toGrey(photo).data;
  for (const [i, region] of regions.entries()) {
    const tint = tints.at(region);
    for (let c = 0; c < 3; c++) {
      const value = grey[3 * i + c];
      out.data[3 * i + c] = tint && region < tints.length ? Math.round((value + tint[c]) / 2) : value;
    }
  }
  return out;
}

const inRows = (cells: readonly GridCell[]): (GridCell | undefined)[][] => {
  const wide = Math.min(columns, cells.length);
  return Array.from({ length: Math.ceil(cells.length / wide) }, (_, i) =>
    Array.from({ length: wide }, (_, j) => cells[i * wide + j]),
  );
};

const headings = (cells: readonly GridCell[]) =>
  Array.from({ length: Math.min(columns, cells.length) }, () => ({ title: '' }));

/** Photos with their regions, to see whether these are where they should be. */
export const regionsGrid = (photos: readonly { readonly name: string; readonly picture: Image }[]): Grid => {
  const cells = photos.map(({ name, picture }): GridCell => ({ image: picture, title: name }));
  return {
    title: 'Regions',
    subtitle: `${FACE_REGIONS.slice(0, -1).join(', ')}, in blue, orange, green, red, ochre, violet and light green; the rest is background.`,
    columns: headings(cells),
    rows: inRows(cells),
  };
};

/** Each model's mean heatmap, all faces upon each other. */
export function meansGrid(
  means: readonly { readonly model: string; readonly photos: number; readonly map: ScalarMap }[],
): Grid {
  const colours = colormap('black-firered');
  const cells = means.map(({ model, photos, map }): GridCell => {
    const limit = limitOf(map, { percentile: 99.5 });
    return {
      image: renderHeatmap(map, colours, limit),
      enlarge: 'pixels',
      title: model,
      note: `mean of ${plural(photos, 'photo')}`,
      legend: { colours, limit },
    };
  });
  return {
    title: 'Mean heatmaps',
    subtitle:
      'Faces lie upon each other by their landmarks; each heatmap is first divided by the sum of its |R|.',
    columns: headings(cells),
    rows: inRows(cells),
    footer: 'Each has a colour scale of its own: colours show where, not how much.',
  };
}

/** More models make no chart that anyone reads. */
const mostModels = 8;

/** The share of relevance in each region, model by model. */
export function sharesChart(estimates: readonly LookEstimate[], models: readonly string[]): NamedChart[] {
  if (models.length > mostModels) return [];
  const bars = FACE_REGIONS.flatMap((region) =>
    models.flatMap((model): Bar[] =>
      estimates
        .filter((each) => each.target === undefined && each.model === model && each.measure === region)
        .map(({ mean, low, high }) => ({ group: region, series: model, value: mean, low, high })),
    ),
  );
  const caption =
    'The share of relevance, of the sum of |R|, in each region of faces; means over photos with 95 % intervals.';
  return [
    { name: 'regions', kind: 'models', caption, spec: barChart(bars, { measure: 'share of relevance' }) },
  ];
}
