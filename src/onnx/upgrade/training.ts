import type { Attributes, Node } from '../../graph/graph.ts';
import { float32, int64 } from '../../graph/tensor.ts';
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

function batchNormalization(node: Node, site: UpgradeSite): Node | readonly Node[] {
  if (intOf(node, 'spatial', 1, site) !== 1)
    site.fail('statistics per element (spatial = 0) are not supported');
  const plain = {
    ...firstOutputOnly(node, site),
    attributes: withoutAttributes(node.attributes, 'spatial', 'training_mode'),
  };
  return intOf(node, 'training_mode', 0, site) === 0 ? plain : ownStatistics(plain, site);
}

/**
 * Statistics of the values themselves: of weights, which exporters standardise so (weights of one output channel are
 * a "channel" of a "batch" of one), or of a batch that can only be one image. Of a batch of any size, what one image is
 * answered would depend on its neighbours.
 */
function ownStatistics(node: Node, site: UpgradeSite): Node | readonly Node[] {
  const [x, scale, bias] = node.inputs;
  const weights = site.constant(x);
  const dims = site.dims(x);
  if (!weights && dims?.[0] === 1 && dims.length > 2)
    return {
      ...node,
      op: 'InstanceNormalization',
      inputs: [x, scale, bias],
      attributes: withoutAttributes(node.attributes, 'momentum'),
    };
  if (!weights) return site.fail('it is in training mode', 'export the model for inference');
  const made: Node[] = [];
  const step = (op: string, inputs: readonly string[], attributes: Attributes = {}): string => {
    const output = site.fresh();
    made.push({ op, name: output, inputs, outputs: [output], attributes });
    return output;
  };
  const others = weights.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const axes = site.add(int64([others.length], others));
  const mean = (value: string) => step('ReduceMean', [value, axes], { keepdims: 1 });
  const channels = site.add(
    int64(
      [weights.shape.length],
      weights.shape.map((_, axis) => (axis === 1 ? -1 : 1)),
    ),
  );
  const placed = (vector: string) => step('Reshape', [vector, channels]);
  const centred = step('Sub', [x, mean(x)]);
  const epsilon = site.add(float32([], [floatOf(node, 'epsilon', site) ?? 1e-5]));
  const deviation = step('Sqrt', [step('Add', [mean(step('Mul', [centred, centred])), epsilon])]);
  const scaled = step('Mul', [step('Div', [centred, deviation]), placed(scale)]);
  const shift = placed(bias);
  return [...made, { ...node, op: 'Add', inputs: [scaled, shift], attributes: {} }];
}

/** What differs between training and inference: limn's graphs are for inference. */
export const training: readonly Upgrade[] = [
  { ops: ['Dropout'], convert: dropout },
  { ops: ['BatchNormalization'], convert: batchNormalization },
];
