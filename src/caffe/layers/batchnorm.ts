import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { float, float32 } from '../../graph/index.ts';
import { BatchNormParameterSchema } from '../generated/caffe_pb.ts';
import { axisOf, fixedDims } from './axes.ts';
import type { Converter } from './converter.ts';

/**
 * y = (x − mean)/√(variance + eps) per channel. The blobs are running sums of mean and variance and what to divide
 * them by; a divisor of 0 makes both 0, as Caffe does. A scale and a bias are the next layer's (Scale).
 */
export const batchNorm: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const p = c.layer.batchNormParam;
  if (p && isFieldSet(p, BatchNormParameterSchema.field.useGlobalStats) && !p.useGlobalStats) {
    const fix = 'remove use_global_stats: false; the stored statistics are used then';
    fail(c.where, 'statistics of the batch at hand are not supported', fix);
  }
  const channels = fixedDims(c.where, shape, axisOf(c.where, 1, shape.length), 1);
  const [divisor] = c.blob(2, [1]).data;
  const factor = divisor === 0 ? 0 : 1 / divisor;
  const statistic = (i: number, role: string) => {
    const { data } = c.blob(i, channels);
    return c.constant(role, float32(channels, factor === 1 ? data : data.map((v) => v * factor)));
  };
  const filled = (role: string, number: number) =>
    c.constant(role, float32(channels, new Float32Array(channels[0]).fill(number)));
  const statistics = [statistic(0, 'mean'), statistic(1, 'variance')];
  c.result('BatchNormalization', [value, filled('scale', 1), filled('bias', 0), ...statistics], {
    epsilon: float(p?.eps ?? 1e-5),
  });
};
