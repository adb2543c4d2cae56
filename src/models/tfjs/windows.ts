import type { Attributes } from '../../graph/index.ts';

export type Padding = 'same' | 'valid' | readonly (readonly [before: number, after: number])[];

/** How a convolution or pooling goes over an image. */
export interface TfWindow {
  readonly strides: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly padding: Padding;
}

/**
 * Over an image of height×width, windows of a size as ONNX writes them, and the height and width that come out, which is below
 * 1 where they do not fit. `same` makes ⌈length / stride⌉, more of the padding behind than before.
 */
export function windowsOver(
  image: readonly [number, number],
  size: readonly [number, number],
  { strides, dilations = [1, 1], padding }: TfWindow,
): { readonly attributes: Attributes; readonly spatial: readonly number[] } {
  const axes = [0, 1].map((i) => {
    const reach = (size[i] - 1) * dilations[i] + 1;
    const [before, after] = padsOf(padding, i, image[i], reach, strides[i]);
    return { before, after, length: Math.floor((image[i] + before + after - reach) / strides[i]) + 1 };
  });
  const pads = [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)];
  const attributes: Attributes = {
    strides: [...strides],
    ...(dilations.some((n) => n !== 1) && { dilations: [...dilations] }),
    ...(pads.some((n) => n !== 0) && { pads }),
  };
  return { attributes, spatial: axes.map(({ length }) => length) };
}

function padsOf(
  padding: Padding,
  axis: number,
  length: number,
  reach: number,
  stride: number,
): readonly [number, number] {
  if (padding === 'valid') return [0, 0];
  if (padding !== 'same') return padding[axis] ?? [0, 0];
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}
