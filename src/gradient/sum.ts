import type { GraphBuilder } from '../graph/index.ts';

/**
 * The sum of two cotangents of x. Relevance often comes as x ⊙ t: then the t are summed first and multiplied once,
 * in one chain of additions, which ONNX Runtime fuses into the convolutions that make the t.
 */
export function addCotangents(b: GraphBuilder, x: string, one: string, other: string): string {
  const [s, t] = [cofactor(b, x, one), cofactor(b, x, other)];
  if (s === undefined || t === undefined) return b.op('Add', [one, other]);
  const sum = [...addends(b, s), ...addends(b, t)].reduce((total, part) => b.op('Add', [total, part]));
  return b.op('Mul', [x, sum]);
}

/** The t of a value made as x ⊙ t. */
export function cofactor(b: GraphBuilder, x: string, value: string): string | undefined {
  const node = b.producer(value);
  return node?.op === 'Mul' && node.inputs[0] === x ? node.inputs[1] : undefined;
}

/** The values that an addition, or a tree of them, adds up. */
function addends(b: GraphBuilder, value: string): string[] {
  const node = b.producer(value);
  return node?.op === 'Add' ? node.inputs.flatMap((input) => addends(b, input)) : [value];
}
