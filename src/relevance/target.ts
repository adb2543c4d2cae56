import { fail } from '../common/error.ts';
import { type Dim, type GraphBuilder, int64, type Shape } from '../graph/index.ts';
import type { Link } from '../operators/index.ts';

/** How the classes to explain are chosen: one index per image (−1: the predicted class), or weights over classes. */
export type TargetInput = 'index' | 'weights';

/** What relevance starts with: the raw score, one, or the probability of each chosen class. */
export type Start = 'score' | 'one' | 'probability';

/**
 * Declares the graph input `target` and returns the starting relevance in the shape of `scores` (N×K or N×K×1×1).
 * By index, `target` is int64 N; an index from K on is refused by ONNX Runtime when it runs. By weights, it is
 * float32 N×K: one-hot, several classes, or +1 and −1 for a contrast. `link` makes scores to probabilities.
 */
export function startingRelevance(
  b: GraphBuilder,
  scores: string,
  shape: Shape,
  kind: TargetInput,
  start: Start,
  link: Link = 'softmax',
): string {
  const [batch, classes] = shape;
  if (typeof classes !== 'number' || shape.length < 2 || shape.slice(2).some((n) => n !== 1)) {
    return fail(
      `scores '${scores}'`,
      `expected one score per class (N×K), got [${shape}]`,
      'explain an output that is pooled over positions',
    );
  }
  const weights =
    kind === 'weights'
      ? b.input({ name: 'target', type: 'float32', shape: [batch, classes] })
      : oneHot(b, scores, batch, classes);
  const chosen =
    shape.length === 2 ? weights : b.op('Reshape', [weights, b.ints(-1, ...shape.slice(1).map(Number))]);
  if (start === 'one') return chosen;
  if (start === 'score') return b.op('Mul', [chosen, scores]);
  return b.op('Mul', [chosen, probabilitiesOf(b, scores, link)]);
}

/** The probabilities that scores N×K… stand for: each of its own (`sigmoid`), or of all classes together. */
export const probabilitiesOf = (b: GraphBuilder, scores: string, link: Link = 'softmax'): string =>
  link === 'sigmoid' ? b.op('Sigmoid', [scores]) : b.op('Softmax', [scores], { axis: 1 });

function oneHot(b: GraphBuilder, scores: string, batch: Dim, classes: number): string {
  const index = b.input({ name: 'target', type: 'int64', shape: [batch] });
  const flat = b.op('Reshape', [scores, b.ints(-1, classes)]);
  const best = b.op('ArgMax', [flat], { axis: 1, keepdims: 0 });
  const isPredicted = b.op('Less', [index, b.constant(int64([], [0]))]);
  const every = b.ints(...Array.from({ length: classes }, (_, i) => i));
  // Gather changes no index, but refuses one that does not exist, which Equal would find nowhere.
  const chosen = b.op('Gather', [every, b.op('Where', [isPredicted, best, index])]);
  return b.op('Cast', [b.op('Equal', [b.op('Unsqueeze', [chosen, b.ints(1)]), every])], { to: 1 });
}
