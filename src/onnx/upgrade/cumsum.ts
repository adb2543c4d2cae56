import type { Node } from '../../graph/graph.ts';
import { float32 } from '../../graph/tensor.ts';
import { intOf, type Upgrade, type UpgradeSite } from './step.ts';

/** The running sum of floats along a fixed axis, as a product with a triangle of ones; sums of shapes stay as they are. */
function cumSum(node: Node, site: UpgradeSite): Node | readonly Node[] {
  const [input = '', at] = node.inputs;
  const [dims, axis] = [site.dims(input), site.constant(at)];
  if (site.type(input) !== 'float32' || site.constant(input) || !dims || !axis) return node;
  const place = Number(axis.data[0]);
  const along = place < 0 ? place + dims.length : place;
  const count = dims[along];
  if (count === undefined) return site.fail(`the length of axis ${along} is not known`);
  const [exclusive, reverse] = [intOf(node, 'exclusive', 0, site), intOf(node, 'reverse', 0, site)];
  const isAdded = (from: number, to: number) =>
    (reverse ? from > to : from < to) || (exclusive === 0 && from === to);
  const triangle = Float32Array.from({ length: count * count }, (_, i) =>
    isAdded(Math.floor(i / count), i % count) ? 1 : 0,
  );
  const matrix = site.add(float32([count, count], triangle));
  const last = dims.length - 1;
  if (along === last) return { ...node, op: 'MatMul', inputs: [input, matrix], attributes: {} };
  const perm = dims.map((_, i) => (i === along ? last : i === last ? along : i));
  const [turned, product] = [site.fresh(), site.fresh()];
  return [
    { ...node, name: turned, op: 'Transpose', inputs: [input], outputs: [turned], attributes: { perm } },
    { ...node, name: product, op: 'MatMul', inputs: [turned, matrix], outputs: [product], attributes: {} },
    { ...node, op: 'Transpose', inputs: [product], attributes: { perm } },
  ];
}

export const cumsum: readonly Upgrade[] = [{ ops: ['CumSum'], convert: cumSum }];
