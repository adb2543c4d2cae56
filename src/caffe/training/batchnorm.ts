import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { float, float32, int64, size } from '../../graph/index.ts';
import { BatchNormParameterSchema, BNParameter_BNMode } from '../generated/caffe_pb.ts';
import { blobAxis, fixedDims } from '../layers/axes.ts';
import { hasScale, bn as storedBn } from '../layers/batchnorm.ts';
import type { Conversion, Converter } from '../layers/converter.ts';
import { normaliserInput, type TrainingRecord } from './record.ts';

/**
 * y = (x − mean)/√(variance + eps) per channel, with the statistics of the batch in training and the stored ones in
 * tests, unless use_global_stats says otherwise. Blobs: the sums of means and variances, and what to divide them by.
 */
export const batchNorm =
  (record: TrainingRecord): Converter =>
  (c) => {
    const [{ shape }] = c.bottoms;
    const p = c.layer.batchNormParam;
    const channels = fixedDims(c.where, shape, blobAxis(c.where, 1, shape.length), 1);
    if (hasScale(p)) fail(c.where, 'its own scale and bias are not trained', 'put a Scale layer behind it');
    if (c.layer.param.some((spec) => spec.lrMult !== 0)) {
      fail(c.where, 'its statistics are not trained', 'give each param lr_mult: 0, or none at all');
    }
    const blobs = [
      c.weight(0, 'mean', channels),
      c.weight(1, 'variance', channels),
      c.weight(2, 'factor', [1]),
    ];
    const eps = p?.eps ?? 1e-5;
    const says = p && isFieldSet(p, BatchNormParameterSchema.field.useGlobalStats);
    if (says ? p.useGlobalStats : record.phase === 'test') return stored(c, channels, blobs, eps);
    record.wholeBatch = true;
    const { mean, variance } = measured(c, eps);
    if (record.phase === 'train') move(record, c, blobs, mean, variance, p?.movingAverageFraction ?? 0.999);
  };

/** The statistics are in parameters, which change: a factor of 0 makes them 0 (f/f² is 1/f, and 0/FLT_MIN is 0). */
function stored(c: Conversion, channels: readonly number[], blobs: readonly string[], eps: number): void {
  const [mean, variance, factor] = blobs;
  const square = c.step('square', 'Mul', [factor, factor]).value;
  const divisor = c.step('divisor', 'Max', [square, c.scalar('least', 2 ** -126)]).value;
  const inverse = c.step('inverse', 'Div', [factor, divisor]).value;
  const filled = (role: string, value: number) =>
    c.constant(role, float32(channels, new Float32Array(channels[0]).fill(value)));
  const statistics = [
    c.step('scaled_mean', 'Mul', [mean, inverse]).value,
    c.step('scaled_variance', 'Mul', [variance, inverse]).value,
  ];
  c.result('BatchNormalization', [c.bottoms[0].value, filled('scale', 1), filled('bias', 0), ...statistics], {
    epsilon: float(eps),
  });
}

/** In parts, so that the gradient passes through mean and variance, too. */
function measured(c: Conversion, eps: number): { mean: string; variance: string } {
  const [{ value, shape }] = c.bottoms;
  const others = shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const axes = c.constant('axes', int64([others.length], others));
  const mean = c.step('mean', 'ReduceMean', [value, axes]).value;
  const centred = c.step('centred', 'Sub', [value, mean]).value;
  const square = c.step('square', 'Mul', [centred, centred]).value;
  const variance = c.step('variance', 'ReduceMean', [square, axes]).value;
  const shifted = c.step('shifted', 'Add', [variance, c.scalar('eps', eps)]).value;
  c.result('Div', [centred, c.step('deviation', 'Sqrt', [shifted]).value]);
  const flat = (what: string, from: string) => c.step(what, 'Squeeze', [from, axes]).value;
  return { mean: flat('batch_mean', mean), variance: flat('batch_variance', variance) };
}

/** Adds mean, unbiased variance m/(m − 1) · variance of m elements per channel, and 1 to the sums. */
function move(
  record: TrainingRecord,
  c: Conversion,
  blobs: readonly string[],
  mean: string,
  variance: string,
  fraction: number,
): void {
  const images = normaliserInput(record, c, {
    label: undefined,
    ignored: undefined,
    by: 'batch',
    perImage: 1,
  });
  const spatial = size(fixedDims(c.where, c.bottoms[0].shape, 2));
  const elements = c.step('elements', 'Mul', [images, c.scalar('spatial', spatial)]).value;
  const one = c.scalar('one', 1);
  const others = c.step('others', 'Max', [c.step('fewer', 'Sub', [elements, one]).value, one]).value;
  const correction = c.step('correction', 'Div', [elements, others]).value;
  const unbiased = c.step('unbiased_variance', 'Mul', [variance, correction]).value;
  const count = c.step('count', 'Identity', [c.constant('counted', float32([1], [1]))]).value;
  [mean, unbiased, count].forEach((output, i) => {
    record.moving.push({ parameter: blobs[i], output, fraction });
  });
}

/** The BN of forks: in training they would gather statistics, each in its own way. */
export const bn =
  (record: TrainingRecord): Converter =>
  (c) => {
    const p = c.layer.bnParam;
    if (record.phase === 'train' && !p?.frozen && p?.bnMode !== BNParameter_BNMode.INFERENCE) {
      const fix = 'put BatchNorm and Scale in its place, or write frozen: true';
      fail(c.where, 'a BN of a fork does not gather statistics here', fix);
    }
    storedBn(c);
  };
