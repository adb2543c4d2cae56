import { at, build, type NdArray } from './array.ts';

/** A function of several arrays, element by element, with NumPy's broadcasting. */
export function broadcasting(arrays: readonly NdArray[], f: (values: number[]) => number): NdArray {
  const rank = Math.max(...arrays.map((a) => a.shape.length));
  const shape = Array.from({ length: rank }, (_, i) =>
    Math.max(...arrays.map((a) => a.shape[i - rank + a.shape.length] ?? 1)),
  );
  return build(shape, (index) =>
    f(
      arrays.map((a) => {
        const own = index.slice(rank - a.shape.length);
        return at(
          a,
          own.map((n, i) => (a.shape[i] === 1 ? 0 : n)),
        );
      }),
    ),
  );
}
