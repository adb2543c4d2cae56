import { countOf, type Graph } from '../graph/index.ts';
import { type Inference, Site } from './site.ts';
import { operatorOf } from './table.ts';

/** What a node costs. */
export interface Cost {
  /** Trained numbers: elements of its float constants of more than one element. */
  readonly parameters: number;
  /** Products that are added up, per image: those of convolutions and of dense layers. */
  readonly multiplyAdds: number;
}

/** The cost of every node of a graph, by name; a constant that several nodes share counts at the first. */
export function costs(graph: Graph, known: Inference): Map<string, Cost> {
  const counted = new Set<string>();
  return new Map(
    graph.nodes.map((node) => {
      let parameters = 0;
      for (const input of node.inputs) {
        const constant = graph.constants.get(input);
        if (constant?.type !== 'float32' || countOf(constant) < 2 || counted.has(input)) continue;
        counted.add(input);
        parameters += countOf(constant);
      }
      const multiplyAdds = operatorOf(node).multiplyAdds?.(new Site(node, known)) ?? 0;
      return [node.name, { parameters, multiplyAdds }];
    }),
  );
}
