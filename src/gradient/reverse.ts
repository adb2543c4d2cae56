import type { Graph, GraphBuilder } from '../graph/index.ts';
import { type Inference, refusals, Site } from '../operators/index.ts';
import { addCotangents } from './sum.ts';

/**
 * What one node does on the way back: from the cotangents of its outputs (undefined where none arrived) to that of
 * one of its inputs; undefined where nothing flows. An operator's VJP is one such step, a relevance rule another.
 */
export type Step = (
  site: Site,
  cotangents: readonly (string | undefined)[],
  input: number,
) => string | undefined;

/** What reverse mode needs to know of a graph. */
export interface Reverse {
  /** The graph that is walked; its nodes must be in the builder already. */
  readonly graph: Graph;
  readonly known: Inference;
  /** Cotangents to start with, by value. */
  readonly seeds: ReadonlyMap<string, string>;
  /** The values whose cotangents are wanted; branches that do not lead to one are left alone. */
  readonly wanted: readonly string[];
  readonly step: Step;
  /** What is carried back, in errors. */
  readonly what: 'gradient' | 'relevance';
}

/** What reverse mode found: names of the builder's values that hold cotangents. */
export interface Cotangents {
  /** By value: the sum over its consumers. */
  readonly values: ReadonlyMap<string, string>;
  /** By node name and input index: what this one consumer passed back. */
  readonly edges: ReadonlyMap<string, readonly (string | undefined)[]>;
}

/**
 * Reverse mode: walks a graph from the seeds back to the wanted values, asking `step` at every node, and adds up
 * what arrives where a value has several consumers. Errors: those of `step`, of all nodes at once.
 */
export function reverse(b: GraphBuilder, { graph, known, seeds, wanted, step, what }: Reverse): Cotangents {
  const leads = reachable(graph, wanted);
  const values = new Map(seeds);
  const edges = new Map<string, (string | undefined)[]>();
  const refused = refusals(`pass no ${what} on`);
  for (const node of [...graph.nodes].reverse()) {
    const arrived = node.outputs.map((output) => values.get(output));
    if (arrived.every((cotangent) => cotangent === undefined)) continue;
    const site = new Site(node, known);
    b.scope(node.name);
    const passed = node.inputs.map((input, i) => {
      if (!leads.has(input)) return undefined;
      // Beyond a node that nothing can pass, the input itself, of the right shape, goes on to find all others.
      let cotangent: string | undefined = input;
      refused.attempt(node, () => {
        cotangent = step(site, arrived, i);
      });
      return cotangent;
    });
    edges.set(node.name, passed);
    node.inputs.forEach((input, i) => {
      const [cotangent, other] = [passed[i], values.get(input)];
      if (cotangent === undefined) return;
      values.set(input, other === undefined ? cotangent : addCotangents(b, input, other, cotangent));
    });
  }
  refused.check();
  return { values, edges };
}

/** The values that depend on one of `sources`, those included. */
function reachable(graph: Graph, sources: readonly string[]): Set<string> {
  const found = new Set(sources);
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => found.has(input))) for (const output of node.outputs) found.add(output);
  }
  return found;
}
