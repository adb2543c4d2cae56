import type { Node } from '../../graph/graph.ts';
import { float32, int64, numbers } from '../../graph/tensor.ts';
import { intsOf, type Upgrade, type UpgradeSite } from './step.ts';

/**
 * Windows N×(C·k)×L put into one picture and added up where they overlap (PyTorch's `fold`), as the transposed convolution by single
 * ones that it is: rules treat it as a layer. Errors: a size that is not fixed, or that the windows do not fit.
 */
function col2Im(node: Node, site: UpgradeSite): readonly Node[] {
  const [x = '', picture, block] = node.inputs;
  const listOf = (value: string | undefined, what: string): number[] => {
    const list = site.constant(value);
    return list ? [...numbers(list)] : site.fail(`its ${what} is not fixed`, 'export with a fixed size');
  };
  const size = listOf(picture, 'picture size');
  const kernel = listOf(block, 'window');
  const ones = kernel.map(() => 1);
  const dilations = intsOf(node, 'dilations', site) ?? ones;
  const strides = intsOf(node, 'strides', site) ?? ones;
  const pads = intsOf(node, 'pads', site) ?? [...ones, ...ones].map(() => 0);
  const dims = site.dims(x);
  const window = kernel.reduce((product, k) => product * k, 1);
  if (dims?.length !== 3 || dims[1] === undefined || dims[1] % window !== 0)
    return site.fail(`${dims ? `[${dims.join()}]` : 'its input'} is no list of windows of ${window} cells`);
  const room = size.map((n, i) => n + pads[i] + pads[i + size.length] - (kernel[i] - 1) * dilations[i] - 1);
  const counts = room.map((n, i) => Math.floor(n / strides[i]) + 1);
  const count = counts.reduce((product, n) => product * n, 1);
  if (dims[2] !== undefined && dims[2] !== count)
    return site.fail(`${dims[2]} windows, where a picture of ${size.join('×')} has ${count}`);
  const channels = dims[1] / window;
  const cells = Float32Array.from({ length: channels * window * window }, (_, i) =>
    Math.floor(i / window) % window === i % window ? 1 : 0,
  );
  const grid = site.fresh();
  return [
    {
      ...node,
      name: grid,
      op: 'Reshape',
      inputs: [x, site.add(int64([2 + counts.length], [0, dims[1], ...counts]))],
      outputs: [grid],
      attributes: {},
    },
    {
      ...node,
      op: 'ConvTranspose',
      inputs: [grid, site.add(float32([channels * window, 1, ...kernel], cells))],
      attributes: {
        ...{ group: channels, kernel_shape: kernel, strides, dilations, pads },
        output_padding: room.map((n, i) => n - (counts[i] - 1) * strides[i]),
      },
    },
  ];
}

export const columns: readonly Upgrade[] = [{ ops: ['Col2Im'], convert: col2Im }];
