import type { Operator } from '../operator.ts';
import type { Site } from '../site.ts';
import { one, stridesOf, take, walk } from '../value.ts';

/** The axes in another order. */
export const transpose: Operator = {
  op: 'Transpose',
  shapes(site) {
    const shape = site.shape(0);
    const perm = permutation(site);
    if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== shape.length) {
      site.fail(`perm [${perm}] does not order ${shape.length} axes`);
    }
    return [perm.map((axis) => shape[axis])];
  },
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => known(site.input(0)),
  evaluate(site, [x]) {
    if (!x) return undefined;
    const perm = permutation(site);
    const strides = stridesOf(x.shape);
    const shape = perm.map((axis) => x.shape[axis]);
    return one(
      take(
        x,
        shape,
        walk(
          shape,
          perm.map((axis) => strides[axis]),
          0,
        ),
      ),
    );
  },
  vjp(b, site, [dy]) {
    const perm = permutation(site);
    return dy && b.op('Transpose', [dy], { perm: perm.map((_, axis) => perm.indexOf(axis)) });
  },
};

function permutation(site: Site): readonly number[] {
  return site.ints(
    'perm',
    site
      .shape(0)
      .map((_, i) => i)
      .reverse(),
  );
}
