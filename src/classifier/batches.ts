import { ordered } from '../common/ordered.ts';
import type { Counter } from '../common/progress.ts';
import type { Graph, Tensor } from '../graph/index.ts';
import type { Session, Tensors } from '../runtime/index.ts';
import { joined, rows, withRows } from './rows.ts';

/** A run's outputs, for the images `from` to `to` (exclusive). */
export interface RunBatch {
  readonly from: number;
  readonly to: number;
  readonly outputs: Tensors;
}

/** How a batch of any size is taken through a graph. */
export interface BatchOptions {
  /** Images per run, unless the graph fixes it. */
  readonly size: number;
  /** Runs at a time, for sessions of several workers; 1 unless given. */
  readonly parallel?: number | undefined;
  /** The outputs that are wanted; all unless given. */
  readonly outputs?: readonly string[] | undefined;
  readonly counter?: Counter | undefined;
  /** The graph's other inputs, for `filled` images from `from` on. */
  readonly feeds?: ((from: number, filled: number) => Tensors) | undefined;
}

/**
 * Runs a graph on N×… images in batches of `size`, or of the batch size that the graph fixes; there the last batch is
 * filled up, and its outputs have rows too many. Yields in the images' order.
 */
export async function* inBatches(
  { inputs: [{ name, shape }] }: Graph,
  session: Session,
  input: Tensor<'float32'>,
  { size, parallel = 1, outputs, counter, feeds = () => ({}) }: BatchOptions,
): AsyncGenerator<RunBatch, void> {
  const fixed = typeof shape[0] === 'number' ? shape[0] : undefined;
  const step = fixed ?? Math.max(1, size);
  const images = input.shape[0];
  const starts = Array.from({ length: Math.ceil(images / step) }, (_, i) => i * step);
  const run = async (from: number): Promise<RunBatch> => {
    counter?.check();
    const to = Math.min(from + step, images);
    const filled = fixed ?? to - from;
    const part = withRows(rows(input, from, to), filled);
    const results = await session.run({ [name]: part, ...feeds(from, filled) }, outputs);
    counter?.add(to - from);
    return { from, to, outputs: results };
  };
  yield* ordered(starts, run, parallel);
}

/** Runs a graph so and joins the outputs that are wanted, N×… each. */
export async function runBatches(
  graph: Graph,
  session: Session,
  input: Tensor<'float32'>,
  options: BatchOptions,
): Promise<Record<string, Tensor<'float32'>>> {
  const parts: RunBatch[] = [];
  for await (const part of inBatches(graph, session, input, options)) parts.push(part);
  const names = options.outputs ?? graph.outputs.map(({ name }) => name);
  const whole = (name: string) =>
    joined(parts.map(({ from, to, outputs }) => withRows(outputs[name] as Tensor<'float32'>, to - from)));
  return Object.fromEntries(names.map((name) => [name, whole(name)]));
}
