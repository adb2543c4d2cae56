import { LimnError } from '../../common/error.ts';
import type { Graph } from '../../graph/index.ts';
import { infer } from '../infer.ts';
import { type Inference, Site } from '../site.ts';
import { kernels } from './kernels.ts';
import { BlockedWriter } from './layout.ts';

/**
 * The same graph with values in blocks of channels (N×C/b×H×W×b) wherever convolutions and what lies between them can work
 * on these, which ONNX Runtime does by itself only around its own blocked kernels: quotients, differences, comparisons and
 * pads would have every value put into order before and into blocks again after them. Undefined where that gains nothing.
 * For ONNX Runtime's CPU provider alone, and never to be saved: the block is this processor's.
 */
export function inBlocks(graph: Graph, block: number): Graph | undefined {
  const known = inferIfKnown(graph);
  if (!known) return undefined;
  const layout = new BlockedWriter(graph, known, block);
  let gained = 0;
  for (const node of graph.nodes) {
    const site = new Site(node, known);
    const kernel = layout.fixed(node.outputs[0]) ? undefined : kernels.get(node.op);
    const isOwn = node.domain === undefined && node.outputs.length === 1;
    if (isOwn && kernel?.write(layout, site)) gained += kernel.missing ? 1 : 0;
    else layout.keep(node);
  }
  return gained === 0 ? undefined : layout.build();
}

/** Undefined for a graph with an operation that limn cannot say the shapes of. */
function inferIfKnown(graph: Graph): Inference | undefined {
  try {
    return infer(graph);
  } catch (error) {
    if (error instanceof LimnError) return undefined;
    throw error;
  }
}
