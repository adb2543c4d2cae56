import type { GraphBuilder } from '../../graph/index.ts';
import { type Layers, pick } from './layers.ts';

/** A 1×1 convolution that predicts the values of the boxes at each place, those of a box together. */
export interface BoxPredictor {
  /** Names of its weights. */
  readonly kernel: string;
  readonly bias: string;
  /** Channels that it takes. */
  readonly channels: number;
  /** Boxes at each place. */
  readonly boxes: number;
  /** Values of each box. */
  readonly of: number;
}

/**
 * Some of the values of every box, as rows N×(places·boxes)×values: the boxes of a place together, the values in the
 * order of `which`. Errors: weights that are missing or of another shape.
 */
export function boxRows(
  b: GraphBuilder,
  { take, kernel, convolution, node }: Layers,
  name: string,
  x: string,
  from: BoxPredictor,
  which: readonly number[],
): string {
  const { channels, boxes, of } = from;
  const rows = Array.from({ length: boxes }, (_, box) => which.map((k) => box * of + k)).flat();
  const weight = pick(kernel(from.kernel, [1, 1, channels, boxes * of]), rows);
  const bias = pick(take(from.bias, [boxes * of]), rows);
  const out = convolution(name, x, { weight, bias });
  const last = node('Transpose', `${name}:nhwc`, [out], { perm: [0, 2, 3, 1] });
  return node('Reshape', `${name}:rows`, [last, b.ints(0, -1, which.length)]);
}

/** The output `boxes`, N×count×4: left, top, right, bottom of boxes with these centres and half sizes, each N×count×2. */
export function outputBoxes(
  b: GraphBuilder,
  { node }: Layers,
  { centre, half }: { readonly centre: string; readonly half: string },
  count: number,
): void {
  const corners = [node('Sub', 'box:from', [centre, half]), node('Add', 'box:to', [centre, half])];
  node('Concat', 'boxes', corners, { axis: 2 });
  b.output('boxes', { name: 'boxes', type: 'float32', shape: ['N', count, 4] });
}

/** The output `scores`, N×count, from 0 to 1, of logits N×count×1. */
export function outputScores(b: GraphBuilder, { node }: Layers, logits: string, count: number): void {
  node('Sigmoid', 'scores', [node('Reshape', 'logit:flat', [logits, b.ints(0, -1)])]);
  b.output('scores', { name: 'scores', type: 'float32', shape: ['N', count] });
}
