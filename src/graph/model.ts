import type { Graph } from './graph.ts';
import type { ModelInfo } from './info.ts';

/** A network and what is known about it: one file. */
export interface Model {
  readonly graph: Graph;
  readonly info: ModelInfo;
}
