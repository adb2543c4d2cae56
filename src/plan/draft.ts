import type { Input } from './unit.ts';
import type { DraftRequest } from './value.ts';

/** A unit before it has an id. */
export interface Draft {
  readonly kind: string;
  /** Its name's last part. */
  readonly label: string;
  readonly verb: string;
  readonly request: DraftRequest;
  /** What it is asked when it goes on. */
  readonly resumed?: DraftRequest | undefined;
  /** Fields of the request that change nothing of the result: how many snapshots stay. */
  readonly uncounted?: readonly string[] | undefined;
  readonly inputs: readonly Input[];
  /** In the unit's folder. */
  readonly outputs: readonly string[];
  /** What it makes elsewhere, from the plan's folder on: data that many units share. */
  readonly placed?: readonly string[] | undefined;
  readonly iterations?: number | undefined;
}
