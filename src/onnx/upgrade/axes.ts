import type { Node } from '../../graph/graph.ts';
import { int64 } from '../../graph/tensor.ts';
import { intsOf, type Upgrade, type UpgradeSite, withoutAttributes } from './step.ts';

/** Axes that were an attribute became the second input. */
function axesToInput(node: Node, site: UpgradeSite): Node {
  const axes = intsOf(node, 'axes', site);
  if (!axes) return node;
  const inputs = [node.inputs[0], site.add(int64([axes.length], axes))];
  return { ...node, inputs, attributes: withoutAttributes(node.attributes, 'axes') };
}

/** Squeeze, Unsqueeze and sums since 13, the other reductions since 18. */
export const axes: readonly Upgrade[] = [
  { ops: ['Squeeze', 'Unsqueeze', 'ReduceSum'], before: 13, convert: axesToInput },
  {
    ops: [
      'ReduceMean',
      'ReduceMax',
      'ReduceMin',
      'ReduceProd',
      'ReduceL1',
      'ReduceL2',
      'ReduceLogSum',
      'ReduceLogSumExp',
      'ReduceSumSquare',
    ],
    before: 18,
    convert: axesToInput,
  },
];
