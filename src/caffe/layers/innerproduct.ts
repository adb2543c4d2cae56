import { fail } from '../../common/error.ts';
import { axisOf } from './axes.ts';
import type { Converter } from './converter.ts';

/** Flattens from `axis` on, then multiplies: y = x·Wᵀ + b. */
export const innerProduct: Converter = (c) => {
  const p = c.layer.innerProductParam ?? fail(c.where, 'inner_product_param is missing');
  const [bottom] = c.bottoms;
  const axis = axisOf(c.where, p.axis, bottom.shape.length);
  if (axis !== 1) fail(c.where, `axis ${p.axis} is not supported`, 'only 1 is');
  if (p.numOutput === 0) fail(c.where, 'num_output is missing');
  const inner = bottom.shape.slice(1).reduce<number>((product, dim) => product * Number(dim), 1);
  const flat = bottom.shape.length === 2 ? bottom : c.step('flatten', 'Flatten', [bottom.value], { axis: 1 });
  const weight = c.weight(0, 'weight', p.transpose ? [inner, p.numOutput] : [p.numOutput, inner]);
  const bias = p.biasTerm ? [c.weight(1, 'bias', [p.numOutput])] : [];
  c.result('Gemm', [flat.value, weight, ...bias], p.transpose ? {} : { transB: 1 });
};
