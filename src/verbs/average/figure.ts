import { plural, short } from '../../common/format.ts';
import { version } from '../../common/version.ts';
import {
  colormap,
  type Figure,
  type HeatmapScale,
  limitOf,
  type Panel,
  renderHeatmap,
  type ScalarMap,
} from '../../image/index.ts';
import { scaleName } from '../explain/figure.ts';
import { fewMaps } from './gather.ts';

/** A mean of heatmaps, with what it is the mean of. */
export interface AveragedMaps {
  readonly mean: ScalarMap;
  /** Of so many. */
  readonly maps: number;
  /** What the files are called that they were read of, each once. */
  readonly titles: readonly string[];
  /** The first of them, as they were averaged; they are drawn if they are all. */
  readonly few: readonly { readonly name: string; map(): ScalarMap }[];
  /** Whether each was divided by its Σ|R|. */
  readonly normalise: boolean;
  /** How many times as large as the smallest the largest of them is: Σ|R|, as the files have it. */
  readonly spread: number;
}

/** How a mean is drawn. */
export interface AverageStyle {
  /** The name of a colour map. */
  readonly colors: string;
  readonly scale: HeatmapScale;
  /** Pixels per unit. */
  readonly density?: number | undefined;
}

/** The mean, and few heatmaps beside it, each with its own scale: what the colours' ends stand for differs. */
export function averageFigure(
  { mean, maps, titles, few, normalise, spread }: AveragedMaps,
  { colors, scale, density }: AverageStyle,
): Figure {
  const colours = colormap(colors);
  const panel = (caption: string, map: ScalarMap): Panel => {
    const limit = limitOf(map, scale);
    const image = renderHeatmap(map, colours, limit);
    return { caption, image, enlarge: 'pixels', legend: { colours, limit } };
  };
  const shown = maps > 1 && maps <= fewMaps ? few : [];
  const weights = normalise
    ? 'Each was divided by the sum of its |relevance|, so that all have the same weight'
    : `Averaged as they are: the sum of |relevance| of the largest is ${short(spread)} times that of the smallest`;
  return {
    density,
    title: `Mean of ${plural(maps, 'heatmap')}`,
    subtitle: titles.join(', '),
    panels: [panel('mean relevance', mean), ...shown.map(({ name, map }) => panel(name, map()))],
    footer:
      `${maps > 1 ? `${weights}. ` : ''}Drawn by limn ${version} with the colour map ${colors}, whose ends are at ` +
      `${scaleName(scale)} of |relevance|${shown.length > 0 ? ', for each picture on its own' : ''}.`,
  };
}
