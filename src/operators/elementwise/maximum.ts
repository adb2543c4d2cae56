import { compareDims, type Dim } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { nonNegativeInput, sumTo } from '../shaping.ts';
import { one, zip } from '../value.ts';

/** Max or Min of any number of tensors, element by element; the first input that attains it is the winner. */
function extremum(op: 'Max' | 'Min'): Operator {
  const loses = op === 'Max' ? 'Less' : 'Greater';
  return {
    op,
    shapes: (site) => [site.node.inputs.map((_, i) => site.shape(i)).reduce((a, b) => broadcast(site, a, b))],
    // Against constants it is a function of each element, as ReLU is.
    role(site) {
      const variables = site.node.inputs.filter((_, i) => !site.constant(i));
      return { kind: variables.length > 1 ? 'max' : 'activation' };
    },
    nonNegative(site, known) {
      const each = site.node.inputs.map((_, i) => nonNegativeInput(site, known, i));
      return op === 'Max' ? each.some(Boolean) : each.every(Boolean);
    },
    evaluate: (_, inputs) =>
      one(inputs.reduce((most, x) => most && x && zip(most, x, op === 'Max' ? larger : smaller))),
    vjp(b, site, [dy], input) {
      if (dy === undefined) return undefined;
      const [y] = site.node.outputs;
      const none = b.scalar(0);
      const attained = b.op('Where', [b.op('Equal', [site.input(input), y]), dy, none]);
      const won = site.node.inputs
        .slice(0, input)
        .reduce((d, earlier) => b.op('Where', [b.op(loses, [earlier, y]), d, none]), attained);
      return sumTo(b, won, site.output(), site.shape(input));
    },
    competition: (b, site) => ({
      values: site.node.inputs.map((_, i) => site.input(i)),
      rank: site.output().length,
      axes: [],
      among: (value) => value,
      back: (shares, input) => sumTo(b, shares[input], site.output(), site.shape(input)),
    }),
  };
}

export const max = extremum('Max');
export const min = extremum('Min');

function larger(x: Dim, y: Dim): Dim | undefined {
  if (typeof x === 'number' && typeof y === 'number') return Math.max(x, y);
  const order = compareDims(x, y);
  return order === undefined ? undefined : order < 0 ? y : x;
}

function smaller(x: Dim, y: Dim): Dim | undefined {
  if (typeof x === 'number' && typeof y === 'number') return Math.min(x, y);
  const order = compareDims(x, y);
  return order === undefined ? undefined : order < 0 ? x : y;
}
