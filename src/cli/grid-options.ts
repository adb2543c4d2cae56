import type { Description } from '../attribution/index.ts';
import type { RunOptions } from './command.ts';
import type { DatasetOptions } from './dataset.ts';
import type { HeatmapOptions } from './options/heatmap.ts';
import type { MethodOptions } from './options/methods.ts';

export interface GridOptions extends RunOptions, HeatmapOptions, MethodOptions, DatasetOptions {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly photos?: readonly string[];
  readonly truth?: readonly string[];
  readonly means?: string;
  readonly by?: readonly string[];
  readonly truthColumn?: string;
  readonly target: string;
  readonly names?: readonly string[];
  readonly sharedScale?: boolean;
  readonly overlay?: boolean;
  readonly top: number;
}

/** A model of a grid: its file, and the name of its column. */
export interface NamedModel {
  readonly path: string;
  readonly name: string;
}

/** The file that tells of a grid. */
export const GRID_FILE = 'grid.json';

/** Its content: enough to repeat it. */
export interface GridRecord {
  readonly kind: 'photos' | 'means';
  readonly title: string;
  readonly subtitle: string;
  readonly models: readonly { name: string; file: string; sha256: string; network: string; head: string }[];
  readonly explanation?: Description;
  readonly target: string;
  readonly [more: string]: unknown;
}
