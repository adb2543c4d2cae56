import { fail } from '../../common/error.ts';
import { sameShape } from '../../operators/index.ts';
import type { Converter } from './converter.ts';
import { placed } from './scale.ts';

/** SENet's y = a·x + z: a has one number for each channel, N×C or N×C×1×1; x and z have one shape. */
export const axpy: Converter = (c) => {
  const [a, x, z] = c.bottoms;
  const own = a.shape.slice(0, 2);
  const perChannel = sameShape(own, x.shape.slice(0, 2)) && a.shape.slice(2).every((dim) => dim === 1);
  if (!perChannel)
    fail(c.where, `its first bottom [${a.shape}] is not one number for each channel of [${x.shape}]`);
  if (!sameShape(x.shape, z.shape)) {
    fail(c.where, `its second and third bottom have different shapes, [${x.shape}] and [${z.shape}]`);
  }
  const scaled = c.step('scaled', 'Mul', [x.value, placed(c, a, x.shape.length)]);
  c.result('Add', [scaled.value, z.value]);
};
