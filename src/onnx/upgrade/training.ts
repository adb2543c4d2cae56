import type { Node } from '../../graph/graph.ts';
import { float32 } from '../../graph/tensor.ts';
import {
  firstOutputOnly,
  floatOf,
  intOf,
  type Upgrade,
  type UpgradeSite,
  withoutAttributes,
} from './step.ts';

/** Dropout as at inference, where it does nothing; the ratio is kept for those who train on. */
function dropout(node: Node, site: UpgradeSite): Node {
  const attribute = floatOf(node, 'ratio', site);
  const ratio = attribute === undefined ? (node.inputs[1] ?? '') : site.add(float32([], [attribute]));
  return {
    ...firstOutputOnly(node, site),
    inputs: ratio ? [node.inputs[0], ratio] : [node.inputs[0]],
    attributes: withoutAttributes(node.attributes, 'ratio', 'seed'),
  };
}

function batchNormalization(node: Node, site: UpgradeSite): Node {
  if (intOf(node, 'spatial', 1, site) !== 1)
    site.fail('statistics per element (spatial = 0) are not supported');
  if (intOf(node, 'training_mode', 0, site) !== 0) {
    site.fail('it is in training mode', 'export the model for inference');
  }
  return {
    ...firstOutputOnly(node, site),
    attributes: withoutAttributes(node.attributes, 'spatial', 'training_mode'),
  };
}

/** What differs between training and inference: limn's graphs are for inference. */
export const training: readonly Upgrade[] = [
  { ops: ['Dropout'], convert: dropout },
  { ops: ['BatchNormalization'], convert: batchNormalization },
];
