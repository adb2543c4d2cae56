import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { int64, type Tensor } from '../../graph/index.ts';
import { PoolingParameter_PoolMethod, PoolingParameter_RoundMode, PoolingParameterSchema } from '../generated/caffe_pb.ts';
import type { Converter } from './converter.ts';
import { heightWidth, imageDims } from './spatial.ts';

/**
 * Caffe rounds the number of windows up (and drops a last window that would start in the padding); its average
 * divides by the window clipped to the padded input, padding counted. Both are written as explicit end pads, on
 * which all versions of ONNX Runtime agree.
 */
export const pooling: Converter = (c) => {
  const { layer, where } = c;
  const p = layer.poolingParam ?? fail(where, 'pooling_param is missing');
  const [bottom] = c.bottoms;
  const [, height, width] = imageDims(where, bottom);
  if (p.pool === PoolingParameter_PoolMethod.STOCHASTIC) fail(where, 'stochastic pooling is not supported');
  if (layer.top.length > 1) fail(where, 'the mask output of max pooling is not supported', 'remove the second top');
  const max = p.pool === PoolingParameter_PoolMethod.MAX;
  if (p.globalPooling) return c.result(max ? 'GlobalMaxPool' : 'GlobalAveragePool', [bottom.value]);

  const own = (name: keyof typeof PoolingParameterSchema.field, value: number) =>
    isFieldSet(p, PoolingParameterSchema.field[name]) ? value : undefined;
  const one = (name: keyof typeof PoolingParameterSchema.field, value: number) => (own(name, value) === undefined ? [] : [value]);
  const kernel = heightWidth(where, 'kernel_size', one('kernelSize', p.kernelSize), own('kernelH', p.kernelH), own('kernelW', p.kernelW));
  const stride = heightWidth(where, 'stride', [p.stride], own('strideH', p.strideH), own('strideW', p.strideW));
  const pad = heightWidth(where, 'pad', [p.pad], own('padH', p.padH), own('padW', p.padW));
  const ceil = p.roundMode === PoolingParameter_RoundMode.CEIL;
  const ends = [height, width].map((size, i) => endPad(size, kernel[i], stride[i], pad[i], ceil));
  if (kernel.some((k, i) => pad[i] >= k)) fail(where, `pad ${pad} must be smaller than the kernel ${kernel}`);
  const attributes = { kernel_shape: kernel, strides: stride, pads: [...pad, ...ends] };
  // Windows that reach beyond even the end pad are cut there by Caffe, so that they divide by less.
  if (max) return c.result('MaxPool', [bottom.value], attributes);
  const cut = ends.some((end, i) => end > pad[i]);
  if (!cut) return c.result('AveragePool', [bottom.value], { ...attributes, count_include_pad: 1 });
  const padded = c.step('pad', 'Pad', [bottom.value, c.constant('pads', padsTensor(pad)), c.constant('zero', zero)]);
  c.result('AveragePool', [padded.value], {
    kernel_shape: kernel,
    strides: stride,
    pads: [0, 0, ...ends.map((end, i) => Math.max(0, end - pad[i]))],
    count_include_pad: 0,
  });
};

/** How far the last window reaches beyond the input, at least 0. */
function endPad(size: number, kernel: number, stride: number, pad: number, ceil: boolean): number {
  const steps = (size + 2 * pad - kernel) / stride;
  let windows = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  if (pad > 0 && (windows - 1) * stride >= size + pad) windows--;
  return Math.max(0, (windows - 1) * stride + kernel - pad - size);
}

const zero: Tensor<'float32'> = { type: 'float32', shape: [], data: Float32Array.of(0) };
const padsTensor = ([h, w]: readonly number[]): Tensor<'int64'> => int64([8], [0, 0, h, w, 0, 0, h, w]);
