import type { Site } from '../site.ts';
import { type BlockedLayout, blockedDomain } from './layout.ts';
import { weightsInBlocks } from './weights.ts';

/**
 * A convolution of values in blocks. Its weights lie in blocks of outputs and of inputs, or, where every channel stays apart
 * or the input has fewer channels than a block (and is taken as it is), of outputs alone.
 */
export function convolutionInBlocks(layout: BlockedLayout, site: Site): boolean {
  const { block, known } = layout;
  const [x, weight, bias] = site.node.inputs;
  const shape = known.shapes.get(weight)!;
  if (shape.length !== 4 || !layout.fixed(weight) || (bias && !layout.fixed(bias))) return false;
  const [outputs, inputs] = shape as number[];
  const groups = site.int('group', 1);
  const isWhole = (channels: number) => channels % block === 0;
  const isApart = inputs === 1 && outputs === groups;
  const isPlain = groups === 1 && inputs < block;
  const fits = isApart || isPlain || (isWhole(inputs) && isWhole(outputs / groups));
  if (!isWhole(outputs) || !fits || (groups > 1 && !layout.fits(x))) return false;
  layout.make(site.node.outputs[0], {
    op: 'Conv',
    domain: blockedDomain,
    inputs: [
      isPlain ? x : layout.blocked(x),
      weightsInBlocks(layout, weight, shape as number[], !isApart && !isPlain),
      ...(bias ? [bias] : []),
    ],
    attributes: { ...site.node.attributes },
  });
  return true;
}
