import { noise } from '../nets.ts';

/* The modules of the LRP Toolbox as it writes and computes them, forward and back, in loops and doubles. */

/** Height × width × channels, the channels fastest. */
export interface Maps {
  readonly shape: readonly [number, number, number];
  readonly data: readonly number[];
}

/** How relevance is shared where inputs are multiplied by weights: by ε, or by α and β with α − β = 1. */
export type Sharing = { readonly epsilon: number } | { readonly beta: number };

/** A layer by its text in a network's file. */
export interface Layer {
  readonly text: string;
  readonly forward: (x: Maps) => Maps;
  /** The relevance of what went in, of that of what came out (in its order). */
  readonly backward: (x: Maps, relevance: readonly number[], sharing: Sharing) => number[];
}

/** What one output is made of: which input adds how much, a bias none (−1). */
type Parts = readonly (readonly [input: number, added: number])[];

export const numbers = (count: number, seed: number) => [...noise([count], seed).data].map(Number);
export const row = (values: readonly number[]) => values.join(' ');
export const each = (count: number) => Array.from({ length: count }, (_, i) => i);
export const vector = (data: readonly number[]): Maps => ({ shape: [1, 1, data.length], data });

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Each part's share of an output's relevance: R · z_i / (Σ z ± ε), or α R · z_i⁺ / Σ z⁺ − β R · z_i⁻ / Σ z⁻. */
function shares(added: readonly number[], relevance: number, sharing: Sharing): number[] {
  const sum = total(added);
  if ('epsilon' in sharing) {
    return added.map((z) => (relevance * z) / (sum + (sum < 0 ? -1 : 1) * sharing.epsilon));
  }
  const [positive, negative] = [1, -1].map((sign) => total(added.filter((z) => z * sign > 0)));
  return added.map((z) => {
    if (z === 0) return 0;
    return z > 0
      ? ((1 + sharing.beta) * relevance * z) / positive
      : (-sharing.beta * relevance * z) / negative;
  });
}

function shareOut(
  count: number,
  relevance: readonly number[],
  partsOf: (output: number) => Parts,
  sharing: Sharing,
): number[] {
  const given = new Array<number>(count).fill(0);
  for (const [output, received] of relevance.entries()) {
    const parts = partsOf(output);
    const amounts = shares(
      parts.map(([, z]) => z),
      received,
      sharing,
    );
    for (const [i, [input]] of parts.entries()) if (input >= 0) given[input] += amounts[i];
  }
  return given;
}

/** Which inputs the windows of a layer see, window by window: places in its input's data for each row, column and channel. */
function windows(
  { shape: [height, width, channels] }: Maps,
  [h, w, step]: readonly [number, number, number],
) {
  const [down, across] = [Math.floor((height - h) / step) + 1, Math.floor((width - w) / step) + 1];
  return {
    shape: [down, across] as const,
    at: (window: number, y: number, x: number, c: number) => {
      const [i, j] = [Math.floor(window / across), window % across];
      return ((i * step + y) * width + j * step + x) * channels + c;
    },
  };
}

export function convolution(
  h: number,
  w: number,
  d: number,
  n: number,
  step: number,
  seed: number,
  scale = 1,
): Layer {
  const weight = numbers(h * w * d * n, seed).map((value) => Math.fround(value * scale));
  const bias = numbers(n, seed + 1);
  const partsOf = (x: Maps) => {
    const seen = windows(x, [h, w, step]);
    return (output: number): Parts => {
      const [window, f] = [Math.floor(output / n), output % n];
      const parts: [number, number][] = [[-1, bias[f]]];
      for (const i of each(h))
        for (const j of each(w))
          for (const c of each(d)) {
            const input = seen.at(window, i, j, c);
            parts.push([input, x.data[input] * weight[((i * w + j) * d + c) * n + f]]);
          }
      return parts;
    };
  };
  return {
    text: `Convolution ${h} ${w} ${d} ${n} ${step} ${step}\n${row(weight)}\n${row(bias)}\n`,
    ...product(partsOf, (x) => [...windows(x, [h, w, step]).shape, n]),
  };
}

export function linear(m: number, n: number, seed: number, old = false): Layer {
  const [weight, bias] = [numbers(m * n, seed), numbers(n, seed + 1)];
  return dense(
    each(m).map((i) => weight.slice(i * n, (i + 1) * n)),
    bias,
    old ? '\n' : ' ',
  );
}

/** A dense layer of given weights, a row for each input. */
export function dense(
  weights: readonly (readonly number[])[],
  bias: readonly number[],
  between = '\n',
): Layer {
  const partsOf =
    ({ data }: Maps) =>
    (output: number): Parts => [
      [-1, bias[output]],
      ...data.map((value, i) => [i, value * weights[i][output]] as const),
    ];
  return {
    text: `Linear ${weights.length} ${bias.length}\n${weights.map(row).join(between)}\n${row(bias)}\n`,
    ...product(partsOf, () => [1, 1, bias.length]),
  };
}

