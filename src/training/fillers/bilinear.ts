import { fail } from '../../common/error.ts';

/**
 * Weights of a deconvolution that enlarges by bilinear interpolation (Long et al. 2015), the same for all channels, as
 * Caffe computes them. Errors: a shape that is not four axes with a square kernel.
 */
export function fillBilinear(out: Float32Array, shape: readonly number[], where: string): void {
  const [, , height, width] = shape;
  if (shape.length !== 4 || height !== width) {
    fail(where, `a bilinear filler needs four axes and a square kernel, this is [${shape}]`);
  }
  const half = Math.ceil(width / 2);
  const centre = (width - 1) / (2 * half);
  const at = (place: number) => 1 - Math.abs(place / half - centre);
  for (let i = 0; i < out.length; i++) {
    out[i] = at(i % width) * at(Math.floor(i / width) % width);
  }
}
