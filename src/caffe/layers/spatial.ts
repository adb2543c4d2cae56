import { fail } from '../../common/error.ts';
import type { Blob } from './converter.ts';

/**
 * Height and width of a parameter such as the kernel: given once for both or once each, or as `…_h` and `…_w`.
 * Errors: both ways at once, one of the two only, or neither where there is no default.
 */
export function heightWidth(
  where: string,
  name: string,
  both: readonly number[],
  height: number | undefined,
  width: number | undefined,
  otherwise?: number,
): [number, number] {
  const own = height !== undefined || width !== undefined;
  if (own && both.length > 0) fail(where, `${name} is given for both axes and for one`, 'keep one way');
  if (both.length > 2) fail(where, `${name} has ${both.length} values, an image has two axes`);
  if (own) {
    if (height !== undefined && width !== undefined) return [height, width];
    if (otherwise === undefined) fail(where, `${name}_h and ${name}_w go together`, 'give both');
    return [height ?? otherwise, width ?? otherwise];
  }
  const [h = otherwise, w = h] = both;
  return h === undefined || w === undefined ? fail(where, `${name}_size is missing`) : [h, w];
}

/** Errors: a parameter of which some value is 0. */
export function positive(where: string, parameters: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, values] of Object.entries(parameters)) {
    if (values.some((value) => value < 1)) fail(where, `${name} must be at least 1, got ${values.join('×')}`);
  }
}

/** The channels, height and width of an image-like blob N×C×H×W. */
export function imageDims(where: string, { value, shape }: Blob): [number, number, number] {
  const [c, h, w] = shape.slice(1);
  if (shape.length !== 4 || typeof c !== 'number' || typeof h !== 'number' || typeof w !== 'number') {
    return fail(where, `its bottom '${value}' must have four axes, N×C×H×W, got [${shape}]`);
  }
  return [c, h, w];
}
