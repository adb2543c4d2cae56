import type { Graph, GraphBuilder } from '../graph/index.ts';
import { findOperator } from '../operators/index.ts';

/** The value that an output of a finished graph carries under its own name: what the Identity node stands for. */
export function behind(b: GraphBuilder, output: string): string {
  const node = b.producer(output);
  return node && findOperator(node)?.keeps === 'all' ? node.inputs[0] : output;
}

/**
 * The value in a relevance graph that a layer of the network makes, also where the layer was merged into another. That
 * there is one was checked when the layer's relevance was asked for.
 */
export function layerValue(layer: string, made: Graph, given: Graph): string {
  const node =
    made.nodes.find(({ name }) => name === layer) ?? given.nodes.find(({ name }) => name === layer);
  return node!.outputs[0];
}
