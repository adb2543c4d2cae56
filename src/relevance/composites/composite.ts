import { fail } from '../../common/error.ts';
import { distinct } from '../../common/groups.ts';
import { quoted } from '../../common/quoted.ts';
import type { Graph } from '../../graph/index.ts';
import type { Role, Site } from '../../operators/index.ts';
import type { Rule } from '../rules/rule.ts';

/**
 * What happens at a node: a rule for linear operations and sums, or the name of what is done at the others.
 * - `gradient`: the VJP; `pass`: relevance goes on unchanged (where shapes allow).
 * - activations: `guided` (the VJP clipped at 0), `deconvnet` (relevance clipped at 0, whatever the input was).
 * - maxima: `winner` takes all; `soft-winner` shares with what nearly won; max pooling also `proportional` to the activations.
 * - sums, average pooling: `proportional` to what each adds; average pooling also `average-original`.
 * - LRN: `lrn-taylor` (conserving), `lrn-original`, `pass`.
 * - products: `signal` gives all to the operand that is not a gate, `uniform` half to each.
 * - softmax inside a network: `softmax-taylor`, its Taylor expansion at the input; what is left over is its bias.
 * - standardisations: `fixed-scale`, the ε-rule where what they divide by is taken for a constant.
 * - anything: `rescale`, the mean of its derivative between a reference and the input.
 */
export type Handling =
  | Rule
  | 'gradient'
  | 'pass'
  | 'guided'
  | 'deconvnet'
  | 'winner'
  | 'soft-winner'
  | 'proportional'
  | 'average-original'
  | 'lrn-taylor'
  | 'lrn-original'
  | 'signal'
  | 'uniform'
  | 'softmax-taylor'
  | 'fixed-scale'
  | 'rescale';

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
  /** Only nodes that see nothing but the input, before and beside its first linear layers. */
  readonly raw?: boolean;
}

/** Which nodes, and what is done at them. */
export interface CompositeEntry {
  readonly match: Match;
  readonly handling: Handling;
}

/** An ordered list; the first entry that matches a node decides. Entries with rules match linear operations and sums only. */
export interface Composite {
  readonly name: string;
  readonly entries: readonly CompositeEntry[];
  /**
   * Whether a scale and shift before a rectifier are merged into the layer behind it, and the rectifier gets a threshold for each
   * channel (Pahde et al. 2022). Then z⁺ keeps several times as much of a DenseNet's score; γ keeps less, and ε explodes at cells
   * that lie below the threshold, of which the shift alone makes zero.
   */
  readonly thresholds?: boolean;
  /** Whether it computes what the original Caffe code does or what the papers say; the latter unless given. */
  readonly variant?: Variant;
}

/**
 * Whether the original implementation is followed where it departs from the papers (`faithful`), or the papers
 * (`corrected`).
 */
export type Variant = 'faithful' | 'corrected';

/** The activations that guided backprop and deconvnet are about: zero, or nearly, on one side. */
export const rectifiers: readonly string[] = ['Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Clip'];

/** A node with what entries can ask of it. */
export interface Candidate {
  readonly site: Site;
  readonly role: Role;
  /** The node's index in the network's own layer list. */
  readonly index: number;
  readonly first: boolean;
  readonly raw: boolean;
}

/** What a composite does at a node. Errors: no entry matches. */
export function handlingOf(composite: Composite, candidate: Candidate): Handling {
  const entry = composite.entries.find(
    ({ match, handling }) =>
      (typeof handling === 'string' || takesRules(candidate.role)) && matches(match, candidate),
  );
  return (
    entry?.handling ??
    fail(
      candidate.site.where,
      `no entry of composite '${composite.name}' matches`,
      'add an entry for it, or one for all: {}',
    )
  );
}

const takesRules = ({ kind }: Role): boolean => kind === 'linear' || kind === 'sum';

function matches(match: Match, { site, role, index, first, raw }: Candidate): boolean {
  const one = (wanted: string | readonly string[] | undefined, is: string) =>
    wanted === undefined || (typeof wanted === 'string' ? wanted === is : wanted.includes(is));
  if (!one(match.role, role.kind) || !one(match.op, site.node.op)) return false;
  if (match.linear !== undefined && !(role.kind === 'linear' && one(match.linear, role.map.kind)))
    return false;
  if (match.first !== undefined && match.first !== first) return false;
  if (match.raw !== undefined && match.raw !== raw) return false;
  if (match.from !== undefined && index < match.from) return false;
  if (match.upTo !== undefined && index > match.upTo) return false;
  if (match.name === undefined) return true;
  return [match.name].flat().some((pattern) => glob(pattern).test(site.node.name));
}

/** Errors: entries name layers that the graph does not have, all of these names. */
export function checkNames({ name, entries }: Composite, graph: Graph): void {
  const patterns = distinct(entries.flatMap(({ match }) => match.name ?? []));
  const missing = patterns.filter((pattern) => {
    const wanted = glob(pattern);
    return !graph.nodes.some((node) => wanted.test(node.name));
  });
  if (missing.length > 0)
    fail(
      `composite '${name}'`,
      `no layer is named ${missing.slice(0, mostMissing).map(quoted).join(' or ')}`,
      'limn inspect lists the layers',
    );
}

/** So many names that are missing are told. */
const mostMissing = 12;

function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}

/** The name of what is done, as people read it. */
export const handlingName = (handling: Handling): string =>
  typeof handling === 'string' ? handling : handling.name;
