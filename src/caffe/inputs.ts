import { create } from '@bufbuild/protobuf';
import { fail } from '../common/error.ts';
import { blobShape, dimensions } from './blob.ts';
import { copyWith } from './copy.ts';
import { LayerParameterSchema, type NetParameter, NetParameterSchema } from './generated/caffe_pb.ts';
import { inputTypes } from './layers/table.ts';

/** A blob that a network is fed with; no shape where the file gives none. */
export interface NetInput {
  readonly name: string;
  readonly shape: readonly number[] | undefined;
}

/**
 * The inputs declared at the top of a network (`input` with `input_shape`, or four `input_dim` each), in order. Input
 * layers are not among them, and where there are some, an `input` without dimensions says nothing. As in Caffe,
 * `input_shape` counts where `input_dim` is given, too. Errors: as many shapes as inputs are needed, or none.
 */
export function netInputs(net: NetParameter, file: string): NetInput[] {
  const { input, inputShape, inputDim: given, layer } = net;
  const inputDim = inputShape.length > 0 ? [] : given;
  const hasDimensions = inputShape.length > 0 || inputDim.length > 0;
  if (!hasDimensions && layer.some(({ type }) => inputTypes.has(type))) return [];
  if (inputShape.length > 0 && inputShape.length !== input.length) {
    fail(file, `${input.length} inputs need as many input_shape entries, got ${inputShape.length}`);
  }
  if (inputDim.length > 0 && inputDim.length !== 4 * input.length) {
    fail(file, `${input.length} inputs need four input_dim each, got ${inputDim.length} in all`);
  }
  return input.map((name, i) => ({
    name,
    shape:
      inputShape.length > 0
        ? dimensions(inputShape[i], `${file}: input ${name}`)
        : inputDim.length > 0
          ? inputDim.slice(4 * i, 4 * i + 4)
          : undefined,
  }));
}

/**
 * The network with its top-level inputs as one Input layer named `input` at the front, as newer versions of
 * Caffe rewrite it; unchanged if it has none.
 */
export function asInputLayer(net: NetParameter, file: string): NetParameter {
  const inputs = netInputs(net, file);
  if (net.input.length === 0) return net;
  const shape = inputs.flatMap((input) => (input.shape ? [blobShape(input.shape)] : []));
  const top = inputs.map((input) => input.name);
  const layer = create(LayerParameterSchema, { name: 'input', type: 'Input', top, inputParam: { shape } });
  return copyWith(NetParameterSchema, net, {
    input: [],
    inputShape: [],
    inputDim: [],
    layer: top.length > 0 ? [layer, ...net.layer] : net.layer,
  });
}
