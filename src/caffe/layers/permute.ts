import { fail } from '../../common/error.ts';
import { int64 } from '../../graph/index.ts';
import { fixedDims } from './axes.ts';
import type { Converter } from './converter.ts';

/** SSD's Permute: the axes in another order; those that are not named follow in their own. */
export const permute: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const named = c.layer.permuteParam?.order ?? [];
  const wrong = named.find((axis, i) => axis >= shape.length || named.indexOf(axis) < i);
  if (wrong !== undefined) fail(c.where, `order ${named} does not order ${shape.length} axes`);
  const order = [...named, ...shape.map((_, axis) => axis).filter((axis) => !named.includes(axis))];
  if (order[0] !== 0) fail(c.where, 'it moves the batch from its place', 'begin order with 0');
  c.result('Transpose', [value], { perm: order });
};

/** ShuffleNet's ShuffleChannel: channels as `group` rows, read column by column. */
export const shuffleChannel: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  const group = c.layer.shuffleChannelParam?.group ?? 1;
  const [channels, ...others] = fixedDims(c.where, shape, 1);
  if (group < 1 || channels % group !== 0) {
    fail(c.where, `${channels} channels do not divide into ${group} groups`);
  }
  const dims = (role: string, sizes: readonly number[]) => c.constant(role, int64([sizes.length], sizes));
  const rows = dims('rows', [0, group, channels / group, ...others]);
  const grouped = c.step('grouped', 'Reshape', [value, rows]).value;
  const perm = [0, 2, 1, ...others.map((_, i) => 3 + i)];
  const transposed = c.step('transposed', 'Transpose', [grouped], { perm }).value;
  c.result('Reshape', [transposed, dims('shape', [0, channels, ...others])]);
};
