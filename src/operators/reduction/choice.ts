import type { Shape } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { axisOf } from '../shaping.ts';
import type { Site } from '../site.ts';

/** The position of the largest or smallest element along an axis (0 unless given). No gradient passes. */
const position = (op: string): Operator => ({
  op,
  shapes(site) {
    const shape = site.shape(0);
    const axis = axisOf(site, site.int('axis', 0), shape.length);
    return [
      site.int('keepdims', 1) === 1
        ? shape.map((dim, i) => (i === axis ? 1 : dim))
        : shape.filter((_, i) => i !== axis),
    ];
  },
  types: () => ['int64'],
  chooses: true,
  role: () => ({ kind: 'index' }),
  vjp: () => undefined,
});

export const argMax = position('ArgMax');
export const argMin = position('ArgMin');

/** The k largest (or smallest) elements along an axis, and their positions. Gradients go to where they were. */
export const topK: Operator = {
  op: 'TopK',
  shapes: (site) => [chosen(site), chosen(site)],
  types: (site) => [site.type(0), 'int64'],
  chooses: true,
  role: () => ({ kind: 'max' }),
  nonNegative: (site, known) => known(site.input(0)),
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    const [x] = site.node.inputs;
    // The positions may have no name at the node itself.
    const [, indices] = b.ops('TopK', site.node.inputs, 2, site.node.attributes);
    const zeros = b.op('Expand', [b.scalar(0), b.op('Shape', [x])]);
    return b.op('ScatterElements', [zeros, indices, dy], { axis: axisIn(site) });
  },
};

const axisIn = (site: Site): number => axisOf(site, site.int('axis', -1), site.shape(0).length);

function chosen(site: Site): Shape {
  const [k] = site.constants(1);
  return site.shape(0).map((dim, i) => (i === axisIn(site) ? k : dim));
}
