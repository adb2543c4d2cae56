import { fail } from '../common/error.ts';
import { type Cotangents, reverse, type Step } from '../gradient/index.ts';
import type { Graph, GraphBuilder, Layer, Tensor } from '../graph/index.ts';
import { type Inference, nonNegativeValues, operatorOf, type Site } from '../operators/index.ts';
import { type Composite, type Handling, handlingName, handlingOf } from './composite.ts';
import { firstLayers, layerIndex } from './layers.ts';
import { applyRule } from './linear.ts';
import { lrnTaylor } from './normalisation.ts';
import { averageAsOriginal, maxProportional, proportional, signalTakesAll } from './proportional.ts';
import type { Account, Ledger, Walk } from './walk.ts';

export interface Propagation {
  readonly graph: Graph;
  readonly known: Inference;
  /** Relevance to start with, by value. */
  readonly seeds: ReadonlyMap<string, string>;
  /** The values whose relevance is wanted. */
  readonly wanted: readonly string[];
  readonly composite: Composite;
  /** The network's own layer list, which "up to layer k" counts; the graph's own order unless given. */
  readonly layers?: readonly Layer[];
  /** The network inputs of a black and a white pixel, 1×C×1×1 or 1×C×H×W: for the box rule. */
  readonly bounds?: { readonly low: Tensor<'float32'>; readonly high: Tensor<'float32'> };
  /** Filled with what each node received, passed on and lost. */
  readonly ledger?: Ledger;
  /** Filled with what was done at each node that relevance passed, in order. */
  readonly log?: Map<string, string>;
}

/** Adds to the builder the nodes that carry relevance from the seeds back to the wanted values. */
export function propagate(b: GraphBuilder, p: Propagation): Cotangents {
  const walk: Walk = {
    nonNegative: nonNegativeValues(p.graph, p.known),
    bounds: p.bounds,
    narrow: new Map(),
  };
  const indexOf = layerIndex(p.graph, p.layers);
  const first = firstLayers(p.graph, p.known);
  const step: Step = (site, arrived, input) => {
    const relevance = arrived[0];
    const role = operatorOf(site.node).role(site);
    if (role.kind === 'linear' && input !== role.map.input) return undefined;
    const handling = handlingOf(p.composite, {
      site,
      role,
      index: indexOf(site.node),
      first: first.has(site.node.name),
    });
    p.log?.set(site.node.name, handlingName(handling));
    const account = p.ledger && accountOf(p.ledger, site, handlingName(handling), arrived);
    const passed =
      handling === 'gradient'
        ? operatorOf(site.node).vjp(b, site, arrived, input)
        : handle(
            b,
            site,
            handling,
            relevance ?? fail(site.where, 'no relevance at its first output'),
            input,
            walk,
            account,
          );
    if (passed !== undefined) account?.passed.push(passed);
    return passed;
  };
  return reverse(b, { ...p, step });
}

function handle(
  b: GraphBuilder,
  site: Site,
  handling: Exclude<Handling, 'gradient'>,
  relevance: string,
  input: number,
  walk: Walk,
  account: Account | undefined,
): string | undefined {
  const role = operatorOf(site.node).role(site);
  if (typeof handling === 'object') {
    if (role.kind !== 'linear')
      fail(site.where, `rule '${handling.name}' is for linear operations, this is '${role.kind}'`);
    return applyRule(b, site, role.map, handling, relevance, walk, account);
  }
  switch (handling) {
    case 'pass':
      if (site.shape(input).join() === site.output().join()) return relevance;
      return fail(
        site.where,
        `relevance of shape [${site.output()}] cannot pass unchanged to [${site.shape(input)}]`,
      );
    case 'guided':
      return b.op('Where', [
        b.op('Greater', [site.node.outputs[0], b.scalar(0)]),
        b.op('Relu', [relevance]),
        b.scalar(0),
      ]);
    case 'deconvnet':
      return b.op('Relu', [relevance]);
    case 'winner':
      return operatorOf(site.node).vjp(b, site, [relevance], input);
    case 'proportional':
      return site.node.op === 'MaxPool'
        ? maxProportional(b, site, relevance)
        : proportional(b, site, relevance, input);
    case 'average-original':
      return role.kind === 'linear'
        ? averageAsOriginal(b, site, role.map, relevance)
        : site.fail(`is no average`);
    case 'lrn-taylor':
    case 'lrn-original':
      return lrnTaylor(b, site, relevance, handling === 'lrn-original');
    case 'signal':
      return signalTakesAll(b, site, relevance, input);
  }
}

function accountOf(
  ledger: Ledger,
  site: Site,
  rule: string,
  arrived: readonly (string | undefined)[],
): Account {
  const known = ledger.get(site.node.name);
  if (known) return known;
  const received = arrived.filter((value) => value !== undefined);
  const account: Account = { rule, received, passed: [], bias: [], stabiliser: [] };
  ledger.set(site.node.name, account);
  return account;
}
