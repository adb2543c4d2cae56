import { fail } from '../common/error.ts';
import { type Cotangents, reverse, type Step } from '../gradient/index.ts';
import { type Graph, type GraphBuilder, type Layer, producers } from '../graph/index.ts';
import { type Inference, nonNegativeValues, operatorOf, type Role, type Site } from '../operators/index.ts';
import { inputLayers, layerIndex } from './canonise/layers.ts';
import { type Composite, type Handling, handlingOf } from './composites/composite.ts';
import { handle } from './handlings/handle.ts';
import type { Reference } from './reference.ts';
import type { Account, Bounds, Ledger, Walk } from './walk.ts';

/** What relevance propagation needs to know of a graph. */
export interface Propagation {
  readonly graph: Graph;
  readonly known: Inference;
  /** Relevance to start with, by value. */
  readonly seeds: ReadonlyMap<string, string>;
  /** The values whose relevance is wanted. */
  readonly wanted: readonly string[];
  readonly composite: Composite;
  /** The network's own layer list, which "up to layer k" counts; the graph's own order unless given. */
  readonly layers?: readonly Layer[] | undefined;
  /** For the box rule. */
  readonly bounds?: Bounds | undefined;
  /** For rules that compare. */
  readonly reference?: Reference | undefined;
  /** Filled with what each node received, passed on and lost. */
  readonly ledger?: Ledger | undefined;
  /** Filled with what was done at each node that relevance passed, from the seeds down. */
  readonly log?: Map<string, Applied> | undefined;
}

/** What was done at a node. */
export interface Applied {
  /** The ONNX operator type. */
  readonly op: string;
  /** The role; for linear operations their kind: `convolution`, `dense`, `average`, `affine`. */
  readonly kind: string;
  readonly handling: Handling;
}

/** Adds to the builder the nodes that carry relevance from the seeds back to the wanted values. Errors: nodes that it cannot pass, all of them. */
export function propagate(b: GraphBuilder, p: Propagation): Cotangents {
  const walk: Walk = {
    graph: p.graph,
    known: p.known,
    producers: producers(p.graph),
    nonNegative: nonNegativeValues(p.graph, p.known),
    bounds: p.bounds,
    reference: p.reference,
    narrow: new Map(),
  };
  const indexOf = layerIndex(p.graph, p.layers);
  const { first, raw } = inputLayers(p.graph, p.known);
  const step: Step = (site, arrived, input) => {
    const { node } = site;
    const role = operatorOf(node).role(site);
    const handling = handlingOf(p.composite, {
      site,
      role,
      index: indexOf(node),
      first: first.has(node.name),
      raw: raw.has(node.name),
    });
    // Weights that are computed are taken as they are by rules; they have a derivative of their own.
    const isDerived = handling === 'gradient' || handling === 'rescale';
    if (role.kind === 'linear' && input !== role.map.input && !isDerived) return undefined;
    p.log?.set(node.name, { op: node.op, kind: kindOf(role), handling });
    const account = p.ledger && accountOf(p.ledger, node.name, arrived);
    const passed =
      handling === 'gradient'
        ? operatorOf(node).vjp(b, site, arrived, input)
        : handle(b, { site, role, relevance: firstOf(site, arrived), input, walk, account }, handling);
    if (account && passed !== undefined) {
      account.passed.push(passed);
      // What is put around the input takes relevance as the padding of a convolution does.
      if (role.kind === 'movement' && role.pads)
        account.padding.push(...account.received, b.op('Neg', [passed]));
    }
    return passed;
  };
  return reverse(b, { ...p, step, what: 'relevance' });
}

const kindOf = (role: Role): string => (role.kind === 'linear' ? role.map.kind : role.kind);

function firstOf(site: Site, [relevance]: readonly (string | undefined)[]): string {
  return relevance ?? fail(site.where, 'relevance arrives at another than its first output');
}

function accountOf(ledger: Ledger, node: string, arrived: readonly (string | undefined)[]): Account {
  const known = ledger.get(node);
  if (known) return known;
  const received = arrived.filter((value) => value !== undefined);
  const account: Account = { received, passed: [], bias: [], stabiliser: [], padding: [] };
  ledger.set(node, account);
  return account;
}
