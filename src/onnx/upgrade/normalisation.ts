import type { Node } from '../../graph/graph.ts';
import { float32, numbers } from '../../graph/tensor.ts';
import { intOf, type Upgrade, type UpgradeSite, unusedOutputsDropped, withoutAttributes } from './step.ts';

/** Scale and bias were one per group before 21. */
function perGroup(node: Node, site: UpgradeSite): Node {
  const channels = site.dims(node.inputs[0])?.[1] ?? site.fail('the number of channels is not known');
  const groups = intOf(node, 'num_groups', 1, site);
  const repeated = (input: string | undefined): string => {
    const values = site.constant(input) ?? site.fail('its scale and bias must be constants');
    if (values.data.length === channels) return input!;
    const each = numbers(values).flatMap((value) => Array.from({ length: channels / groups }, () => value));
    return site.add(float32([each.length], each));
  };
  return { ...node, inputs: [node.inputs[0], repeated(node.inputs[1]), repeated(node.inputs[2])] };
}

/** The type of intermediate results is float32 here always. */
const stash = (node: Node): Node => ({
  ...node,
  attributes: withoutAttributes(node.attributes, 'stash_type'),
});

/** Normalisation by statistics: parameters as they are since 21, and no outputs but the first. */
export const normalisation: readonly Upgrade[] = [
  { ops: ['GroupNormalization'], before: 21, convert: perGroup },
  {
    ops: ['LayerNormalization', 'RMSNormalization', 'GroupNormalization'],
    convert: (node, site) => stash(unusedOutputsDropped(node, site)),
  },
  { ops: ['MaxPool'], convert: unusedOutputsDropped },
];
