import { fail } from '../common/error.ts';
import type { Dim, GraphBuilder, Shape } from '../graph/index.ts';

/**
 * Which dimension of a layer's output counts its channels: of images N×C×H×W and of vectors N×C the second, of tokens
 * N×T×C the last; of attention weights N×heads×T×T the second, whose channels are the heads. Errors: an output that does
 * not begin with the images of the batch, or with no fixed number of channels.
 */
export function axisOfChannels(layer: string, shape: Shape, batch: Dim): number {
  const where = `layer '${layer}'`;
  const axis = shape.length === 3 ? 2 : 1;
  if (shape.length < 2 || shape[0] !== batch)
    fail(where, `its output [${shape}] has no channels of each image`, 'name a layer whose output has');
  if (typeof shape[axis] !== 'number')
    fail(where, `its number of channels is not fixed: [${shape}]`, 'name another layer');
  return axis;
}

/** Restricts relevance that arrived at a layer to channels: times the graph input `mask:LAYER`, N×C. */
export function restricted(
  b: GraphBuilder,
  layer: string,
  shape: Shape,
  relevance: string,
  batch: Dim,
): string {
  const axis = axisOfChannels(layer, shape, batch);
  const mask = b.input({ name: `mask:${layer}`, type: 'float32', shape: [batch, shape[axis]] });
  const others = shape.map((_, i) => i).filter((i) => i !== 0 && i !== axis);
  return b.op('Mul', [relevance, others.length > 0 ? b.op('Unsqueeze', [mask, b.ints(...others)]) : mask]);
}
