import type { Graph, Tensor } from '../graph/index.ts';
import type { Session, Tensors } from '../runtime/index.ts';
import type { Counter } from './progress.ts';
import { rows, withRows } from './rows.ts';

/** A run's outputs, for the images `from` to `to` (exclusive). */
export interface Batch {
  readonly from: number;
  readonly to: number;
  readonly outputs: Tensors;
}

/**
 * Runs a graph on images in batches of `size`, or of the batch size that the graph fixes; there the last batch is
 * filled up, and its outputs have rows too many. `feeds` gives the other inputs for `filled` images from `from` on.
 */
export async function* inBatches(
  { inputs: [{ name, shape }] }: Graph,
  session: Session,
  input: Tensor<'float32'>,
  size: number,
  counter: Counter,
  feeds: (from: number, filled: number) => Tensors = () => ({}),
): AsyncGenerator<Batch, void> {
  const fixed = typeof shape[0] === 'number' ? shape[0] : undefined;
  const step = fixed ?? size;
  for (let from = 0; from < input.shape[0]; from += step) {
    counter.check();
    const to = Math.min(from + step, input.shape[0]);
    const filled = fixed ?? to - from;
    const images = withRows(rows(input, from, to), filled);
    yield { from, to, outputs: await session.run({ [name]: images, ...feeds(from, filled) }) };
    counter.add(to - from);
  }
}
