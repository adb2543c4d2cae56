import { create } from '@bufbuild/protobuf';
import { int64 } from '../../graph/index.ts';
import { MVNParameterSchema, NormalizeParameterSchema } from '../generated/caffe_pb.ts';
import { fixedDims } from './axes.ts';
import type { Conversion, Converter } from './converter.ts';
import { imageDims } from './spatial.ts';

/** SSD's Normalize: x / √(Σ x² + eps), over channels, or over all values of an image, times one number or one a channel. */
export const normalize: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const p = c.layer.normParam ?? create(NormalizeParameterSchema);
  const [channels, ...others] = fixedDims(c.where, shape, 1);
  const axes = axesOf(c, p.acrossSpatial ? shape.slice(1).map((_, i) => i + 1) : [1]);
  const square = c.step('square', 'Mul', [value, value]).value;
  const sum = c.step('sum', 'ReduceSum', [square, axes], { keepdims: 1 }).value;
  const shifted = c.step('shifted', 'Add', [sum, c.scalar('eps', p.eps)]).value;
  const norm = c.step('norm', 'Sqrt', [shifted]).value;
  const normalised = c.step('normalised', 'Div', [value, norm]).value;
  const scale = p.channelShared
    ? c.weight(0, 'scale', [], [1])
    : c.weight(0, 'scale', [channels], [channels, ...others.map(() => 1)]);
  c.result('Mul', [normalised, scale]);
};

/** (x − mean) / (√variance + eps), of each channel or of all channels of an image together. */
export const mvn: Converter = (c) => {
  const { normalizeVariance, acrossChannels, eps } = c.layer.mvnParam ?? create(MVNParameterSchema);
  const [{ value }] = c.bottoms;
  imageDims(c.where, c.bottoms[0]);
  const axes = axesOf(c, acrossChannels ? [1, 2, 3] : [2, 3]);
  const mean = c.step('mean', 'ReduceMean', [value, axes], { keepdims: 1 }).value;
  if (!normalizeVariance) return c.result('Sub', [value, mean]);
  const centred = c.step('centred', 'Sub', [value, mean]).value;
  const square = c.step('square', 'Mul', [centred, centred]).value;
  const variance = c.step('variance', 'ReduceMean', [square, axes], { keepdims: 1 }).value;
  const deviation = c.step('deviation', 'Sqrt', [variance]).value;
  c.result('Div', [centred, c.step('shifted', 'Add', [deviation, c.scalar('eps', eps)]).value]);
};

const axesOf = (c: Conversion, axes: readonly number[]): string =>
  c.constant('axes', int64([axes.length], axes));
