import { fail } from '../../common/error.ts';
import { sameShape } from '../../operators/index.ts';
import { EltwiseParameter_EltwiseOp as Op } from '../generated/caffe_pb.ts';
import type { Converter } from './converter.ts';

/** Sum (with coefficients), product or maximum of blobs of one shape. */
export const eltwise: Converter = (c) => {
  const { operation, coeff } = c.layer.eltwiseParam ?? { operation: Op.SUM, coeff: [] };
  const [first] = c.bottoms;
  for (const bottom of c.bottoms) {
    if (!sameShape(bottom.shape, first.shape)) {
      fail(c.where, `its bottoms have different shapes, [${first.shape}] and [${bottom.shape}]`);
    }
  }
  if (coeff.length > 0 && operation !== Op.SUM) fail(c.where, 'coeff goes with operation: SUM only');
  if (coeff.length > 0 && coeff.length !== c.bottoms.length) {
    fail(c.where, `${coeff.length} coeff for ${c.bottoms.length} bottoms`);
  }
  const values = c.bottoms.map(({ value }, i) => {
    const factor = coeff[i] ?? 1;
    return factor === 1 ? value : c.step(`scaled${i}`, 'Mul', [value, c.scalar(`coeff${i}`, factor)]).value;
  });
  if (operation === Op.MAX) return c.result('Max', values);
  if (operation === Op.SUM) return c.result(values.length === 2 ? 'Add' : 'Sum', values);
  const product = values
    .slice(1, -1)
    .reduce((left, right, i) => c.step(`product${i}`, 'Mul', [left, right]).value, values[0]);
  c.result('Mul', [product, values.at(-1)!]);
};
