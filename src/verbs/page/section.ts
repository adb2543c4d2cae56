import { summary } from '../../attribution/index.ts';
import type { Classifier } from '../../classifier/index.ts';
import { short, valueText } from '../../common/format.ts';
import {
  type Colormap,
  colormap,
  colourOf,
  type HeatmapScale,
  type Image,
  overlay,
  renderHeatmap,
} from '../../image/index.ts';
import type { PageSection } from '../../report/page.ts';
import {
  type ExplainedPhoto,
  endsOf,
  remarksOn,
  remarkText,
  scaleName,
  scoresOf,
  sumText,
  titleOf,
} from '../explain/index.ts';

/** What a section of a page is about. */
export interface Parts {
  readonly explained: ExplainedPhoto;
  readonly classifier: Classifier;
}

/** What is shown, before the first section. */
export function leadOf([first]: readonly Parts[]): string {
  const view = first?.explained.view;
  const size = view ? ` as ${view.width}×${view.height} pixels` : '';
  return `A network sees this photo${size}. limn runs it backwards: every pixel gets its share of the network's decision.`;
}

/** One explained output; `encode` makes URLs of pictures. */
export async function sectionOf(
  { explained, classifier }: Parts,
  colors: string,
  scale: HeatmapScale,
  encode: (picture: Image) => Promise<string>,
): Promise<PageSection> {
  const { reading, heat, description, photo } = explained;
  const { map, limit } = heat;
  const colours = colormap(colors);
  const heatmap = renderHeatmap(map, colours, limit);
  return {
    title: titleOf(classifier, reading.target),
    text: textOf({ explained, classifier }),
    photo: await encode(photo ?? heatmap),
    overlay: await encode(photo ? overlay(photo, map, colours, { limit }) : heatmap),
    heatmap: await encode(heatmap),
    gradient: stopsOf(colours).join(','),
    limit: short(limit),
    ends: endsOf(classifier.head),
    scores: scoresOf(reading, classifier),
    method:
      `${summary(description)}${description.rules ? `: ${description.rules}` : ''}. ` +
      `${sumText(reading, description)} ` +
      `Colours end at ${scaleName(scale)}. ${remarksOn(reading).map(remarkText).join(' ')}`.trim(),
  };
}

/** What a heatmap shows, in words. */
function textOf({ explained: { reading }, classifier: { head } }: Parts): string {
  const slider = 'Move the slider to see the photo beneath.';
  if (head.kind === 'number') {
    const guess = `The network's guess for ${head.name} is ${short(reading.score)}.`;
    return `${guess} Warm pixels raise the guess, cold pixels lower it. ${slider}`;
  }
  const [best] = reading.scores;
  const kind = reading.probabilities ? 'a probability' : 'a score';
  const says = best
    ? `The network says ${best.label}, with ${kind} of ${valueText(best.value, reading.probabilities)}. `
    : '';
  const target = best?.explained && reading.target.classes.length === 1 ? 'that' : reading.target.name;
  return `${says}Warm pixels speak for ${target}, cold pixels against it. ${slider}`;
}

/** The colours as CSS stops from one end to the other. */
const stopsOf = (colours: Colormap): string[] =>
  Array.from({ length: 33 }, (_, i) => {
    const [r, g, b] = colourOf(colours, i / 16 - 1).map((channel) => Math.round(channel * 255));
    return `rgb(${r},${g},${b})`;
  });
