import { float32, type Tensor } from '../../graph/index.ts';
import { type Convert, isConstant, isDims, type OperationSite, type TfResult, wholeNumbers } from './site.ts';
import type { TfDim } from './values.ts';

/* What is computed while a network is converted: constants of constants, and the shapes that reshapings ask for. */

/** An operation of two constants or shapes, of one shape or of a number and others. */
export function computed(site: OperationSite, compute: (a: number, b: number) => number): TfResult {
  const [a, b] = site.inputs;
  if (isConstant(a) && isConstant(b)) {
    const [small, large] = a.data.length < b.data.length ? [a, b] : [b, a];
    const isOne = small.data.length === 1 || String(small.shape) === String(large.shape);
    if (!isOne) return site.b.fail('it combines constants of different shapes');
    const pick = (t: Tensor<'float32'>, i: number) => t.data[t.data.length === 1 ? 0 : i];
    return float32(
      large.shape,
      large.data.map((_, i) => compute(pick(a, i), pick(b, i))),
    );
  }
  const [x, y] = [site.numbers(0), site.numbers(1)];
  const dims = (x.length >= y.length ? x : y).map((_, i) => {
    const [m, n] = [x[x.length === 1 ? 0 : i], y[y.length === 1 ? 0 : i]];
    if (typeof m === 'number' && typeof n === 'number') return compute(m, n);
    // The batch times one is the batch.
    return m === 1 ? n : n === 1 ? m : site.b.fail('it computes with the number of images');
  });
  return { dims };
}

const shapeOf = (made: TfResult): readonly TfDim[] => (isDims(made) ? [made.dims.length] : made.shape);

/** A part of a list of dimensions, as Python slices: only what shapes are computed with. */
const stridedSlice: Convert = (site) => {
  const [x] = site.inputs;
  if (!isDims(x) && !(isConstant(x) && x.shape.length === 1))
    return site.b.fail('a slice of a value is not supported');
  const list = site.numbers(0);
  const [[start], [end]] = [wholeNumbers(site, 1), wholeNumbers(site, 2)] as [[number], [number]];
  const { attributes } = site;
  const from = attributes.number('begin_mask', 0) & 1 ? 0 : start;
  if (attributes.number('shrink_axis_mask', 0) & 1) return { dims: [list.at(from) ?? 1] };
  return { dims: list.slice(from, attributes.number('end_mask', 0) & 1 ? undefined : end) };
};

/** Operations that shapes are made by. */
export const shapeOperations: Readonly<Record<string, Convert>> = {
  Shape: ({ inputs: [x], b }) => ({ dims: x ? shapeOf(x) : b.fail('it has no input') }),
  StridedSlice: stridedSlice,
  Pack: (site) => ({ dims: site.inputs.flatMap((_, i) => site.numbers(i)) }),
  Prod(site) {
    const [first, ...rest] = site.numbers(0);
    if (first === 'N' && rest.every((dim) => dim === 1)) return { dims: ['N'] };
    return { dims: [wholeNumbers(site, 0).reduce((product, n) => product * n, 1)] };
  },
};
