import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../../common/error.ts';
import { copyWith } from '../copy.ts';
import { ConvolutionParameterSchema, LayerParameterSchema } from '../generated/caffe_pb.ts';
import type { Conversion, Converter } from './converter.ts';
import { heightWidth, imageDims, positive } from './spatial.ts';

export const convolution: Converter = (c) => {
  const { channels, outputs, group, attributes } = geometry(c);
  const weight = c.weight(0, 'weight', [outputs, channels / group, ...attributes.kernel_shape]);
  c.result('Conv', [c.bottoms[0].value, weight, ...biasOf(c, outputs)], attributes);
};

/** BVLC/caffe pull 5665: as many groups and outputs as there are channels, whatever the file says. */
export const convolutionDepthwise: Converter = (c) => {
  const [channels] = imageDims(c.where, c.bottoms[0]);
  convolution(withParam(c, { group: channels, numOutput: channels }));
};

/** A faster convolution of MobileNets; as many groups as channels where the file does not say how many. */
export const depthwiseConvolution: Converter = (c) => {
  const p = c.layer.convolutionParam;
  if (p && isFieldSet(p, ConvolutionParameterSchema.field.group)) return convolution(c);
  const [group] = imageDims(c.where, c.bottoms[0]);
  convolution(withParam(c, { group }));
};

function withParam(c: Conversion, own: { group: number; numOutput?: number }): Conversion {
  const given = c.layer.convolutionParam ?? fail(c.where, 'convolution_param is missing');
  const convolutionParam = copyWith(ConvolutionParameterSchema, given, own);
  return { ...c, layer: copyWith(LayerParameterSchema, c.layer, { convolutionParam }) };
}

export const deconvolution: Converter = (c) => {
  const { channels, outputs, group, attributes } = geometry(c);
  const weight = c.weight(0, 'weight', [channels, outputs / group, ...attributes.kernel_shape]);
  c.result('ConvTranspose', [c.bottoms[0].value, weight, ...biasOf(c, outputs)], attributes);
};

const biasOf = (c: Conversion, outputs: number): string[] =>
  c.layer.convolutionParam!.biasTerm ? [c.weight(1, 'bias', [outputs])] : [];

function geometry({ layer, where, bottoms }: Conversion) {
  const p = layer.convolutionParam ?? fail(where, 'convolution_param is missing');
  const [channels] = imageDims(where, bottoms[0]);
  const own = (name: keyof typeof ConvolutionParameterSchema.field, value: number) =>
    isFieldSet(p, ConvolutionParameterSchema.field[name]) ? value : undefined;
  const kernel = heightWidth(
    where,
    'kernel',
    p.kernelSize,
    own('kernelH', p.kernelH),
    own('kernelW', p.kernelW),
  );
  const stride = heightWidth(
    where,
    'stride',
    p.stride,
    own('strideH', p.strideH),
    own('strideW', p.strideW),
    1,
  );
  const pad = heightWidth(where, 'pad', p.pad, own('padH', p.padH), own('padW', p.padW), 0);
  const dilation = heightWidth(where, 'dilation', p.dilation, undefined, undefined, 1);
  positive(where, { kernel, stride, dilation, group: [p.group], num_output: [p.numOutput] });
  if (p.axis !== 1 && p.axis !== -3) fail(where, `axis ${p.axis} is not supported`, 'only 1 is');
  for (const [what, count] of [
    ['num_output', p.numOutput],
    ['the number of input channels', channels],
  ] as const) {
    if (count % p.group !== 0) fail(where, `${what}, ${count}, does not divide into ${p.group} groups`);
  }
  return {
    channels,
    outputs: p.numOutput,
    group: p.group,
    attributes: {
      kernel_shape: kernel,
      strides: stride,
      pads: [...pad, ...pad],
      dilations: dilation,
      group: p.group,
    },
  };
}
