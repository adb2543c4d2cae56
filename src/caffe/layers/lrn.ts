import { create } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { float } from '../../graph/index.ts';
import { LRNParameter_NormRegion, LRNParameterSchema } from '../generated/caffe_pb.ts';
import type { Conversion, Converter } from './converter.ts';
import { imageDims } from './spatial.ts';

/** y = x · (k + alpha/size · Σ x²)^(−beta); within a channel, the sum is over a square of pixels, and k is 1. */
export const lrn: Converter = (c) => {
  const p = c.layer.lrnParam ?? create(LRNParameterSchema);
  if (p.localSize % 2 === 0) fail(c.where, `local_size ${p.localSize} must be odd`);
  if (p.normRegion === LRNParameter_NormRegion.WITHIN_CHANNEL) {
    return withinChannel(c, p.localSize, p.alpha, p.beta);
  }
  c.result('LRN', [c.bottoms[0].value], {
    size: p.localSize,
    alpha: float(p.alpha),
    beta: float(p.beta),
    bias: float(p.k),
  });
};

/** As Caffe computes it: x·(1 + alpha·the window's average of x²)^(−beta), padding counted in the average. */
function withinChannel(c: Conversion, size: number, alpha: number, beta: number): void {
  imageDims(c.where, c.bottoms[0]);
  const x = c.bottoms[0].value;
  const pad = (size - 1) / 2;
  const square = c.step('square', 'Mul', [x, x]);
  const average = c.step('average', 'AveragePool', [square.value], {
    kernel_shape: [size, size],
    pads: [pad, pad, pad, pad],
    count_include_pad: 1,
  });
  const weighted = c.step('weighted', 'Mul', [average.value, c.scalar('alpha', alpha)]);
  const scale = c.step('scale', 'Add', [weighted.value, c.scalar('one', 1)]);
  const power = c.step('power', 'Pow', [scale.value, c.scalar('exponent', -beta)]);
  c.result('Mul', [x, power.value]);
}
