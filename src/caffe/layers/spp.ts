import { create } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { PoolingParameterSchema, SPPParameter_PoolMethod } from '../generated/caffe_pb.ts';
import type { Converter } from './converter.ts';
import { failStochastic, windowed } from './pooling.ts';
import { imageDims } from './spatial.ts';

/**
 * Pooling in a pyramid (He et al. 2014): level i divides the image into 2ⁱ×2ⁱ windows, and the results of all levels
 * stand behind each other, N×C·Σ4ⁱ. A pyramid of one level is that pooling alone, N×C×1×1.
 */
export const spp: Converter = (c) => {
  const p = c.layer.sppParam ?? fail(c.where, 'spp_param is missing');
  if (p.pool === SPPParameter_PoolMethod.STOCHASTIC) failStochastic(c.where);
  if (p.pyramidHeight < 1) fail(c.where, 'pyramid_height is missing', 'say how many levels there are');
  const [, ...extent] = imageDims(c.where, c.bottoms[0]);
  const level = (i: number) => {
    const bins = 2 ** i;
    const kernel = extent.map((size) => Math.ceil(size / bins));
    const pad = kernel.map((side, axis) => Math.ceil((side * bins - extent[axis]) / 2));
    if (pad.some((cells, axis) => cells >= kernel[axis])) {
      const what = `${extent.join('×')} pixels are too few for ${bins}×${bins} windows`;
      fail(c.where, what, `write pyramid_height: ${i}`);
    }
    const [kernelH, kernelW] = kernel;
    const [padH, padW] = pad;
    const windows = { kernelH, kernelW, strideH: kernelH, strideW: kernelW, padH, padW };
    const max = p.pool === SPPParameter_PoolMethod.MAX;
    return windowed(c, create(PoolingParameterSchema, windows), max, `${i}`);
  };
  if (p.pyramidHeight === 1) {
    const { op, inputs, attributes } = level(0);
    return c.result(op, inputs, attributes);
  }
  const levels = Array.from({ length: p.pyramidHeight }, (_, i) => {
    const { op, inputs, attributes } = level(i);
    const pooled = c.step(`level${i}`, op, inputs, attributes).value;
    return c.step(`flat${i}`, 'Flatten', [pooled], { axis: 1 }).value;
  });
  c.result('Concat', levels, { axis: 1 });
};
