import { summary } from '../../attribution/index.ts';
import type { Classifier } from '../../classifier/index.ts';
import { short, valueText } from '../../common/format.ts';
import { version } from '../../common/version.ts';
import {
  type Affine,
  type Colormap,
  colormap,
  compose,
  type Figure,
  type HeatmapScale,
  type Image,
  overlay,
  renderHeatmap,
  type ScalarMap,
  scaling,
  warpImage,
  warpMap,
} from '../../image/index.ts';
import type { ExplainedPhoto } from './explain.ts';
import { remarksOn, remarkText } from './remarks.ts';

/** What a heatmap answers. */
export const titleOf = ({ head }: Pick<Classifier, 'head'>, target: string): string =>
  head.kind === 'number'
    ? `What raises ${head.name}, and what lowers it`
    : `What speaks for ${target}, and what against it`;

/** Where the ends of the colours lie, in words. */
export const scaleName = (scale: HeatmapScale): string => {
  if (scale === 'max') return 'the largest value';
  return 'limit' in scale ? `±${short(scale.limit)}` : `the ${scale.percentile}th percentile`;
};

/** Names that only say that an output is one say nothing to a reader. */
export const saysNothing = (name: string): boolean => /^(prob|class|output|softmax|scores?)\w*$/i.test(name);

/** How a figure is drawn. */
export interface FigureStyle {
  /** The name of a colour map. */
  readonly colors: string;
  /** The value at the ends of its colours. */
  readonly limit: number;
  /** How that was found. */
  readonly scale: HeatmapScale;
  /** Pixels per unit. */
  readonly density?: number | undefined;
}

/** What the network saw of a photo, the heatmap, both over each other, and the scores, side by side. */
export function figureOf(
  { item, reading, heat, description, photo, toInput }: ExplainedPhoto,
  view: Image,
  classifier: Classifier,
  { colors, limit, scale, density }: FigureStyle,
): Figure {
  const { head, model } = classifier;
  const { probabilities } = reading;
  const colours = colormap(colors);
  const largest = Math.max(...reading.scores.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const listTitle = probabilities ? 'probabilities' : 'scores';
  return {
    density,
    title: titleOf(classifier, reading.target.name),
    subtitle: `${item.replace(/^.*[/\\]/, '')} · ${model.graph.name} · ${summary(description)}`,
    panels: [
      { caption: 'what the network sees', image: view },
      {
        caption: 'relevance',
        image: renderHeatmap(heat.map, colours, limit),
        enlarge: 'pixels',
        legend: { colours, limit },
      },
      {
        caption: 'relevance over the photo',
        image:
          photo && toInput
            ? overlayOnPhoto(photo, heat.map, toInput, colours, limit)
            : overlay(view, heat.map, colours, { limit }),
      },
    ],
    scores: [
      {
        title: saysNothing(head.name) ? listTitle : head.name,
        scores: reading.scores.map(({ label, value, explained }) => ({
          label,
          fraction: Math.max(0, probabilities ? value : value / largest),
          text: valueText(value, probabilities),
          explained,
        })),
      },
    ],
    footer: [
      `The explained score is ${short(reading.score)}; all relevance adds up to ${short(reading.relevance.sum)}.`,
      ...remarksOn(reading).map(remarkText),
      description.rules ? `Rules: ${description.rules}.` : '',
      `Drawn by limn ${version} with the colour map ${colors}, whose ends are at ${scaleName(scale)} of |relevance|.`,
    ]
      .filter(Boolean)
      .join(' '),
  };
}

/** Pixels on the longer side of a photo in a figure. */
const photoSide = 1024;

/** A heatmap over the whole photo, through the map from its pixels to those of the heatmap; large photos made smaller. */
function overlayOnPhoto(
  photo: Image,
  map: ScalarMap,
  toInput: Affine,
  colours: Colormap,
  limit: number,
): Image {
  const scale = Math.min(1, photoSide / Math.max(photo.width, photo.height));
  const size = {
    height: Math.max(1, Math.round(photo.height * scale)),
    width: Math.max(1, Math.round(photo.width * scale)),
  };
  const toPhoto = scaling(photo.width / size.width, photo.height / size.height);
  const small = warpImage(photo, toPhoto, size);
  return overlay(small, warpMap(map, compose(toInput, toPhoto), size), colours, { limit });
}
