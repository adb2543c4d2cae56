import { fail } from '../../common/error.ts';
import type { Conversion, Converter } from './converter.ts';
import { heightWidth, imageDims } from './spatial.ts';
import { isFieldSet } from '@bufbuild/protobuf';
import { ConvolutionParameterSchema } from '../generated/caffe_pb.ts';

export const convolution: Converter = (c) => {
  const { outputs, group, bias, attributes } = geometry(c);
  const [channels] = imageDims(c.where, c.bottoms[0]);
  if (channels % group !== 0) fail(c.where, `${channels} input channels do not divide into ${group} groups`);
  const weight = c.weight(0, 'weight', [outputs, channels / group, ...attributes.kernel_shape]);
  c.result('Conv', [c.bottoms[0].value, weight, ...(bias ? [c.weight(1, 'bias', [outputs])] : [])], attributes);
};

export const deconvolution: Converter = (c) => {
  const { outputs, group, bias, attributes } = geometry(c);
  const [channels] = imageDims(c.where, c.bottoms[0]);
  const weight = c.weight(0, 'weight', [channels, outputs / group, ...attributes.kernel_shape]);
  c.result('ConvTranspose', [c.bottoms[0].value, weight, ...(bias ? [c.weight(1, 'bias', [outputs])] : [])], attributes);
};

function geometry({ layer, where }: Conversion) {
  const p = layer.convolutionParam ?? fail(where, 'convolution_param is missing');
  const own = (name: keyof typeof ConvolutionParameterSchema.field, value: number) =>
    isFieldSet(p, ConvolutionParameterSchema.field[name]) ? value : undefined;
  const kernel = heightWidth(where, 'kernel_size', p.kernelSize, own('kernelH', p.kernelH), own('kernelW', p.kernelW));
  const stride = heightWidth(where, 'stride', p.stride, own('strideH', p.strideH), own('strideW', p.strideW), 1);
  const pad = heightWidth(where, 'pad', p.pad, own('padH', p.padH), own('padW', p.padW), 0);
  const dilation = heightWidth(where, 'dilation', p.dilation, undefined, undefined, 1);
  if (p.axis !== 1) fail(where, `axis ${p.axis} is not supported`, 'only 1 is');
  if (p.numOutput === 0) fail(where, 'num_output is missing');
  if (p.numOutput % p.group !== 0) fail(where, `num_output ${p.numOutput} does not divide into ${p.group} groups`);
  return {
    outputs: p.numOutput,
    group: p.group,
    bias: p.biasTerm,
    attributes: { kernel_shape: kernel, strides: stride, pads: [...pad, ...pad], dilations: dilation, group: p.group },
  };
}
