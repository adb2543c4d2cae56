import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { type Attributes, float32, int64 } from '../../graph/index.ts';
import {
  type PoolingParameter,
  PoolingParameter_PoolMethod,
  PoolingParameter_RoundMode,
  PoolingParameterSchema,
} from '../generated/caffe_pb.ts';
import type { Conversion, Converter } from './converter.ts';
import { heightWidth, imageDims, positive } from './spatial.ts';

export const pooling: Converter = (c) => {
  const { layer, where } = c;
  const p = layer.poolingParam ?? fail(where, 'pooling_param is missing');
  if (p.pool === PoolingParameter_PoolMethod.STOCHASTIC) failStochastic(where);
  if (layer.top.length > 1)
    fail(where, 'the mask output of max pooling is not supported', 'remove the second top');
  const max = p.pool === PoolingParameter_PoolMethod.MAX;
  if (p.globalPooling) {
    imageDims(where, c.bottoms[0]);
    return c.result(max ? 'GlobalMaxPool' : 'GlobalAveragePool', [c.bottoms[0].value]);
  }
  const { op, inputs, attributes } = windowed(c, p, max);
  c.result(op, inputs, attributes);
};

export const failStochastic = (where: string): never =>
  fail(where, 'stochastic pooling is not supported', 'use pool: MAX or AVE');

/** The operation that pools. */
export interface Pooled {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
}

/**
 * The maximum or the average of each window of the first bottom; what comes before it is added, under names that end on `suffix`.
 *
 * Caffe rounds the number of windows up (and drops a last window that would start in the padding); its average
 * divides by the window clipped to the padded input, padding counted. Both are written as explicit end pads, on
 * which all versions of ONNX Runtime agree.
 */
export function windowed(c: Conversion, p: PoolingParameter, max: boolean, suffix = ''): Pooled {
  const { where } = c;
  const [bottom] = c.bottoms;
  const [, height, width] = imageDims(where, bottom);
  const { kernel, stride, pad } = geometry(p, where);
  const ceil = roundsUp(p, where);
  const ends = [height, width].map((size, i) =>
    endPad(where, { size, kernel: kernel[i], stride: stride[i], pad: pad[i] }, ceil, pad.some(Boolean)),
  );
  const attributes = { kernel_shape: kernel, strides: stride, pads: [...pad, ...ends] };
  if (max) return { op: 'MaxPool', inputs: [bottom.value], attributes };
  // Windows that reach beyond even the end pad are cut there by Caffe, so that they divide by less.
  const cut = ends.map((end, i) => Math.max(0, end - pad[i]));
  if (cut.every((end) => end === 0)) {
    return { op: 'AveragePool', inputs: [bottom.value], attributes: { ...attributes, count_include_pad: 1 } };
  }
  const padded = pad.some(Boolean)
    ? c.step(`pad${suffix}`, 'Pad', [
        bottom.value,
        c.constant(`pads${suffix}`, int64([8], [0, 0, ...pad, 0, 0, ...pad])),
        c.constant(`zero${suffix}`, float32([], [0])),
      ])
    : bottom;
  return {
    op: 'AveragePool',
    inputs: [padded.value],
    attributes: { kernel_shape: kernel, strides: stride, pads: [0, 0, ...cut], count_include_pad: 0 },
  };
}

/** Caffe's `round_mode`, or the `ceil_mode` of many forks. */
function roundsUp(p: PoolingParameter, where: string): boolean {
  const { roundMode, ceilMode } = PoolingParameterSchema.field;
  const ceil = p.roundMode === PoolingParameter_RoundMode.CEIL;
  if (!isFieldSet(p, ceilMode)) return ceil;
  if (isFieldSet(p, roundMode) && ceil !== p.ceilMode) {
    fail(where, 'round_mode and ceil_mode contradict each other', 'keep round_mode');
  }
  return p.ceilMode;
}

function geometry(p: PoolingParameter, where: string) {
  const own = (name: keyof typeof PoolingParameterSchema.field, value: number) =>
    isFieldSet(p, PoolingParameterSchema.field[name]) ? value : undefined;
  const both = (name: keyof typeof PoolingParameterSchema.field, value: number) =>
    own(name, value) === undefined ? [] : [value];
  const kernel = heightWidth(
    where,
    'kernel',
    both('kernelSize', p.kernelSize),
    own('kernelH', p.kernelH),
    own('kernelW', p.kernelW),
  );
  const stride = heightWidth(
    where,
    'stride',
    both('stride', p.stride),
    own('strideH', p.strideH),
    own('strideW', p.strideW),
    1,
  );
  const pad = heightWidth(where, 'pad', both('pad', p.pad), own('padH', p.padH), own('padW', p.padW), 0);
  positive(where, { kernel, stride });
  if (kernel.some((k, i) => pad[i] >= k)) {
    fail(where, `pad ${pad.join('×')} must be smaller than the kernel ${kernel.join('×')}`);
  }
  return { kernel, stride, pad };
}

/** An axis of a pooling layer. */
export interface PoolingAxis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

/** How many windows Caffe puts on an axis; `padded` says whether any axis of the layer has a pad. */
export function poolingWindows(
  { size, kernel, stride, pad }: PoolingAxis,
  ceil: boolean,
  padded: boolean,
): number {
  const steps = (size + 2 * pad - kernel) / stride;
  const windows = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return padded && (windows - 1) * stride >= size + pad ? windows - 1 : windows;
}

/** How far the last window reaches beyond the input, at least 0. */
function endPad(where: string, axis: PoolingAxis, ceil: boolean, padded: boolean): number {
  const { size, kernel, stride, pad } = axis;
  const windows = poolingWindows(axis, ceil, padded);
  if (windows < 1) fail(where, `the kernel (${kernel}) is larger than its padded bottom (${size + 2 * pad})`);
  const start = (windows - 1) * stride - pad;
  // Caffe's result there is the smallest float.
  if (start >= size)
    fail(
      where,
      `its last window starts behind its bottom (${size})`,
      'use round_mode: FLOOR or a smaller stride',
    );
  return Math.max(0, start + kernel - size);
}
