import { at, build, indices, type NdArray } from './array.ts';

export interface PoolingGeometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All befores, then all afters. */
  readonly pads: readonly number[];
  readonly ceil: boolean;
}

/** Caffe's output size: rounded up with ceil, less a last window that would start beyond the input and its start pad. */
export function pooledSize(input: readonly number[], g: PoolingGeometry): number[] {
  return g.kernel.map((k, i) => {
    const room = input[i] + g.pads[i] + g.pads[i + g.kernel.length] - ((k - 1) * g.dilations[i] + 1);
    if (!g.ceil) return Math.floor(room / g.strides[i]) + 1;
    const size = Math.ceil(room / g.strides[i]) + 1;
    return (size - 1) * g.strides[i] >= input[i] + g.pads[i] ? size - 1 : size;
  });
}

/** The positions of a window, those on padding included. */
function cells(o: readonly number[], g: PoolingGeometry): number[][] {
  return indices(g.kernel).map((t) =>
    o.map((at, i) => at * g.strides[i] - g.pads[i] + t[i] * g.dilations[i]),
  );
}

const inside = (place: readonly number[], size: readonly number[]): boolean =>
  place.every((p, i) => p >= 0 && p < size[i]);

export function maxPooling(x: NdArray, g: PoolingGeometry): NdArray {
  const size = x.shape.slice(2);
  return build([...x.shape.slice(0, 2), ...pooledSize(size, g)], ([n, c, ...o]) =>
    Math.max(
      ...cells(o, g)
        .filter((place) => inside(place, size))
        .map((place) => at(x, [n, c, ...place])),
    ),
  );
}

/** Divided by the cells on the input, or (as Caffe does) on the input and its padding. */
export function averagePooling(x: NdArray, g: PoolingGeometry, includePad: boolean): NdArray {
  const size = x.shape.slice(2);
  return build([...x.shape.slice(0, 2), ...pooledSize(size, g)], ([n, c, ...o]) => {
    const window = cells(o, g);
    const seen = window.filter((place) => inside(place, size));
    const padded = window.filter((place) => place.every((p, i) => p < size[i] + g.pads[i + size.length]));
    const sum = seen.reduce((total, place) => total + at(x, [n, c, ...place]), 0);
    return sum / (includePad ? padded : seen).length;
  });
}

/** (Σ |x|^p)^(1/p) over the cells of each window that are on the input. */
export function lpPooling(x: NdArray, g: PoolingGeometry, p: number): NdArray {
  const size = x.shape.slice(2);
  return build([...x.shape.slice(0, 2), ...pooledSize(size, g)], ([n, c, ...o]) => {
    const seen = cells(o, g).filter((place) => inside(place, size));
    return seen.reduce((sum, place) => sum + Math.abs(at(x, [n, c, ...place])) ** p, 0) ** (1 / p);
  });
}
