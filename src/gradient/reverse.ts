import type { Graph, GraphBuilder } from '../graph/index.ts';
import { type Inference, Site } from '../operators/index.ts';

/**
 * What one node does on the way back: from the cotangents of its outputs (undefined where none arrived) to that of
 * one of its inputs; undefined where nothing flows. An operator's VJP is one such step, a relevance rule another.
 */
export type Step = (site: Site, cotangents: readonly (string | undefined)[], input: number) => string | undefined;

export interface Reverse {
  /** The graph that is walked; its nodes must be in the builder already. */
  readonly graph: Graph;
  readonly known: Inference;
  /** Cotangents to start with, by value. */
  readonly seeds: ReadonlyMap<string, string>;
  /** The values whose cotangents are wanted; branches that do not lead to one are left alone. */
  readonly wanted: readonly string[];
  readonly step: Step;
}

/**
 * Reverse mode: walks a graph from the seeds back to the wanted values, asking `step` at every node, and adds up
 * what arrives where a value has several consumers. Returns the cotangent of every value that was passed.
 */
export function reverse(b: GraphBuilder, { graph, known, seeds, wanted, step }: Reverse): Map<string, string> {
  const leads = reachable(graph, wanted);
  const cotangents = new Map(seeds);
  for (const node of [...graph.nodes].reverse()) {
    const arrived = node.outputs.map((output) => cotangents.get(output));
    if (arrived.every((cotangent) => cotangent === undefined)) continue;
    const site = new Site(node, known);
    b.scope(node.name);
    node.inputs.forEach((input, i) => {
      if (!leads.has(input)) return;
      const cotangent = step(site, arrived, i);
      if (cotangent === undefined) return;
      const other = cotangents.get(input);
      cotangents.set(input, other === undefined ? cotangent : b.op('Add', [other, cotangent]));
    });
  }
  return cotangents;
}

/** The values that depend on one of `sources`, those included. */
function reachable(graph: Graph, sources: readonly string[]): Set<string> {
  const found = new Set(sources);
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => found.has(input))) for (const output of node.outputs) found.add(output);
  }
  return found;
}
