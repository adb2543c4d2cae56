import type { Graph, Head, Model, Node, ValueInfo } from '../graph/index.ts';
import { headOf, scoresBelow } from './scores.ts';

/** The names that inputs and outputs of explanation graphs have, which a network's own values may have, too. */
const own =
  /^(scores|relevance|target|explained|maps|(relevance|mask|channel [a-z ]+|reference|received|passed|bias|stabiliser|padding):.*)$/;

/**
 * The model with values that are called as limn calls its own under the name `network:NAME`, so that an explanation can
 * have both. Scores that are called `scores` keep the name: it is theirs. Returns the head with its output's new name.
 */
export function withFreeNames(model: Model, head?: string): { readonly model: Model; readonly head: Head } {
  const chosen = headOf(model, head);
  const scores = scoresBelow(model.graph, chosen.output);
  const rename = (value: string) =>
    own.test(value) && !(value === 'scores' && value === scores) ? `network:${value}` : value;
  const graph = renamed(model.graph, rename);
  if (graph === model.graph) return { model, head: chosen };
  const named = (each: Head): Head => ({ ...each, output: rename(each.output) });
  return {
    model: { graph, info: { ...model.info, heads: model.info.heads.map(named) } },
    head: named(chosen),
  };
}

/** The same graph with other names of values; the graph itself where none changes. */
function renamed(graph: Graph, rename: (value: string) => string): Graph {
  const values = [
    ...graph.inputs.map(({ name }) => name),
    ...graph.constants.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ];
  if (values.every((value) => rename(value) === value)) return graph;
  const info = (value: ValueInfo): ValueInfo => ({ ...value, name: rename(value.name) });
  const node = (each: Node): Node => ({
    ...each,
    inputs: each.inputs.map(rename),
    outputs: each.outputs.map(rename),
  });
  return {
    ...graph,
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
    nodes: graph.nodes.map(node),
    constants: new Map([...graph.constants].map(([name, constant]) => [rename(name), constant])),
  };
}
