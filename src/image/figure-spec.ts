import type { Colormap } from './colormap.ts';
import type { Image } from './image.ts';

/** One picture of a figure. */
export interface Panel {
  readonly caption: string;
  readonly image: Image;
  /** Enlarge smoothly (a photo) or in visible pixels (relevance); `smooth` unless given. */
  readonly enlarge?: 'smooth' | 'pixels';
  /** The colour scale under the picture; its ends stand for ±limit. */
  readonly legend?: { readonly colours: Colormap; readonly limit: number };
}

/** One line of a list of scores. */
export interface Score {
  readonly label: string;
  /** Length of its bar, 0 to 1. */
  readonly fraction: number;
  /** The value as written beside the label, `97.3 %`. */
  readonly text: string;
  /** Whether the heatmap explains this score; it is drawn in the accent colour. */
  readonly explained?: boolean;
}

export interface ScoreList {
  readonly title: string;
  readonly scores: readonly Score[];
}

/** A side-by-side figure: pictures in a row, then the scores. */
export interface Figure {
  readonly title?: string;
  readonly subtitle?: string;
  readonly panels: readonly Panel[];
  readonly scores?: readonly ScoreList[];
  /** Small print: method, rules, versions. Broken into lines. */
  readonly footer?: string;
}

/** A picture and where it stands in a figure, in the figure's units; it has PIXELS_PER_UNIT pixels per unit. */
export interface PlacedPicture {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly image: Image;
}
