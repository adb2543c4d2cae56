import { type Graph, type Node, size } from '../graph/index.ts';
import type { Inference } from './site.ts';

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
        if (constant?.type !== 'float32' || constant.data.length < 2 || counted.has(input)) continue;
        counted.add(input);
        parameters += constant.data.length;
      }
      return [node.name, { parameters, multiplyAdds: multiplyAdds(node, known) }];
    }),
  );
}

function multiplyAdds(node: Node, { shapes }: Inference): number {
  const elements = (value: string | undefined): number =>
    size((shapes.get(value ?? '') ?? []).map((dim) => (typeof dim === 'number' ? dim : 1)));
  const kernel = shapes.get(node.inputs[1] ?? '')?.map(Number) ?? [];
  switch (node.op) {
    // Each output is a sum over the input channels of its group and the window.
    case 'Conv':
      return elements(node.outputs[0]) * size(kernel.slice(1));
    // Each input goes into the output channels of its group and the window.
    case 'ConvTranspose':
      return elements(node.inputs[0]) * size(kernel.slice(1));
    case 'Gemm':
      return elements(node.outputs[0]) * kernel[node.attributes.transB === 1 ? 1 : 0]!;
    case 'MatMul':
      return elements(node.outputs[0]) * (kernel.at(-2) ?? kernel[0] ?? 0);
    default:
      return 0;
  }
}
