import type { Node } from '../../graph/graph.ts';
import { numbers } from '../../graph/tensor.ts';
import type { Rewriting } from './rewriting.ts';

/** What no activation is below: exporters pad with −∞ or the lowest number of a type (−65504 of float16). */
const lowest = -65504;

/**
 * A max pooling of what was padded with the lowest numbers (TensorFlow's "same" in PyTorch) pads by itself: then no rule
 * that shares by differences from the maximum meets an infinite one.
 */
export function padded(node: Node, network: Rewriting): Node {
  const pad = node.op === 'MaxPool' ? network.producers.get(node.inputs[0]) : undefined;
  const { constants } = network;
  const [amounts, fill] = [1, 2].map((i) => constants.get(pad?.inputs[i] ?? ''));
  if (pad?.op !== 'Pad' || (pad.attributes.mode ?? 'constant') !== 'constant' || !amounts || !fill)
    return node;
  if (numbers(fill)[0] > lowest || (node.attributes.auto_pad ?? 'NOTSET') !== 'NOTSET') return node;
  const before = numbers(amounts);
  const kernel = node.attributes.kernel_shape as readonly number[] | undefined;
  if (!kernel) return node;
  const [axes, rank] = [kernel.length, before.length / 2];
  const given = (node.attributes.pads as readonly number[] | undefined) ?? kernel.flatMap(() => [0, 0]);
  const isSpatial = before.every((n, i) => n >= 0 && (n === 0 || i % rank >= rank - axes));
  const pads = given.map((n, i) => n + before[i < axes ? rank - axes + i : rank + rank - axes + (i - axes)]);
  // ONNX Runtime takes no more than a window, less one.
  if (!isSpatial || pads.some((n, i) => n >= kernel[i % axes])) return node;
  return { ...node, inputs: [pad.inputs[0]], attributes: { ...node.attributes, pads } };
}
