import { size } from '../../graph/index.ts';
import type { Foldable } from '../fold.ts';
import { floatConstant } from '../shaping.ts';
import type { Site } from '../site.ts';

/** A convolution with constant weights taken apart: weights outputs×inputs/g×…, or (its transpose) inputs×outputs/g×…. */
export function foldableConvolution(
  site: Site,
  { transposed, uniform, padding }: { transposed: boolean } & Pick<Foldable, 'uniform' | 'padding'>,
): Foldable | undefined {
  const weight = floatConstant(site, 1);
  if (!weight || (site.has(2) && !site.constant(2))) return undefined;
  const [first, second, ...kernel] = weight.shape;
  const cells = size(kernel);
  const groups = site.int('group', 1);
  const perGroup = first / groups;
  const outer = (i: number) => Math.floor(i / (second * cells));
  // The second axis counts within the group of the first.
  const inner = (i: number) => Math.floor(outer(i) / perGroup) * second + (Math.floor(i / cells) % second);
  const [outputOf, inputOf] = transposed ? [inner, outer] : [outer, inner];
  const [outputs, inputs] = transposed ? [second * groups, first] : [first, second * groups];
  const { op, attributes } = site.node;
  return {
    weight,
    ...(site.has(2) && { bias: site.constants(2) }),
    inputs,
    outputs,
    inputAxis: 1,
    outputAxis: 1,
    inputOf,
    outputOf,
    factor: 1,
    hasFactors: false,
    uniform,
    ...(padding && { padding }),
    rebuild: () => ({ op, attributes }),
  };
}
