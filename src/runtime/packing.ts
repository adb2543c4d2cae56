import { byteLengthOf, type Graph } from '../graph/index.ts';

/** Dense weights of so many bytes are too large to be held twice. */
const large = 2 ** 24;

/**
 * Whether ONNX Runtime should keep matrices of weights a second time, packed for its kernels. Layers of tokens gain by it
 * (15 % of a small LeViT's time). A dense layer with one row per image reads each weight once a run: CaffeNet loses 6 % of
 * its time on ten images, nothing on one, and is held in half the memory; VGG16's dense layers are 495 MB.
 */
export function wantsPacking({ nodes, constants }: Graph): boolean {
  return !nodes.some(({ op, inputs }) => {
    const weights = op === 'Gemm' ? constants.get(inputs[1]) : undefined;
    return weights !== undefined && byteLengthOf(weights) >= large;
  });
}
