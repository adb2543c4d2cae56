import type { Features, HeatmapPhoto } from '../../clusters/index.ts';
import type { Image } from '../../image/index.ts';
import type { FailedItem } from '../verb.ts';

/** Heatmaps of photos, reduced to rows, and what is known of the photos. */
export interface Collected {
  readonly photos: readonly HeatmapPhoto[];
  /** As relevance has it, not yet normalised; a row for each photo. */
  readonly features: Features;
  /** The shape of a row. */
  readonly shape: readonly number[];
  /** How the relevance was made. */
  readonly explanation?: string | undefined;
  readonly skipped: readonly FailedItem[];
  /** Pictures of the photos with these places in `photos`, as the network sees them, where they are at hand. */
  pictures(wanted: ReadonlySet<number>): Promise<ReadonlyMap<number, Image>>;
}
