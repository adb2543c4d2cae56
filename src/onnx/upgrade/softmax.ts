import type { Node } from '../../graph/graph.ts';
import { int64 } from '../../graph/tensor.ts';
import { intOf, type Upgrade, type UpgradeSite } from './step.ts';

/**
 * Before 13, softmax saw its input as a matrix: the axes from `axis` on (1 unless given) were one. With one such
 * axis longer than 1 that is softmax along it; else the matrix has to be made, which needs known dimensions.
 */
function flattening(node: Node, site: UpgradeSite): Node | readonly Node[] {
  const dims = site.dims(node.inputs[0]);
  const axis = intOf(node, 'axis', 1, site);
  const along = (at: number): Node => ({ ...node, attributes: { ...node.attributes, axis: at } });
  if (axis === -1) return along(-1);
  const fix = 'export the model with operator set 13 or later, or with a fixed input size';
  if (!dims)
    return site.fail('what its axis means depends on the rank of its input, which is not known', fix);
  const first = axis < 0 ? axis + dims.length : axis;
  if (!(first >= 0 && first <= dims.length))
    site.fail(`axis ${axis} does not exist in an input of rank ${dims.length}`);
  const long = dims.map((_, i) => i).filter((i) => i >= first && dims[i] !== 1);
  if (long.length <= 1 && dims.length > first) return along(long[0] ?? first);
  const rest = dims
    .slice(first)
    .reduce((p, n) => (p === undefined || n === undefined ? undefined : p * n), 1);
  if (rest === undefined) return site.fail('its axis joins dimensions that are not known', fix);
  const [flat, probabilities] = [site.fresh(), site.fresh()];
  const open = dims.slice(0, first).filter((n) => n === undefined).length;
  if (open > 1) return site.fail('its axis follows dimensions that are not known', fix);
  const shape = dims.map((n) => n ?? -1);
  return [
    {
      op: 'Flatten',
      name: `${node.name}/flatten`,
      inputs: node.inputs,
      outputs: [flat],
      attributes: { axis: first },
    },
    { ...node, inputs: [flat], outputs: [probabilities], attributes: { ...node.attributes, axis: 1 } },
    {
      op: 'Reshape',
      name: `${node.name}/reshape`,
      inputs: [probabilities, site.add(int64([shape.length], shape))],
      outputs: node.outputs,
      attributes: {},
    },
  ];
}

export const softmax: readonly Upgrade[] = [
  { ops: ['Softmax', 'LogSoftmax', 'Hardmax'], before: 13, convert: flattening },
];
