import type { Node } from '../../graph/graph.ts';
import { float32 } from '../../graph/tensor.ts';
import { intsOf, type Site, type Step, without } from './step.ts';

/** Upsample, which Resize replaced in 10: it reads where the output pixel's index divided by the scale points. */
function upsample(node: Node, site: Site): Node {
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
    inputs: [node.inputs[0]!, '', scales],
    attributes: {
      mode: mode === 'bilinear' ? 'linear' : mode,
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    },
  };
}

function resize(node: Node, site: Site): Node {
  if (node.attributes.coordinate_transformation_mode === 'half_pixel_symmetric') {
    site.fail("coordinates 'half_pixel_symmetric' are not supported");
  }
  return node;
}

/** Dilated averages came with 19. */
function averagePool(node: Node, site: Site): Node {
  if (intsOf(node, 'dilations', site)?.some((n) => n !== 1))
    site.fail('dilated average pooling is not supported');
  return { ...node, attributes: without(node.attributes, 'dilations') };
}

function cast(node: Node): Node {
  return { ...node, attributes: without(node.attributes, 'saturate', 'round_mode') };
}

export const resampling: readonly Step[] = [
  { ops: ['Upsample'], before: 10, convert: upsample },
  { ops: ['Resize'], since: 19, convert: resize },
  { ops: ['AveragePool'], since: 19, convert: averagePool },
  { ops: ['Cast'], since: 19, convert: cast },
];
