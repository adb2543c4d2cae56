import { LimnError } from '../common/error.ts';
import { count } from '../common/format.ts';
import { distinct } from '../common/groups.ts';
import { quoted } from '../common/quoted.ts';
import { refusalOf, toldByKind } from '../common/refusals.ts';
import type { Node } from '../graph/index.ts';
import { operatorTitle } from './unsupported.ts';

/** Gathers what is wrong with nodes, so that all of it is told at once. */
export interface Refusals {
  /** Does something at a node; false where that failed, which is kept: of each node the first error. */
  attempt(node: Node, work: () => void): boolean;
  /** Errors: of one node its own; of several all of them, by operator and reason. */
  check(): void;
}

/** Gathers errors of nodes, of which there are none yet. `fault` says what nodes with errors do: `pass no gradient on`. */
export function refusals(fault: string): Refusals {
  const refused = new Map<Node, LimnError>();
  return {
    attempt(node, work) {
      const error = refusalOf(work);
      if (error && !refused.has(node)) refused.set(node, error);
      return error === undefined;
    },
    check() {
      const errors = [...refused.values()];
      const [first, second] = errors;
      if (!first) return;
      if (!second) throw first;
      const isOneReason = distinct(errors.map(({ what }) => what)).length === 1;
      const { told } = toldByKind([...refused], {
        kind: ([node, { what }]) => `${operatorTitle(node)}${isOneReason ? '' : `: ${what}`}`,
        place: ([{ name }]) => quoted(name),
        noun: 'node',
      });
      const reason = isOneReason ? `, ${first.what}` : '';
      const fix = errors.find((error) => error.fix !== undefined)?.parts[2];
      const what = `${count(errors.length)} nodes ${fault}${reason}: ${told}`;
      throw new LimnError('the network', what, fix, { kind: first.kind });
    },
  };
}
