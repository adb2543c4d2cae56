import type { GraphBuilder } from '../../graph/index.ts';
import { operatorOf, type Site } from '../../operators/index.ts';
import { scaleOf } from '../rules/divide.ts';
import { winnerTakesAll } from './winner.ts';

/**
 * How near to the maximum a value has to be for a share, in root mean squares of an image's maxima. Values of float32 are off
 * by about 1e-6 of these: shares by a ten-thousandth.
 */
const tolerance = 1e-2;

/** Keeps the quotient finite where all maxima of an image are zero. */
const tiny = 1e-30;

/**
 * A maximum's relevance goes to the value that won, and to those that nearly did, in proportion to how much nearer they are than
 * the tolerance t: R_i = Σ_j w_ij R_j / Σ_k w_kj with w_ij = max(0, t − |x_i − y_j|). Where no other is within t the winner takes
 * all. Shares are continuous in the values; `winner`'s are not, and rounding decides where two differ by no more than that.
 * Where an operator does not say what competes (TopK), the winner takes all.
 */
export function softWinner(
  b: GraphBuilder,
  site: Site,
  relevance: string,
  input: number,
): string | undefined {
  const competition = operatorOf(site.node).competition?.(b, site);
  if (competition === undefined) return winnerTakesAll(b, site, relevance, input);
  const { values, rank, axes, among, back } = competition;
  const [y] = site.node.outputs;
  const scale = b.op('Mul', [scaleOf(b, site, y), b.scalar(tolerance)]);
  const ofEachImage = b.ints(...Array.from({ length: rank }, (_, axis) => (axis === 0 ? -1 : 1)));
  const t = b.op('Reshape', [b.op('Add', [scale, b.scalar(tiny)]), ofEachImage]);
  const weights = values.map((value) =>
    b.op('Relu', [b.op('Sub', [t, b.op('Abs', [b.op('Sub', [value, among(y)])])])]),
  );
  const total = weights
    .map((each) => (axes.length > 0 ? b.op('ReduceSum', [each, b.ints(...axes)], { keepdims: 1 }) : each))
    .reduce((sum, each) => b.op('Add', [sum, each]));
  const share = b.op('Div', [among(relevance), total]);
  return back(
    weights.map((each) => b.op('Mul', [each, share])),
    input,
  );
}
