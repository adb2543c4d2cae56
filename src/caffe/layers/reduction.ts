import { create } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { int64 } from '../../graph/index.ts';
import { ReductionParameter_ReductionOp as Op, ReductionParameterSchema } from '../generated/caffe_pb.ts';
import { blobAxis } from './axes.ts';
import type { Converter } from './converter.ts';

/** Sum or mean of values, of absolute values or of squares over all axes from `axis` on, times `coeff`. */
export const reduction: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const { operation, axis, coeff } = c.layer.reductionParam ?? create(ReductionParameterSchema);
  const from = blobAxis(c.where, axis, shape.length);
  if (from === 0) fail(c.where, 'it would merge the images of a batch', 'reduce from axis 1 on');
  const axes = shape.slice(from).map((_, i) => from + i);
  const terms =
    operation === Op.ASUM
      ? c.step('absolute', 'Abs', [value]).value
      : operation === Op.SUMSQ
        ? c.step('square', 'Mul', [value, value]).value
        : value;
  const inputs = [terms, c.constant('axes', int64([axes.length], axes))];
  const op = operation === Op.MEAN ? 'ReduceMean' : 'ReduceSum';
  if (coeff === 1) return c.result(op, inputs, { keepdims: 0 });
  c.result('Mul', [c.step('reduced', op, inputs, { keepdims: 0 }).value, c.scalar('coeff', coeff)]);
};
