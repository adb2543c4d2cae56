import { basename, join } from 'node:path';
import { type Description, summary } from '../attribution/explanation.ts';
import type { Write } from '../common/atomic.node.ts';
import { short } from '../common/format.ts';
import { version } from '../common/version.ts';
import type { Head } from '../graph/index.ts';
import { colormap, type Figure, type Image, overlay, renderHeatmap } from '../image/index.ts';
import type { Heat, Reading } from './results.ts';
import { valueText } from './scores.ts';

/** What a figure tells of one explained photo. */
export interface Story {
  readonly reading: Reading;
  readonly heat: Heat;
  readonly colors: string;
  readonly network: string;
  readonly head: Head;
  /** Whether the scores are probabilities. */
  readonly probabilities: boolean;
  readonly description: Description;
  /** Pixels per unit of the figure. */
  readonly density?: number;
}

/** Writes a heatmap, a pixel for each of the network's input, and returns its path. */
export async function drawHeatmap(
  write: Write,
  folder: string,
  stem: string,
  heat: Heat,
  colors: string,
): Promise<string> {
  const { encodePng } = await import('../image/encode.node.ts');
  const path = join(folder, `${stem}_heatmap.png`);
  await write(path, await encodePng(renderHeatmap(heat.map, colormap(colors), heat.limit)));
  return path;
}

/** Writes photo (what the network saw of it), heatmap, overlay and scores side by side, and returns its path. */
export async function drawFigure(
  write: Write,
  folder: string,
  stem: string,
  story: Story,
  view: Image,
): Promise<string> {
  const { writeFigure } = await import('../image/figure.node.ts');
  const path = join(folder, `${stem}.png`);
  await writeFigure(path, figureOf(story, view), write);
  return path;
}

/** What a heatmap answers. */
export function titleOf({ reading, head }: Pick<Story, 'reading' | 'head'>): string {
  return head.kind === 'number'
    ? `What raises ${head.name}, and what lowers it`
    : `What speaks for ${reading.name}, and what against it`;
}

/** Names that only say that an output is one say nothing to a reader. */
function scoresTitle({ head, probabilities }: Pick<Story, 'head' | 'probabilities'>): string {
  if (!/^(prob|class|output|softmax|scores?)\w*$/i.test(head.name)) return head.name;
  return probabilities ? 'probabilities' : 'scores';
}

export function figureOf({ reading, heat, description, ...story }: Story, view: Image): Figure {
  const colours = colormap(story.colors);
  const { limit } = heat;
  const largest = Math.max(...reading.scores.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return {
    density: story.density,
    title: titleOf({ reading, head: story.head }),
    subtitle: `${basename(reading.photo)} · ${story.network} · ${summary(description)}`,
    panels: [
      { caption: 'what the network sees', image: view },
      {
        caption: 'relevance',
        image: renderHeatmap(heat.map, colours, limit),
        enlarge: 'pixels',
        legend: { colours, limit },
      },
      { caption: 'relevance over the photo', image: overlay(view, heat.map, colours, { limit }) },
    ],
    scores: [
      {
        title: scoresTitle(story),
        scores: reading.scores.map(({ label, value, explained }) => ({
          label,
          fraction: Math.max(0, story.probabilities ? value : value / largest),
          text: valueText(value, story.probabilities),
          explained,
        })),
      },
    ],
    footer: [
      `The explained score is ${short(reading.score)}; all relevance adds up to ${short(reading.relevance.sum)}.`,
      description.rules ? `Rules: ${description.rules}.` : '',
      `Drawn by limn ${version} with the colour map ${story.colors}.`,
    ]
      .filter(Boolean)
      .join(' '),
  };
}
