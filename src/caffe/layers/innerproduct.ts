import { fail } from '../../common/error.ts';
import { int64, size } from '../../graph/index.ts';
import { blobAxis, fixedDims } from './axes.ts';
import type { Conversion, Converter } from './converter.ts';

/** Flattens from `axis` on, then multiplies: y = x·Wᵀ + b. */
export const innerProduct: Converter = (c) => {
  const p = c.layer.innerProductParam ?? fail(c.where, 'inner_product_param is missing');
  const [bottom] = c.bottoms;
  const axis = blobAxis(c.where, p.axis, bottom.shape.length);
  if (axis === 0) fail(c.where, 'it would merge the images of a batch', 'multiply from axis 1 on');
  if (p.numOutput === 0) fail(c.where, 'num_output is missing');
  const inner = size(fixedDims(c.where, bottom.shape, axis));
  const weight = c.weight(0, 'weight', p.transpose ? [inner, p.numOutput] : [p.numOutput, inner]);
  const bias = p.biasTerm ? c.weight(1, 'bias', [p.numOutput]) : undefined;
  if (axis > 1) return ofEachRow(c, axis, inner, p.transpose, weight, bias);
  const flat = bottom.shape.length === 2 ? bottom : c.step('flatten', 'Flatten', [bottom.value], { axis: 1 });
  const terms = bias === undefined ? [] : [bias];
  c.result('Gemm', [flat.value, weight, ...terms], p.transpose ? {} : { transB: 1 });
};

/** The axes before `axis` stay: every row behind them is multiplied by the same weights. */
function ofEachRow(
  c: Conversion,
  axis: number,
  inner: number,
  transposed: boolean,
  weight: string,
  bias: string | undefined,
): void {
  const [{ value, shape }] = c.bottoms;
  const dims = [0, ...fixedDims(c.where, shape, 1, axis - 1), inner];
  const rows =
    shape.length === dims.length
      ? value
      : c.step('rows', 'Reshape', [value, c.constant('shape', int64([dims.length], dims))]).value;
  const factor = transposed ? weight : c.step('factor', 'Transpose', [weight], { perm: [1, 0] }).value;
  if (bias === undefined) c.result('MatMul', [rows, factor]);
  else c.result('Add', [c.step('product', 'MatMul', [rows, factor]).value, bias]);
}
