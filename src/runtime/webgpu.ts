import type { Graph, Shape } from '../graph/index.ts';
import { infer } from '../operators/index.ts';

export type TensorLayout = 'NCHW' | 'NHWC';

/**
 * The layout in which ONNX Runtime should compute a graph on WebGPU. NHWC is the faster one, but up to version 1.30 it is wrong
 *
 * - (microsoft/onnxruntime#29651) for convolutions of 6, 9, 15, 18 … channels, threes but not fours, with kernels larger than
 *   1×1. Weights may be transposed on their way to a convolution, so both their channel axes count;
 * - for convolutions in groups of 5, 6, 7, 9 … outputs each, no fours: it computes four outputs at a time, of two groups then.
 *   The windows of a pooling of 3×3, as relevance looks at them, are such groups of nine.
 */
export function webgpuLayout(graph: Graph): TensorLayout {
  const shapes: Shape[] = [...graph.constants.values(), ...graph.inputs].map(({ shape }) => shape);
  return shapes.some(isMiscomputed) || hasMiscomputedGroups(graph) ? 'NCHW' : 'NHWC';
}

function hasMiscomputedGroups(graph: Graph): boolean {
  const grouped = graph.nodes.filter(({ attributes }) => Number(attributes.group ?? 1) > 1);
  if (grouped.length === 0) return false;
  const { shapes } = infer(graph);
  return grouped.some(({ attributes, outputs: [output] }) => {
    const channels = shapes.get(output)?.[1];
    const each = typeof channels === 'number' ? channels / Number(attributes.group) : 0;
    return each > 4 && each % 4 !== 0;
  });
}

const isMiscomputed = (shape: Shape): boolean =>
  shape.length === 4 &&
  shape.slice(2).some((side) => side !== 1) &&
  shape.slice(0, 2).some((n) => typeof n === 'number' && n > 3 && n % 3 === 0 && n % 4 !== 0);
