import { type Dim, divideDims, productOf, type Shape } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { axisOf, reshapeLike } from '../shaping.ts';
import type { Site } from '../site.ts';

/** An operator that keeps the elements and their order, and changes the shape only. */
function reshaping(op: string, shapeOf: (site: Site) => Shape): Operator {
  return {
    op,
    shapes: (site) => [shapeOf(site)],
    role: () => ({ kind: 'movement' }),
    keeps: 'elements',
    // Channels that become the last axis, as behind pooling over all of a picture.
    through(site, affine) {
      const { axis } = affine;
      const shape = shapeOf(site);
      const isLast = axis !== undefined && axis === shape.length - 1;
      const isSame = isLast && shape.every((dim, i) => dim === site.shape(0)[i]);
      return axis === undefined ||
        (isSame &&
          site
            .shape(0)
            .slice(axis + 1)
            .every((dim) => dim === 1))
        ? [affine]
        : undefined;
    },
    evaluate(site, [x]) {
      const shape = shapeOf(site);
      const known = shape.every((dim) => typeof dim === 'number');
      return x && known ? [{ shape: shape.map(Number), data: x.data }] : undefined;
    },
    nonNegative: (site, known) => known(site.input(0)),
    vjp: (b, site, [dy], input) => (dy && input === 0 ? reshapeLike(b, dy, site.shape(0)) : undefined),
  };
}

/** To a constant shape, in which 0 keeps the input's dimension and one −1 takes what is left. */
export const reshape = reshaping('Reshape', (site) => {
  const from = site.shape(0);
  const copies = site.int('allowzero', 0) === 0;
  const target: Dim[] = site.dimensions(1).map((dim, i) => {
    if (dim !== 0 || !copies) return dim;
    return (
      from[i] ??
      site.fail(`dimension ${i} of the new shape is kept from an input of ${from.length} dimensions`)
    );
  });
  const open = target.indexOf(-1);
  if (open >= 0) target[open] = quotient(site, from, target.toSpliced(open, 1));
  else if (quotient(site, from, target) !== 1) mismatch(site, from, target);
  return target;
});

/** To two dimensions: those before the axis, and the others. */
export const flatten = reshaping('Flatten', (site) => {
  const from = site.shape(0);
  const axis = site.int('axis', 1);
  const at = axis === from.length ? axis : axisOf(site, axis, from.length);
  return [productOf(from.slice(0, at)), productOf(from.slice(at))];
});

/** Without the given dimensions of size 1, or without all of them. */
export const squeeze = reshaping('Squeeze', (site) => {
  const from = site.shape(0);
  const axes = site.has(1)
    ? site.constants(1).map((axis) => axisOf(site, axis, from.length))
    : from.flatMap((dim, i) => (dim === 1 ? [i] : []));
  const kept = axes.find((axis) => from[axis] !== 1);
  if (kept !== undefined) site.fail(`dimension ${kept} of [${from}] is not 1 and cannot be removed`);
  return from.filter((_, i) => !axes.includes(i));
});

/** With dimensions of size 1 at the given places of the result. */
export const unsqueeze = reshaping('Unsqueeze', (site) => {
  const rest = [...site.shape(0)];
  const rank = rest.length + site.constants(1).length;
  const axes = site.constants(1).map((axis) => axisOf(site, axis, rank));
  return Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!));
});

/** The dimension that a shape leaves when divided by others. Errors: one that is none for some size of the batch. */
const quotient = (site: Site, shape: Shape, by: Shape): Dim =>
  divideDims(productOf(shape), productOf(by)) ?? mismatch(site, shape, by);

function mismatch(site: Site, from: Shape, to: Shape): never {
  const symbolic = from.some((dim) => typeof dim === 'string');
  return site.fail(
    `dimensions [${from}] cannot become [${to}]`,
    symbolic ? 'the batch must stay a dimension of its own' : undefined,
  );
}
