import type { TopLevelSpec } from 'vega-lite';

/** A chart with the name of its files, and what it shows in a sentence. */
export interface NamedChart {
  readonly name: string;
  readonly kind:
    | 'models'
    | 'paper'
    | 'folds'
    | 'groups'
    | 'confusion'
    | 'reliability'
    | 'progress'
    | 'curves'
    | 'ranking'
    | 'clusters';
  readonly caption: string;
  readonly spec: TopLevelSpec;
}
