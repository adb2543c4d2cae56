import type { Span } from './shapes.ts';
import type { Site } from './site.ts';
import { operatorOf } from './table.ts';

/**
 * The positions of one of a node's inputs, N×C×…, that some positions of its output depend on, axis by axis; more than
 * these where an operation says nothing of it, which is then taken to see all. Undefined: all, whatever the shape.
 */
export function seenOf(site: Site, spans: readonly Span[], input: number): readonly Span[] | undefined {
  const { sees } = operatorOf(site.node);
  if (sees) return sees(site, spans, input);
  const [from, to] = [site.shape(input).slice(2), site.output().slice(2)];
  if (!isPositionwise(site) || from.length !== to.length) return undefined;
  const fits = from.every((n, axis) => n === to[axis] || n === 1);
  return fits ? spans.map((span, axis) => (from[axis] === 1 ? { first: 0, last: 0 } : span)) : undefined;
}

/** Whether each position of the output depends on the same position of the inputs alone, where shapes are the same. */
function isPositionwise(site: Site): boolean {
  const operator = operatorOf(site.node);
  const role = operator.role(site);
  switch (role.kind) {
    case 'activation':
    case 'normalisation':
    case 'sum':
    case 'max':
      return true;
    case 'linear':
      return role.map.kind === 'affine' || role.map.kind === 'average';
    case 'product':
      return role.form !== 'matrices';
    default:
      return operator.keeps === 'all';
  }
}
