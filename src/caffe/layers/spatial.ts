import { fail } from '../../common/error.ts';
import type { Blob } from './converter.ts';

/** Height and width of a kernel-like parameter: `x`, or `x_h` and `x_w`, or what is the case without. */
export function heightWidth(
  where: string,
  name: string,
  both: readonly number[],
  height: number | undefined,
  width: number | undefined,
  otherwise?: number,
): [number, number] {
  if (height !== undefined && width !== undefined) return [height, width];
  const [h, w = h] = both;
  if (h !== undefined) return [height ?? h, width ?? w];
  return otherwise === undefined ? fail(where, `${name} is missing`) : [height ?? otherwise, width ?? otherwise];
}

/** The channels, height and width of an image-like blob N×C×H×W. */
export function imageDims(where: string, { value, shape }: Blob): [number, number, number] {
  const [c, h, w] = shape.slice(1);
  if (shape.length !== 4 || typeof c !== 'number' || typeof h !== 'number' || typeof w !== 'number') {
    return fail(where, `the blob '${value}' [${shape}] must be N×C×H×W of a fixed size`);
  }
  return [c, h, w];
}
