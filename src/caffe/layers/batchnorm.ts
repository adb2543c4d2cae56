import { create, isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { float, float32 } from '../../graph/index.ts';
import {
  type BatchNormParameter,
  BatchNormParameterSchema,
  BNParameter_BNMode,
  BNParameterSchema,
} from '../generated/caffe_pb.ts';
import { blobAxis, fixedDims } from './axes.ts';
import type { Converter } from './converter.ts';

/**
 * y = (x − mean)/√(variance + eps) per channel. The blobs are running sums of mean and variance and what to divide
 * them by; a divisor of 0 makes both 0, as Caffe does. A scale and a bias are the next layer's (Scale), or, in some
 * forks, its own blobs 3 and 4. The statistics
 * are the stored ones even where the file asks for those of the batch: what a photo is must not depend on others.
 */
export const batchNorm: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const p = c.layer.batchNormParam;
  if (p && isFieldSet(p, BatchNormParameterSchema.field.useGlobalStats) && !p.useGlobalStats) {
    c.note('use_global_stats: false; of a photo by itself, limn uses the stored statistics');
  }
  const channels = fixedDims(c.where, shape, blobAxis(c.where, 1, shape.length), 1);
  const [divisor] = c.blob(2, [1]).data;
  const factor = divisor === 0 ? 0 : 1 / divisor;
  const statistic = (i: number, role: string) => {
    const { data } = c.blob(i, channels);
    return c.constant(role, float32(channels, factor === 1 ? data : data.map((v) => v * factor)));
  };
  const filled = (role: string, number: number) =>
    c.constant(role, float32(channels, new Float32Array(channels[0]).fill(number)));
  const statistics = [statistic(0, 'mean'), statistic(1, 'variance')];
  const [scale, bias] = hasScale(p)
    ? [c.weight(3, 'scale', channels), c.weight(4, 'bias', channels)]
    : [filled('scale', 1), filled('bias', 0)];
  c.result('BatchNormalization', [value, scale, bias, ...statistics], {
    epsilon: float(p?.eps ?? 1e-5),
  });
};

/** Whether a BatchNorm scales and shifts by itself: NVIDIA's and Intel's, where they say so or how to fill the blobs. */
export function hasScale(p: BatchNormParameter | undefined): boolean {
  const { scaleFiller, biasFiller } = BatchNormParameterSchema.field;
  return p !== undefined && (p.scaleBias || isFieldSet(p, scaleFiller) || isFieldSet(p, biasFiller));
}

/**
 * Batch normalisation of two other forks. yjxiong's scales and shifts, too, by blobs 1×C: slope, bias, mean, variance. SegNet's has a scale and a shift, in which the statistics are merged where bn_mode is INFERENCE.
 */
export const bn: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const p = c.layer.bnParam ?? create(BNParameterSchema);
  const { scaleFiller, shiftFiller, bnMode } = BNParameterSchema.field;
  const rank = shape.length;
  const [channels] = fixedDims(c.where, shape, blobAxis(c.where, 1, rank), 1);
  if (![scaleFiller, shiftFiller, bnMode].some((field) => isFieldSet(p, field))) {
    const blobs = ['slope', 'bias', 'mean', 'variance'].map((role, i) =>
      c.weight(i, role, [1, channels], [channels]),
    );
    return c.result('BatchNormalization', [value, ...blobs], { epsilon: float(p.eps) });
  }
  if (p.bnMode !== BNParameter_BNMode.INFERENCE) {
    const fix = "merge them into scale and shift, as SegNet's scripts do, and write bn_mode: INFERENCE";
    fail(c.where, 'a BN of SegNet in mode LEARN stores no statistics', fix);
  }
  const blob = (i: number, role: string) => c.weight(i, role, [1, channels, 1, 1], broadcast);
  const broadcast = [channels, ...Array<number>(rank - 2).fill(1)];
  const scaled = c.step('scaled', 'Mul', [value, blob(0, 'scale')]);
  c.result('Add', [scaled.value, blob(1, 'shift')]);
};
