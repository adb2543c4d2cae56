import type { Node } from '../../graph/graph.ts';
import { float32 } from '../../graph/tensor.ts';
import { codeOf } from '../element.ts';
import { intsOf, type Upgrade, type UpgradeSite, withoutAttributes } from './step.ts';

/** Upsample, which Resize replaced in 10: it reads where the output pixel's index divided by the scale points. */
function upsample(node: Node, site: UpgradeSite): Node {
  const listed = node.attributes.scales;
  const scales =
    listed === undefined
      ? (node.inputs[1] ?? site.fail('its scales are missing'))
      : typeof listed === 'object' && 'floats' in listed
        ? site.add(float32([listed.floats.length], listed.floats))
        : site.fail("attribute 'scales' must be a list of floats");
  const mode = node.attributes.mode ?? 'nearest';
  return {
    ...node,
    op: 'Resize',
    inputs: [node.inputs[0], '', scales],
    attributes: {
      mode: mode === 'bilinear' ? 'linear' : mode,
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    },
  };
}

/** In 10, Resize read as Upsample does. */
function resize10(node: Node): Node {
  const mode = node.attributes.mode ?? 'nearest';
  return {
    ...node,
    inputs: [node.inputs[0], '', node.inputs[1] ?? ''],
    attributes: { mode, coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  };
}

/** Dilations of 1 say nothing, and files of before 19 cannot say them. */
function averagePool(node: Node, site: UpgradeSite): Node {
  const dilated = intsOf(node, 'dilations', site)?.some((n) => n !== 1);
  return dilated ? node : { ...node, attributes: withoutAttributes(node.attributes, 'dilations') };
}

/** To the type of another tensor. */
function castLike(node: Node, site: UpgradeSite): Node {
  const type = site.type(node.inputs[1]) ?? site.fail('the type of its second input is not known');
  return { ...node, op: 'Cast', inputs: [node.inputs[0]], attributes: { to: codeOf(type) } };
}

function cast(node: Node): Node {
  return { ...node, attributes: withoutAttributes(node.attributes, 'saturate', 'round_mode') };
}

export const resampling: readonly Upgrade[] = [
  { ops: ['Resize'], before: 11, convert: resize10 },
  { ops: ['AveragePool'], convert: averagePool },
  { ops: ['Upsample'], before: 10, convert: upsample },
  { ops: ['Cast'], since: 19, convert: cast },
  { ops: ['CastLike'], convert: castLike },
];
