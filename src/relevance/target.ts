import { fail } from '../common/error.ts';
import { type GraphBuilder, int64, type Shape } from '../graph/index.ts';

/** How the classes to explain are chosen: one index per image (−1: the predicted class), or weights over classes. */
export type TargetInput = 'index' | 'weights';

/** What relevance starts with: the raw score, one, or the softmax probability of each chosen class. */
export type Start = 'score' | 'one' | 'probability';

/**
 * Declares the graph input `target` and returns the starting relevance in the shape of `scores` (N×K or N×K×1×1).
 * By index, `target` is int64 N; by weights, float32 N×K: one-hot, several classes, or +1 and −1 for a contrast.
 */
export function startingRelevance(
  b: GraphBuilder,
  scores: string,
  shape: Shape,
  kind: TargetInput,
  start: Start,
): string {
  const classes = shape[1];
  if (typeof classes !== 'number' || shape.length < 2 || shape.slice(2).some((n) => n !== 1)) {
    return fail(`scores '${scores}'`, `expected one score per class (N×K), got [${shape}]`);
  }
  const weights =
    kind === 'weights'
      ? b.input({ name: 'target', type: 'float32', shape: ['N', classes] })
      : oneHot(b, scores, classes);
  const chosen =
    shape.length === 2 ? weights : b.op('Reshape', [weights, b.ints(-1, ...shape.slice(1).map(Number))]);
  if (start === 'one') return chosen;
  return b.op('Mul', [chosen, start === 'score' ? scores : b.op('Softmax', [scores], { axis: 1 })]);
}

function oneHot(b: GraphBuilder, scores: string, classes: number): string {
  const index = b.input({ name: 'target', type: 'int64', shape: ['N'] });
  const flat = b.op('Reshape', [scores, b.ints(-1, classes)]);
  const best = b.op('ArgMax', [flat], { axis: 1, keepdims: 0 });
  const isPredicted = b.op('Less', [index, b.constant(int64([], [0]))]);
  const chosen = b.op('Unsqueeze', [b.op('Where', [isPredicted, best, index]), b.ints(1)]);
  const every = b.constant(
    int64(
      [1, classes],
      Array.from({ length: classes }, (_, i) => i),
    ),
  );
  return b.op('Cast', [b.op('Equal', [chosen, every])], { to: 1 });
}
