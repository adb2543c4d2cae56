import { addDims, subtractDims } from '../../graph/index.ts';
import type { Operator, Role } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { nonNegativeInput, sumTo } from '../shaping.ts';
import type { Site } from '../site.ts';
import { one, zip } from '../value.ts';
import { affineMap, affineOf, isAgainstConstant, onesFor } from './affine.ts';

/** Add and Sub: of two tensors a sum, of one and a constant a bias (and for c − x a change of sign). */
function addition(op: 'Add' | 'Sub'): Operator {
  return {
    op,
    shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
    role: (site) => biased(site, op) ?? { kind: 'sum', ...(op === 'Sub' && { signs: [1, -1] }) },
    nonNegative: (site, known) =>
      op === 'Add' && nonNegativeInput(site, known, 0) && nonNegativeInput(site, known, 1),
    evaluate: (_, [x, y]) => one(x && y && zip(x, y, op === 'Add' ? addDims : subtractDims)),
    affine: (site) =>
      affineOf(site, (input, c) => {
        if (op === 'Add') return { scale: onesFor(c), shift: c };
        return input === 0
          ? { scale: onesFor(c), shift: c.map((v) => -v) }
          : { scale: c.map(() => -1), shift: c };
      }),
    vjp(b, site, [dy], input) {
      if (dy === undefined) return undefined;
      return sumTo(b, op === 'Sub' && input === 1 ? b.op('Neg', [dy]) : dy, site.output(), site.shape(input));
    },
  };
}

function biased(site: Site, op: 'Add' | 'Sub'): Role | undefined {
  const input = [0, 1].find((i) => isAgainstConstant(site, i));
  if (input === undefined) return undefined;
  const bias = site.input(1 - input);
  if (op === 'Add') return { kind: 'linear', map: affineMap(site, { input, bias }) };
  return {
    kind: 'linear',
    map: affineMap(site, {
      input,
      derive: (b) => (input === 0 ? { bias: b.op('Neg', [bias]) } : { weight: b.scalar(-1), bias }),
    }),
  };
}

export const add = addition('Add');
export const sub = addition('Sub');

/** The sum of any number of tensors. */
export const sum: Operator = {
  op: 'Sum',
  shapes: (site) => [site.node.inputs.map((_, i) => site.shape(i)).reduce((a, b) => broadcast(site, a, b))],
  role: (site) => ({ kind: site.node.inputs.length > 1 ? 'sum' : 'movement' }),
  nonNegative: (site, known) => site.node.inputs.every((_, i) => nonNegativeInput(site, known, i)),
  vjp: (b, site, [dy], input) => dy && sumTo(b, dy, site.output(), site.shape(input)),
  // ONNX Runtime's WebGPU provider has no Sum.
  lower(b, site) {
    const { inputs } = site.node;
    return inputs.length === 1
      ? b.op('Identity', inputs)
      : inputs.reduce((total, value) => b.op('Add', [total, value]));
  },
};
