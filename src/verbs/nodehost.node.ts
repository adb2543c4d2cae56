import type { Outputs } from '../common/outputs.node.ts';
import type { Host } from './host.ts';

/** A host with what only Node has, for verbs that write while they work. */
export interface NodeHost extends Host {
  /** Takes what is written; nothing that limn did not make is replaced unless given. */
  readonly outputs?: Outputs | undefined;
}
