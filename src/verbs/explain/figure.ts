import { type Description, summary } from '../../attribution/index.ts';
import type { Classifier } from '../../classifier/index.ts';
import { short, valueText } from '../../common/format.ts';
import { version } from '../../common/version.ts';
import type { Score } from '../../image/figure/spec.ts';
import {
  type AffineMap,
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
import type { ExplainedTarget, ExplanationReading, NamedClass } from './reading.ts';
import { remarksOn, remarkText } from './remarks.ts';

/** What a heatmap answers. */
export function titleOf({ head }: Pick<Classifier, 'head'>, target: ExplainedTarget): string {
  if (head.kind === 'number') return `What raises ${head.name}, and what lowers it`;
  const named = (classes: readonly NamedClass[]) =>
    classes.map(({ index, label }) => label ?? `class ${index}`).join(' + ');
  return target.against.length > 0
    ? `What speaks for ${named(target.classes)} rather than ${named(target.against)}`
    : `What speaks for ${target.name}, and what against it`;
}

/** What the ends of the colours mean: of a number there is no for and against. */
export const endsOf = ({ kind }: Classifier['head']): readonly [string, string] =>
  kind === 'number' ? ['lowers', 'raises'] : ['against', 'for'];

/** The scores of a reading as a figure lists them; a number has no bar, since there is no most that it could be. */
export function scoresOf(
  { scores, probabilities }: ExplanationReading,
  { head }: Pick<Classifier, 'head'>,
): Score[] {
  const largest = Math.max(...scores.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return scores.map(({ label, value, explained }) => ({
    label,
    ...(head.kind !== 'number' && { fraction: Math.max(0, probabilities ? value : value / largest) }),
    text: valueText(value, probabilities),
    explained,
  }));
}

/** What became of the explained score, as far as the method says anything of it: gradients and maps of activations are no shares. */
export function sumText(
  { score, shares, relevance, completeness }: ExplanationReading,
  { method }: Description,
): string {
  const explained = `The explained score is ${short(score)}`;
  if (completeness) {
    return `${explained}, ${short(completeness.difference)} more than at the baseline; the shares of that add up to ${short(completeness.attributed)}.`;
  }
  if (!shares) return `${explained}; the values of this method are no shares of it.`;
  const rest = method === 'lrp' ? '; biases and stabilisers have the rest' : '';
  return `${explained}; its shares add up to ${short(relevance.sum)}${rest}.`;
}

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
  const colours = colormap(colors);
  const listTitle = reading.probabilities ? 'probabilities' : 'scores';
  return {
    density,
    title: titleOf(classifier, reading.target),
    subtitle: `${item.replace(/^.*[/\\]/, '')} · ${model.graph.name} · ${summary(description)}`,
    panels: [
      { caption: 'what the network sees', image: view },
      {
        caption: 'relevance',
        image: renderHeatmap(heat.map, colours, limit),
        enlarge: 'pixels',
        legend: { colours, limit, ends: endsOf(head) },
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
        scores: scoresOf(reading, classifier),
      },
    ],
    footer: [
      sumText(reading, description),
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
  toInput: AffineMap,
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
