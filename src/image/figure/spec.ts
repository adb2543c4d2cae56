import type { Image } from '../image.ts';
import type { Colormap } from '../maps/colormap.ts';

/** Pixels of the drawn PNG, and of the pictures inside the SVG, per unit of the figure, unless it says otherwise. */
export const PIXELS_PER_UNIT = 2;

/** A colour scale under a picture; its ends stand for ±limit. */
export interface Legend {
  readonly colours: Colormap;
  readonly limit: number;
  /** What is said of the ends: `against` and `for` unless given. */
  readonly ends?: readonly [low: string, high: string] | undefined;
  /** Of values that are never below 0, as deviations: the scale begins there, and nothing is said of its ends. */
  readonly fromZero?: boolean | undefined;
}

/** One picture of a figure. */
export interface Panel {
  readonly caption: string;
  readonly image: Image;
  /** Enlarge smoothly (a photo) or in visible pixels (relevance); `smooth` unless given. */
  readonly enlarge?: 'smooth' | 'pixels';
  readonly legend?: Legend;
}

/** One line of a list of scores. */
export interface Score {
  readonly label: string;
  /** Length of its bar, 0 to 1; a number that has no most has none. */
  readonly fraction?: number;
  /** The value as written beside the label, `97.3 %`. */
  readonly text: string;
  /** Whether the heatmap explains this score; it is drawn in the accent colour. */
  readonly explained?: boolean;
}

/** Scores under one title. */
export interface ScoreList {
  readonly title: string;
  readonly scores: readonly Score[];
}

/** A side-by-side figure: pictures in a row, then the scores. */
export interface Figure {
  readonly title?: string | undefined;
  readonly subtitle?: string | undefined;
  readonly panels: readonly Panel[];
  readonly scores?: readonly ScoreList[] | undefined;
  /** Small print: method, rules, versions. Broken into lines. */
  readonly footer?: string | undefined;
  /** Pixels per unit, a whole number; {@link PIXELS_PER_UNIT} unless given. One takes a third of the time of two. */
  readonly density?: number | undefined;
}

/** A picture and where it stands in a figure, in the figure's units; it has the figure's pixels per unit. */
export interface PlacedPicture {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly image: Image;
}
