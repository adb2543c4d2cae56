import { float32, type GraphBuilder, type Node, size, type Tensor } from '../../graph/index.ts';
import { type Inference, Site } from '../site.ts';
import { stridesOf } from '../value.ts';

/* Weights in blocks. What is computed of them element by element, once, at loading, is computed of what lies in blocks already. */

/** What is needed to follow weights back to the constants that they are made of. */
export interface BlockedWeights {
  /** The graph that is written. */
  readonly b: GraphBuilder;
  /** Channels that lie beside each other. */
  readonly block: number;
  readonly known: Inference;
  readonly producers: ReadonlyMap<string, Node>;
}

/** A tensor's numbers in another order: a step for each axis. */
interface View {
  readonly tensor: Tensor;
  readonly shape: readonly number[];
  readonly steps: readonly number[];
  readonly start: number;
}

/**
 * Weights K×C×kh×kw in the order K/b, C/b, kh, kw, b of C, b of K; or, unless `both`, K/b, C, kh, kw, b of K. Constants are put into it here
 * and now, as they are needed: by nodes, ONNX Runtime would hold each of several steps of it until all weights are done.
 */
export function weightsInBlocks(
  source: BlockedWeights,
  weight: string,
  shape: readonly number[],
  both: boolean,
): string {
  return ordered(source, weight, [], both) ?? byNodes(source, weight, shape, both);
}

/** Undefined where the constants that it is made of are not plain to see. `moves` are done to it afterwards, in their order. */
function ordered(
  source: BlockedWeights,
  value: string,
  moves: readonly Node[],
  both: boolean,
): string | undefined {
  const { b, known, producers } = source;
  const constant = known.constants.get(value);
  if (constant) return constantInBlocks(source, value, constant, moves, both);
  const node = producers.get(value);
  if (!node || node.domain !== undefined) return undefined;
  if (moving.has(node.op)) return ordered(source, node.inputs[0], [node, ...moves], both);
  if (!elementwise.has(node.op)) return undefined;
  const shape = known.shapes.get(value)!.join();
  const inputs: string[] = [];
  for (const input of node.inputs) {
    const dims = known.shapes.get(input)!;
    const made = dims.length === 0 ? input : dims.join() === shape && ordered(source, input, moves, both);
    if (!made) return undefined;
    inputs.push(made);
  }
  return b.op(node.op, inputs, node.attributes);
}

const moving = new Set(['Slice', 'Transpose']);
const elementwise = new Set(['Abs', 'Add', 'Max', 'Min', 'Mul', 'Neg', 'Relu', 'Sub']);

function constantInBlocks(
  { b, block, known }: BlockedWeights,
  name: string,
  tensor: Tensor,
  moves: readonly Node[],
  both: boolean,
): string | undefined {
  const shape = tensor.shape;
  let view: View = { tensor, shape, steps: stridesOf(shape), start: 0 };
  for (const node of moves) {
    const moved = movedBy(view, new Site(node, known));
    if (!moved) return undefined;
    view = moved;
  }
  const key = `${name} in blocks ${view.shape} ${view.steps} ${view.start} ${both}`;
  return b.table(key, () => inBlocksOf(view, block, both));
}

/** The view after a movement; undefined where it is none of those that weights make. */
function movedBy(view: View, site: Site): View | undefined {
  const { shape, steps, start } = view;
  if (site.node.op === 'Transpose') {
    const perm = site.ints('perm');
    return { ...view, shape: perm.map((i) => shape[i]), steps: perm.map((i) => steps[i]) };
  }
  // A flip: all of an axis, backwards.
  if (![1, 2, 3, 4].every((i) => site.constant(i)) || site.output().join() !== shape.join()) return undefined;
  const flipped = new Set(site.constants(3));
  if (site.constants(4).some((step) => step !== -1) || [...flipped].some((axis) => axis < 0))
    return undefined;
  const last = [...flipped].reduce((sum, axis) => sum + steps[axis] * (shape[axis] - 1), start);
  return { ...view, steps: steps.map((step, i) => (flipped.has(i) ? -step : step)), start: last };
}

function inBlocksOf({ tensor, shape, steps, start }: View, block: number, both: boolean): Tensor<'float32'> {
  const [outputs, inputs, height, width] = shape;
  const [k, c, y, x] = steps;
  const inner = both ? block : 1;
  const axes: readonly (readonly [count: number, step: number])[] = [
    [outputs / block, k * block],
    [inputs / inner, c * inner],
    [height, y],
    [width, x],
    [inner, c],
    [block, k],
  ];
  const data = tensor.data as Float32Array; // As those of convolutions that fit are.
  const made = new Float32Array(size(shape));
  let to = 0;
  const fill = (axis: number, from: number): void => {
    const [count, step] = axes[axis];
    if (axis === axes.length - 1) for (let i = 0; i < count; i++) made[to++] = data[from + i * step];
    else for (let i = 0; i < count; i++) fill(axis + 1, from + i * step);
  };
  fill(0, start);
  return float32(shape, made);
}

/** The same by nodes, which ONNX Runtime computes when it loads the graph. */
function byNodes(
  { b, block }: BlockedWeights,
  weight: string,
  [outputs, inputs, ...kernel]: readonly number[],
  both: boolean,
): string {
  const apart = both
    ? b.ints(outputs / block, block, inputs / block, block, ...kernel)
    : b.ints(outputs / block, block, inputs, ...kernel);
  const moved = b.op('Transpose', [b.op('Reshape', [weight, apart])], {
    perm: both ? [0, 2, 4, 5, 3, 1] : [0, 2, 3, 4, 1],
  });
  return b.op('Reshape', [moved, b.ints(outputs, inputs, ...kernel)]);
}
