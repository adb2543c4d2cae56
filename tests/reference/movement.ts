import { at, atOr, build, count, indices, type NdArray, offset } from './array.ts';

export function concatenated(arrays: readonly NdArray[], axis: number): NdArray {
  const shape = arrays[0].shape.with(
    axis,
    arrays.reduce((sum, a) => sum + a.shape[axis], 0),
  );
  return build(shape, (index) => {
    let place = index[axis];
    for (const a of arrays) {
      if (place < a.shape[axis]) return at(a, index.with(axis, place));
      place -= a.shape[axis];
    }
    throw new Error('beyond the last array');
  });
}

/** The elements of an axis that `kept` names, in that order. */
export function taken(a: NdArray, axis: number, kept: readonly number[]): NdArray {
  return build(a.shape.with(axis, kept.length), (index) => at(a, index.with(axis, kept[index[axis]])));
}

/** Where Python's `range(size)[start:end:step]` goes. */
export function range(size: number, start: number, end: number, step: number): number[] {
  const clamp = (n: number, low: number, high: number) => Math.min(Math.max(n < 0 ? n + size : n, low), high);
  const found: number[] = [];
  if (step > 0) for (let i = clamp(start, 0, size); i < clamp(end, 0, size); i += step) found.push(i);
  else for (let i = clamp(start, 0, size - 1); i > clamp(end, -1, size - 1); i += step) found.push(i);
  return found;
}

export function padded(a: NdArray, pads: readonly number[], mode: string, value: number): NdArray {
  const rank = a.shape.length;
  const shape = a.shape.map((n, i) => n + pads[i] + pads[i + rank]);
  return build(shape, (index) => {
    const from = index.map((n, i) => n - pads[i]);
    if (mode === 'constant') return atOr(a, from, value);
    return at(
      a,
      from.map((n, i) => {
        const last = a.shape[i] - 1;
        if (mode === 'edge') return Math.min(Math.max(n, 0), last);
        return n < 0 ? -n : n > last ? 2 * last - n : n;
      }),
    );
  });
}

export const permuted = (a: NdArray, perm: readonly number[]): NdArray =>
  build(
    perm.map((axis) => a.shape[axis]),
    (index) => {
      const from = new Array<number>(perm.length);
      perm.forEach((axis, i) => {
        from[axis] = index[i];
      });
      return at(a, from);
    },
  );

/** Folds the elements along axes into one by `f`, with those axes kept as 1. */
export function reduced(a: NdArray, axes: readonly number[], f: (values: number[]) => number): NdArray {
  const shape = a.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const lists: number[][] = Array.from({ length: count(shape) }, () => []);
  for (const index of indices(a.shape)) {
    const into = index.map((n, i) => (axes.includes(i) ? 0 : n));
    lists[offset(shape, into)].push(at(a, index));
  }
  return { shape, data: Float64Array.from(lists, f) };
}

/** Images of another size; each output pixel looks up its place on the input's axes. */
export function resized(
  x: NdArray,
  size: readonly number[],
  { mode, coordinates, rounding }: { mode: string; coordinates: string; rounding: string },
): NdArray {
  const place = (at: number, from: number, to: number): number => {
    const scale = to / from;
    if (coordinates === 'asymmetric') return at / scale;
    if (coordinates === 'align_corners') return to === 1 ? 0 : (at * (from - 1)) / (to - 1);
    if (coordinates === 'pytorch_half_pixel' && to === 1) return 0;
    return (at + 0.5) / scale - 0.5;
  };
  const nearest: Readonly<Record<string, (at: number) => number>> = {
    floor: Math.floor,
    ceil: Math.ceil,
    round_prefer_floor: (at) => (at - Math.floor(at) === 0.5 ? Math.floor(at) : Math.round(at)),
    round_prefer_ceil: (at) => Math.round(at),
  };
  const [height, width] = x.shape.slice(2);
  const clamp = (at: number, length: number) => Math.max(0, Math.min(length - 1, at));
  return build([...x.shape.slice(0, 2), ...size], ([n, c, row, column]) => {
    const [y, z] = [place(row, height, size[0]), place(column, width, size[1])];
    const pixel = (i: number, j: number) => at(x, [n, c, clamp(i, height), clamp(j, width)]);
    if (mode === 'nearest') return pixel(nearest[rounding](y), nearest[rounding](z));
    if (mode === 'cubic') {
      // Keys' kernel (1981) with a = -0.75.
      const kernel = (x: number): number => {
        const [d, a] = [Math.abs(x), -0.75];
        if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
        return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
      };
      let sum = 0;
      for (let i = Math.floor(y) - 1; i <= Math.floor(y) + 2; i++)
        for (let j = Math.floor(z) - 1; j <= Math.floor(z) + 2; j++)
          sum += kernel(y - i) * kernel(z - j) * pixel(i, j);
      return sum;
    }
    const [v, h] = [clamp(y, height), clamp(z, width)];
    const [top, left] = [Math.floor(v), Math.floor(h)];
    const [down, right] = [v - top, h - left];
    return (
      (1 - down) * ((1 - right) * pixel(top, left) + right * pixel(top, left + 1)) +
      down * ((1 - right) * pixel(top + 1, left) + right * pixel(top + 1, left + 1))
    );
  });
}
