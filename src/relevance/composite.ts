import { fail } from '../common/error.ts';
import type { Role, Site } from '../operators/index.ts';
import type { Rule } from './rule.ts';

/**
 * What happens at a node: a rule for linear operations, or the name of one for the others.
 * - `gradient`: the VJP; `pass`: relevance goes on unchanged (where shapes allow).
 * - activations: `guided` (clipped at 0 and gated by x > 0), `deconvnet` (clipped at 0).
 * - max pooling: `winner` takes all, or `proportional` to the activations.
 * - sums, average pooling: `proportional`, `average-original`.
 * - LRN: `lrn-taylor` (conserving), `lrn-original`, `pass`.
 * - products: `signal` gives all to the operand that is not a gate.
 */
export type Handling =
  | Rule
  | 'gradient'
  | 'pass'
  | 'guided'
  | 'deconvnet'
  | 'winner'
  | 'proportional'
  | 'average-original'
  | 'lrn-taylor'
  | 'lrn-original'
  | 'signal';

/** Which nodes an entry of a composite is for; every given condition must hold. */
export interface Match {
  readonly role?: Role['kind'] | readonly Role['kind'][];
  /** Kind of linear operation: `convolution`, `dense`, `average`, `affine`. */
  readonly linear?: string | readonly string[];
  /** ONNX operator types. */
  readonly op?: string | readonly string[];
  /** Layer names; `*` stands for any characters. */
  readonly name?: string | readonly string[];
  /** Index in the network's own layer list, both ends included. */
  readonly from?: number;
  readonly upTo?: number;
  /** Only linear layers that see the network's input without another linear layer in between. */
  readonly first?: boolean;
}

export interface Entry {
  readonly match: Match;
  readonly handling: Handling;
}

/** An ordered list; the first entry that matches a node decides. */
export interface Composite {
  readonly name: string;
  readonly entries: readonly Entry[];
}

/** A node with what entries can ask of it. */
export interface Candidate {
  readonly site: Site;
  readonly role: Role;
  /** The node's index in the network's own layer list. */
  readonly index: number;
  readonly first: boolean;
}

/** What a composite does at a node. Errors: no entry matches. */
export function handlingOf(composite: Composite, candidate: Candidate): Handling {
  const entry = composite.entries.find(({ match }) => matches(match, candidate));
  return (
    entry?.handling ??
    fail(candidate.site.where, `no entry of composite '${composite.name}' matches`, 'add one for it')
  );
}

function matches(match: Match, { site, role, index, first }: Candidate): boolean {
  const one = (wanted: string | readonly string[] | undefined, is: string) =>
    wanted === undefined || (typeof wanted === 'string' ? wanted === is : wanted.includes(is));
  if (!one(match.role, role.kind) || !one(match.op, site.node.op)) return false;
  if (match.linear !== undefined && !(role.kind === 'linear' && one(match.linear, role.map.kind)))
    return false;
  if (match.first !== undefined && match.first !== first) return false;
  if (match.from !== undefined && index < match.from) return false;
  if (match.upTo !== undefined && index > match.upTo) return false;
  if (match.name === undefined) return true;
  return [match.name].flat().some((pattern) => glob(pattern).test(site.node.name));
}

function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}

/** The name of what is done, as people read it. */
export const handlingName = (handling: Handling): string =>
  typeof handling === 'string' ? handling : handling.name;