function product(
  partsOf: (x: Maps) => (output: number) => Parts,
  shapeOf: (x: Maps) => readonly [number, number, number],
): Pick<Layer, 'forward' | 'backward'> {
  return {
    forward: (x) => {
      const [shape, parts] = [shapeOf(x), partsOf(x)];
      const count = shape.reduce((all, side) => all * side, 1);
      return { shape, data: each(count).map((output) => total(parts(output).map(([, z]) => z))) };
    },
    backward: (x, relevance, sharing) => shareOut(x.data.length, relevance, partsOf(x), sharing),
  };
}

/** Pools share by what their inputs are, whatever the rule of the products: a sum in proportion, a maximum with its winner. */
export function pool(kind: 'SumPool' | 'MaxPool', h: number, w: number, step: number): Layer {
  const inputsOf = (x: Maps) => {
    const seen = windows(x, [h, w, step]);
    const channels = x.shape[2];
    return (output: number) => {
      const [window, c] = [Math.floor(output / channels), output % channels];
      return each(h).flatMap((i) => each(w).map((j) => seen.at(window, i, j, c)));
    };
  };
  const pooled = (values: readonly number[]) =>
    kind === 'MaxPool' ? Math.max(...values) : total(values) / Math.sqrt(h * w);
  return {
    text: `${kind} ${h} ${w} ${step} ${step}\n`,
    forward: (x) => {
      const shape = [...windows(x, [h, w, step]).shape, x.shape[2]] as const;
      const inputs = inputsOf(x);
      const count = shape.reduce((all, side) => all * side, 1);
      return { shape, data: each(count).map((output) => pooled(inputs(output).map((i) => x.data[i]))) };
    },
    backward: (x, relevance) => {
      const inputs = inputsOf(x);
      const partsOf = (output: number): Parts => {
        const all = inputs(output).map((i) => [i, x.data[i]] as const);
        if (kind === 'SumPool') return all;
        return [all.reduce((best, one) => (one[1] > best[1] ? one : best))];
      };
      return shareOut(x.data.length, relevance, partsOf, { epsilon: 1e-12 });
    },
  };
}

/** A layer that passes relevance on as it is. */
const passing = (name: string, of: (data: readonly number[]) => readonly number[]): Layer => ({
  text: `${name}\n`,
  forward: ({ shape, data }) => ({ shape, data: of(data) }),
  backward: (_, relevance) => [...relevance],
});
export const rect = passing('Rect', (data) => data.map((value) => Math.max(0, value)));
export const tanh = passing('Tanh', (data) => data.map(Math.tanh));
export const softmax = passing('SoftMax', (data) => {
  const powers = data.map(Math.exp);
  return powers.map((power) => power / total(powers));
});
export const flatten: Layer = {
  ...passing('Flatten', (data) => data),
  forward: ({ data }) => vector(data),
};

/** The toolbox's own LeNet-5, which sees 32×32 pixels, with weights of a seed. */
export const lenet = (seed: number): readonly Layer[] => [
  convolution(5, 5, 1, 10, 1, seed, 0.2),
  rect,
  pool('SumPool', 2, 2, 2),
  convolution(5, 5, 10, 25, 1, seed + 10, 0.06),
  rect,
  pool('SumPool', 2, 2, 2),
  convolution(4, 4, 25, 100, 1, seed + 20, 0.05),
  rect,
  pool('SumPool', 2, 2, 2),
  convolution(1, 1, 100, 10, 1, seed + 30, 0.1),
  flatten,
  softmax,
];

/** A digit of a kind as that network sees it: in the middle of its border, from −1 to 1. */
export function digit(seed: number): Maps {
  const inner = numbers(28 * 28, seed).map((value) => Math.tanh(3 * value));
  const data = each(32 * 32).map((at) => {
    const [y, x] = [Math.floor(at / 32) - 2, (at % 32) - 2];
    return y < 0 || x < 0 || y > 27 || x > 27 ? -1 : inner[y * 28 + x];
  });
  return { shape: [32, 32, 1], data };
}

/** A network that knows whether two numbers have different signs (first class) or the same. */
export const xor: readonly Layer[] = [
  // One of them is positive only where the signs differ.
  dense(
    [
      [2, -2],
      [-2, 2],
    ],
    [-2, -2],
  ),
  tanh,
  dense(
    [
      [1.5, -1.5],
      [1.5, -1.5],
    ],
    [1.4, -1.4],
  ),
  softmax,
];
