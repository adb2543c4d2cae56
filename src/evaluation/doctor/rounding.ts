import { LimnError } from '../../common/error.ts';
import type { Graph, Node, Shape } from '../../graph/index.ts';
import { findOperator, infer } from '../../operators/index.ts';

const rounds = (node: Node): boolean => findOperator(node)?.roundsWindows === true;

/** A graph whose pooling layers round the number of their windows the other way. */
export interface OtherRounding {
  readonly graph: Graph;
  /** How they round in it. */
  readonly rounds: 'up' | 'down';
  /** The layers whose output has another size so. */
  readonly layers: readonly string[];
  /** Why the graph cannot be right as it is: its shapes do not fit. */
  readonly misfit?: string;
}

/**
 * Caffe rounds the number of pooling windows up, most others down; whoever translates a network may miss it. Returns
 * the graph with the other rounding if its shapes fit and differ. Undefined where no layer leaves the choice, or where
 * an operator is not known.
 */
export function otherRounding(graph: Graph): OtherRounding | undefined {
  const layers = graph.nodes.filter(rounds);
  const up = layers.some(({ attributes }) => attributes.ceil_mode === 1);
  const other: Graph = {
    ...graph,
    nodes: graph.nodes.map((node) =>
      rounds(node) ? { ...node, attributes: { ...node.attributes, ceil_mode: up ? 0 : 1 } } : node,
    ),
    outputs: graph.outputs,
  };
  const shapes = shapesOf(other);
  if (layers.length === 0 || 'misfit' in shapes) return undefined;
  const known = shapesOf(graph);
  const sizeOf = (found: ReadonlyMap<string, Shape>, value: string) => String(found.get(value));
  if ('misfit' in known) {
    const names = layers.map(({ name }) => name);
    return { graph: other, rounds: up ? 'down' : 'up', layers: names, misfit: known.misfit };
  }
  const changed = layers.filter(
    ({ outputs: [value] }) => sizeOf(shapes.found, value) !== sizeOf(known.found, value),
  );
  return changed.length === 0
    ? undefined
    : { graph: other, rounds: up ? 'down' : 'up', layers: changed.map(({ name }) => name) };
}

function shapesOf(graph: Graph): { found: ReadonlyMap<string, Shape> } | { misfit: string } {
  try {
    return { found: infer(graph).shapes };
  } catch (error) {
    if (error instanceof LimnError) return { misfit: error.message };
    throw error;
  }
}
