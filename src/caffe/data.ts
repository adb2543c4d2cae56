import { fail } from '../common/error.ts';
import type { ValueInfo } from '../graph/index.ts';
import { dimensions } from './blob.ts';
import type { LayerParameter, NetParameter } from './generated/caffe_pb.ts';
import { netInputs } from './inputs.ts';
import { inputTypes } from './layers/table.ts';

/**
 * The graph inputs of a network: declared at its top, by Input layers, or the first top of its data layers (labels
 * are left out). The batch is free. A data layer's photos are as large as it crops or resizes them.
 */
export function dataInputs(net: NetParameter, file: string, given?: readonly number[]): ValueInfo[] {
  const declared = netInputs(net, file).map(({ name, shape }) => ({ name, shape }));
  const layers = net.layer.filter((layer) => inputTypes.has(layer.type)).flatMap((layer) => layerInputs(layer, file));
  const inputs = [...declared, ...layers];
  if (inputs.length === 0) fail(file, 'the network has no input');
  return inputs.map(({ name, shape }, i) => {
    const dims = i === 0 && given ? given : (shape ?? fail(file, `the size of input '${name}' is not known`, 'give it: --input-shape N,C,H,W'));
    return { name, type: 'float32', shape: ['N', ...dims.slice(1)] };
  });
}

function layerInputs(layer: LayerParameter, file: string): { name: string; shape: readonly number[] | undefined }[] {
  const { inputParam: input, transformParam: transform, imageDataParam: images } = layer;
  if (layer.type === 'Input') {
    return layer.top.map((name, i) => {
      const shape = input?.shape[i] ?? input?.shape[0];
      return { name, shape: shape && dimensions(shape, `${file}: input ${name}`) };
    });
  }
  const size = transform?.cropSize || images?.newHeight;
  const width = transform?.cropSize || images?.newWidth;
  const channels = transform?.forceGray || images?.isColor === false ? 1 : 3;
  return [{ name: layer.top[0], shape: size && width ? [1, channels, size, width] : undefined }];
}
