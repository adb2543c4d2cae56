import type { Graph, Shape } from '../graph/index.ts';

export type TensorLayout = 'NCHW' | 'NHWC';

/**
 * The layout in which ONNX Runtime should compute a graph on WebGPU. NHWC is the faster one, but up to version 1.30
 * (microsoft/onnxruntime#29651) it is wrong for convolutions of 6, 9, 15, 18 … channels, threes but not fours, with
 * kernels larger than 1×1. Weights may be transposed on their way to a convolution, so both their channel axes count.
 */
export function webgpuLayout(graph: Graph): TensorLayout {
  const shapes: Shape[] = [...graph.constants.values(), ...graph.inputs].map(({ shape }) => shape);
  return shapes.some(isMiscomputed) ? 'NCHW' : 'NHWC';
}

const isMiscomputed = (shape: Shape): boolean =>
  shape.length === 4 &&
  shape.slice(2).some((side) => side !== 1) &&
  shape.slice(0, 2).some((n) => typeof n === 'number' && n > 3 && n % 3 === 0 && n % 4 !== 0);
