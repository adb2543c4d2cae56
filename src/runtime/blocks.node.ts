import { float32, type Graph, GraphBuilder } from '../graph/index.ts';
import { blockedDomain, inBlocks, mayGain } from '../operators/index.ts';
import { type Loadable, loadable } from './open.ts';
import type { LocalSession, SessionOptions } from './session.ts';

type Load = (model: Loadable, options: SessionOptions) => Promise<LocalSession>;

/**
 * The graph as this processor computes it fastest: with values in blocks of channels also between convolutions. The same
 * graph where that gains nothing. Errors: none; what does not load or cannot be laid out stays as it is.
 */
export async function arranged(graph: Graph, load: Load): Promise<Graph> {
  if (!mayGain(graph)) return graph;
  block ??= findBlock(load).catch(() => 1);
  const channels = await block;
  return channels > 1 ? (inBlocks(graph, channels) ?? graph) : graph;
}

let block: Promise<number> | undefined;

/** More channels than a block has. */
const channels = 64;

/**
 * How many channels ONNX Runtime puts beside each other on this processor; 1 for none. It does not say, but shows: the first
 * channel's second column comes after a block.
 */
async function findBlock(load: Load): Promise<number> {
  const shape = [1, channels, 1, 2];
  const b = new GraphBuilder('block');
  const x = b.input({ name: 'x', type: 'float32', shape });
  b.node({ op: 'ReorderInput', domain: blockedDomain, name: 'y', inputs: [x], outputs: ['y'] });
  b.output('y', { name: 'y', type: 'float32', shape });
  const session = await load(loadable(b.build()), { threads: 1 });
  try {
    const data = Float32Array.from({ length: 2 * channels }, (_, i) => i);
    const { y } = await session.run({ x: float32(shape, data) });
    return Array.from(y.data, Number).indexOf(1);
  } finally {
    await session.release();
  }
}
