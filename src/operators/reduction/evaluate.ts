import { addDims, type Dim, size } from '../../graph/index.ts';
import { type Elements, stridesOf, walk } from '../value.ts';
import type { Reduction } from './reduction.ts';

interface How {
  /** What is made of each element before; the element itself unless given. */
  readonly of?: (x: number) => number;
  /** Joins two; their sum unless given. */
  readonly join?: (total: Dim, x: Dim) => Dim | undefined;
  /** What is made of the whole; itself unless given. */
  readonly end?: (total: number) => number;
}

/** A reduction of known elements; undefined where it cannot be said of dimensions. */
export function evaluateReduction(
  x: Elements,
  { axes, output }: Pick<Reduction, 'axes' | 'output'>,
  { of, join = addDims, end }: How = {},
): readonly Elements[] | undefined {
  const strides = stridesOf(x.shape);
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const starts = walk(
    kept.map((axis) => x.shape[axis]),
    kept.map((axis) => strides[axis]),
    0,
  );
  const offsets = walk(
    axes.map((axis) => x.shape[axis]),
    axes.map((axis) => strides[axis]),
    0,
  );
  const at = (place: number): Dim => {
    const value = x.data[place];
    return of && typeof value === 'number' ? of(value) : value;
  };
  const data: Dim[] = [];
  for (const start of starts) {
    let total: Dim | undefined = offsets.length > 0 ? at(start + offsets[0]) : 0;
    for (let i = 1; i < offsets.length && total !== undefined; i++)
      total = join(total, at(start + offsets[i]));
    if (total === undefined || (typeof total === 'string' && (of || end))) return undefined;
    data.push(end && typeof total === 'number' ? end(total) : total);
  }
  const shape = output.map(Number);
  return size(shape) === data.length ? [{ shape, data }] : undefined;
}
