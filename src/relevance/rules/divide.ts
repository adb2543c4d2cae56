import type { GraphBuilder } from '../../graph/index.ts';
import type { Site } from '../../operators/index.ts';
import { guard } from './operands.ts';
import type { Stabiliser, Term } from './rule.ts';

/** The relevance that a term shares: of all outputs, or of those of one sign. */
export function givenBy(b: GraphBuilder, site: Site, { outputs }: Term, relevance: string): string {
  if (outputs === undefined) return relevance;
  const negative = b.op('Less', [site.node.outputs[0], b.scalar(0)]);
  return outputs === 'negative'
    ? b.op('Where', [negative, relevance, b.scalar(0)])
    : b.op('Where', [negative, b.scalar(0), relevance]);
}

/** s = R / stabilised(z), both in the shape of the node's output or broadcast to it. */
export function divide(
  b: GraphBuilder,
  site: Site,
  relevance: string,
  z: string,
  stabiliser: Stabiliser,
): string {
  switch (stabiliser.kind) {
    case 'guard':
    case 'none':
      return b.op('Div', [relevance, z]);
    case 'threshold': {
      const large = b.op('Greater', [b.op('Abs', [z]), b.scalar(stabiliser.threshold)]);
      return b.op('Div', [relevance, b.op('Where', [large, z, b.scalar(1)])]);
    }
    case 'relative': {
      const shift = b.op('Add', [
        b.op('Mul', [scaleOf(b, site, z), b.scalar(stabiliser.epsilon)]),
        b.scalar(guard),
      ]);
      return b.op('Div', [relevance, awayFromZero(b, z, shift, b.op('Neg', [shift]))]);
    }
    case 'epsilon': {
      const { epsilon } = stabiliser;
      const stable = awayFromZero(b, z, b.scalar(epsilon), b.scalar(-epsilon));
      if (stabiliser.zero !== 'pass') return b.op('Div', [relevance, stable]);
      const isZero = b.op('Equal', [z, b.scalar(0)]);
      return b.op('Div', [relevance, b.op('Where', [isZero, b.scalar(1), stable])]);
    }
  }
}

/** z + shift·sign z, with sign(0) = 1. */
function awayFromZero(b: GraphBuilder, z: string, shift: string, negated: string): string {
  return b.op('Add', [z, b.op('Where', [b.op('Less', [z, b.scalar(0)]), negated, shift])]);
}

/** The root mean square of z over everything but the batch, N×1×…. */
export function scaleOf(b: GraphBuilder, site: Site, z: string): string {
  const axes = site.output().flatMap((_, axis) => (axis === 0 ? [] : [axis]));
  if (axes.length === 0) return b.op('Abs', [z]);
  const square = b.op('Mul', [z, z]);
  return b.op('Sqrt', [b.op('ReduceMean', [square, b.ints(...axes)], { keepdims: 1 })]);
}
