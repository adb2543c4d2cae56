import { at, build, indices, type NdArray, offset } from '../array.ts';
import type { ConvolutionGeometry } from '../convolution.ts';

/** What one output sees in one place: an input element, or a cell of padding. */
export interface Connection {
  /** The input's place in row-major order; undefined on padding. */
  readonly i: number | undefined;
  readonly w: number;
}

/** A linear layer as a list of its connections: every rule is a formula over them. */
export interface LinearLayer {
  readonly x: NdArray;
  /** By output, in row-major order. */
  readonly connections: readonly (readonly Connection[])[];
  readonly bias: readonly number[];
  /** The bias that an output has where every group is given the first group's. */
  readonly firstGroupBias: readonly number[];
  /** What the original's flat rule divides by: kernel cells per channel, inputs of a dense layer. */
  readonly flatCells: number;
}

export function convolutionLayer(
  x: NdArray,
  w: NdArray,
  bias: NdArray | undefined,
  g: ConvolutionGeometry,
  outputShape: readonly number[],
): LinearLayer {
  const [outputs, perGroup, ...kernel] = w.shape;
  const inGroup = outputs / g.group;
  const size = x.shape.slice(2);
  const connections = indices(outputShape).map(([n, k, ...o]) =>
    Array.from({ length: perGroup }, (_, c) => c).flatMap((c) =>
      indices(kernel).map((t): Connection => {
        const place = o.map((p, axis) => p * g.strides[axis] - g.pads[axis] + t[axis] * g.dilations[axis]);
        const inside = place.every((p, axis) => p >= 0 && p < size[axis]);
        const channel = Math.floor(k / inGroup) * perGroup + c;
        return {
          i: inside ? offset(x.shape, [n, channel, ...place]) : undefined,
          w: at(w, [k, c, ...t]),
        };
      }),
    ),
  );
  const biasOf = (pick: (k: number) => number) =>
    indices(outputShape).map(([, k]) => (bias ? bias.data[pick(k)] : 0));
  return {
    x,
    connections,
    bias: biasOf((k) => k),
    firstGroupBias: biasOf((k) => k % inGroup),
    flatCells: kernel.reduce((p, n) => p * n, 1),
  };
}

/** Every input element adds its multiple of the kernel to the output; w is C×K/g×…. */
export function transposedLayer(
  x: NdArray,
  w: NdArray,
  bias: NdArray | undefined,
  g: ConvolutionGeometry,
  outputShape: readonly number[],
): LinearLayer {
  const [channels, perGroup, ...kernel] = w.shape;
  const connections = indices(outputShape).map((): Connection[] => []);
  for (const [n, c, ...from] of indices(x.shape)) {
    for (let k = 0; k < perGroup; k++) {
      for (const t of indices(kernel)) {
        const place = from.map((p, axis) => p * g.strides[axis] - g.pads[axis] + t[axis] * g.dilations[axis]);
        if (place.some((p, axis) => p < 0 || p >= outputShape[axis + 2])) continue;
        const output = Math.floor(c / (channels / g.group)) * perGroup + k;
        connections[offset(outputShape, [n, output, ...place])].push({
          i: offset(x.shape, [n, c, ...from]),
          w: at(w, [c, k, ...t]),
        });
      }
    }
  }
  const biases = indices(outputShape).map(([, k]) => bias?.data[k] ?? 0);
  return { x, connections, bias: biases, firstGroupBias: biases, flatCells: Number.NaN };
}

/** x N×D, w D×K. */
export function denseLayer(x: NdArray, w: NdArray, bias: NdArray | undefined): LinearLayer {
  const [inner, outputs] = w.shape;
  const places = indices([x.shape[0], outputs]);
  const biases = places.map(([, k]) => bias?.data[k] ?? 0);
  return {
    x,
    connections: places.map(([n, k]) =>
      Array.from({ length: inner }, (_, d) => ({ i: offset(x.shape, [n, d]), w: at(w, [d, k]) })),
    ),
    bias: biases,
    firstGroupBias: biases,
    flatCells: inner,
  };
}

/**
 * A sum of addends, broadcast against each other, over all of them one after the other; those that are subtracted have
 * the weight −1.
 */
export function sumLayer(
  addends: readonly NdArray[],
  signs: readonly number[],
  shape: readonly number[],
): LinearLayer {
  const starts = addends.map((_, a) => addends.slice(0, a).reduce((n, { data }) => n + data.length, 0));
  const connections = indices(shape).map((place) =>
    addends.map((addend, a): Connection => {
      const own = place.map((p, axis) => (addend.shape[axis] === 1 ? 0 : p));
      return { i: starts[a] + offset(addend.shape, own), w: signs[a] };
    }),
  );
  const data = Float64Array.from(addends.flatMap((addend) => [...addend.data]));
  const bias = connections.map(() => 0);
  return {
    x: { shape: [data.length], data },
    connections,
    bias,
    firstGroupBias: bias,
    flatCells: Number.NaN,
  };
}

/** Relevance shared by a formula that says what output j gives through one of its connections. */
export function shared(
  layer: LinearLayer,
  relevance: NdArray,
  formula: (j: number) => (connection: Connection) => number,
): NdArray {
  const result = build(layer.x.shape, () => 0);
  layer.connections.forEach((list, j) => {
    if (relevance.data[j] === 0) return;
    const give = formula(j);
    for (const connection of list)
      if (connection.i !== undefined) result.data[connection.i] += give(connection);
  });
  return result;
}
