import type { Host } from '../../verbs/host.ts';
import type { WorkProgress } from '../protocol/index.ts';
import type { StudioFiles } from './files.ts';

/** Where and how one ask is answered. */
export interface AskContext {
  readonly files: StudioFiles;
  readonly host: Host;
  /** A host whose sessions are kept for asks of the same scope. */
  hostFor(scope: string): Host;
  readonly signal: AbortSignal;
  tell(progress: WorkProgress): void;
}
