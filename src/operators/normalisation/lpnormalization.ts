import type { GraphBuilder } from '../../graph/index.ts';
import { signOf } from '../elementwise/elementwise.ts';
import type { Operator } from '../operator.ts';
import { axisOf } from '../shaping.ts';
import type { Site } from '../site.ts';

/** y = x/‖x‖ along an axis, by the norm of order `p`: 2 (unless given) or 1. */
export const lpNormalization: Operator = {
  op: 'LpNormalization',
  shapes(site) {
    orderOf(site);
    axisIn(site);
    return [site.shape(0)];
  },
  role: () => ({ kind: 'standardisation' }),
  nonNegative: (site, known) => known(site.input(0)),
  // dx = (dy − n·Σ dy·y)/‖x‖, where n is the norm's own slope: y for p = 2, sign x for p = 1.
  vjp(b, site, [dy]) {
    if (dy === undefined) return undefined;
    const [y] = site.node.outputs;
    const axes = b.ints(axisIn(site));
    const along = b.op('ReduceSum', [b.op('Mul', [dy, y]), axes], { keepdims: 1 });
    const slope = orderOf(site) === 2 ? y : signOf(b, site.input(0));
    return b.op('Div', [b.op('Sub', [dy, b.op('Mul', [slope, along])]), normOf(b, site)]);
  },
  fixedScale: (b, site) => ({ transpose: (s) => b.op('Div', [s, normOf(b, site)]) }),
  // ONNX Runtime's kernel is for the CPU only, and of operator set 1.
  lower: (b, site) => b.op('Div', [site.input(0), normOf(b, site)]),
};

const axisIn = (site: Site): number => axisOf(site, site.int('axis', -1), site.shape(0).length);

function orderOf(site: Site): 1 | 2 {
  const p = site.int('p', 2);
  return p === 1 || p === 2 ? p : site.fail(`the norm of order ${p} is not supported`);
}

function normOf(b: GraphBuilder, site: Site): string {
  const [x, axes] = [site.input(0), b.ints(axisIn(site))];
  if (orderOf(site) === 1) return b.op('ReduceSum', [b.op('Abs', [x]), axes], { keepdims: 1 });
  return b.op('Sqrt', [b.op('ReduceSum', [b.op('Mul', [x, x]), axes], { keepdims: 1 })]);
}
