import type { GraphBuilder } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { nonNegativeInput, sameShape, sumTo } from '../shaping.ts';
import type { Site } from '../site.ts';
import { affineMap } from './affine.ts';

/** Whether the i-th input is scaled, element by element, by the other one, a constant. */
const isScaled = (site: Site, i: number): boolean =>
  !site.constant(i) && site.constant(1 - i) !== undefined && sameShape(site.shape(i), site.output());

/** Product of two tensors, or a scaling where one is a constant. */
export const mul: Operator = {
  op: 'Mul',
  shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
  role(site) {
    const input = [0, 1].find((i) => isScaled(site, i));
    if (input === undefined) return { kind: 'product' };
    return { kind: 'linear', map: affineMap(site, { input, weight: site.input(1 - input) }) };
  },
  nonNegative: (site, known) =>
    site.input(0) === site.input(1) || (nonNegativeInput(site, known, 0) && nonNegativeInput(site, known, 1)),
  vjp: (b, site, [dy], input) =>
    dy && sumTo(b, b.op('Mul', [dy, site.input(1 - input)]), site.output(), site.shape(input)),
};

/** Quotient: of a tensor by a constant a scaling, of a constant by a tensor a function of each element. */
export const div: Operator = {
  op: 'Div',
  shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
  role(site) {
    if (isScaled(site, 1)) return { kind: 'activation' };
    if (!isScaled(site, 0)) return { kind: 'product' };
    const derive = (b: GraphBuilder) => ({ weight: b.op('Div', [b.scalar(1), site.input(1)]) });
    return { kind: 'linear', map: affineMap(site, { input: 0, derive }) };
  },
  nonNegative: (site, known) => nonNegativeInput(site, known, 0) && nonNegativeInput(site, known, 1),
  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    const dx = b.op('Div', [dy, site.input(1)]);
    const d = input === 0 ? dx : b.op('Neg', [b.op('Mul', [dx, site.node.outputs[0]])]);
    return sumTo(b, d, site.output(), site.shape(input));
  },
};
