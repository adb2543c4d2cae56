import type { Attributes, Node } from '../../graph/graph.ts';
import { int64 } from '../../graph/tensor.ts';
import { intsOf, type Upgrade, type UpgradeSite } from './step.ts';

/**
 * A convolution along one axis within a network of images (ECA-Net's runs over the averages of the channels) as one of
 * height 1. Errors: a network of sounds, and kernels of volumes.
 */
function convolution(node: Node, site: UpgradeSite): Node | readonly Node[] {
  const [x, kernel, ...bias] = node.inputs;
  const rank = site.dims(kernel)?.length ?? 4;
  if (rank === 4) return node;
  if (rank !== 3 || !site.takesImages)
    site.fail(`a convolution of ${rank - 2} dimensions is not supported`, 'limn is for images');
  const axis = site.add(int64([1], [2]));
  const made: Node[] = [];
  const step = (op: string, input: string): string => {
    const output = site.fresh();
    made.push({ op, name: output, inputs: [input, axis], outputs: [output], attributes: {} });
    return output;
  };
  const inputs = [step('Unsqueeze', x), step('Unsqueeze', kernel), ...bias];
  const flat = site.fresh();
  return [
    ...made,
    { ...node, inputs, outputs: [flat], attributes: ofHeightOne(node, site) },
    { op: 'Squeeze', name: site.fresh(), inputs: [flat, axis], outputs: node.outputs, attributes: {} },
  ];
}

/** The attributes with what they say of the new axis: nothing is padded, skipped or spread there. */
function ofHeightOne(node: Node, site: UpgradeSite): Attributes {
  const fills = { kernel_shape: 1, strides: 1, dilations: 1, pads: 0, output_padding: 0, output_shape: 1 };
  const changed = Object.entries(fills).flatMap(([name, fill]) => {
    const along = intsOf(node, name, site);
    // Pads are those of all axes' beginnings, then of their ends.
    return along ? [[name, along.flatMap((n) => [fill, n])] as const] : [];
  });
  return { ...node.attributes, ...Object.fromEntries(changed) };
}

/** Convolutions are those of images. */
export const convolutions: readonly Upgrade[] = [{ ops: ['Conv', 'ConvTranspose'], convert: convolution }];
