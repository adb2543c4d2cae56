/**
 * DeepLIFT's multipliers by the rescale rule (Shrikumar et al. 2017), carried back through a chain of layers by their
 * definitions in float64. A layer says what it makes of an input, and what multipliers its input has, given those of its output
 * and both inputs.
 */
export interface Layer {
  forward(x: Float64Array): Float64Array;
  back(multipliers: Float64Array, x: Float64Array, reference: Float64Array): Float64Array;
}

/** A linear layer y = W x + b, by what it makes of unit vectors. */
export function linear(forward: (x: Float64Array) => Float64Array): Layer {
  return {
    forward,
    back(multipliers, x) {
      const nothing = forward(new Float64Array(x.length));
      return x.map((_, i) => {
        const unit = new Float64Array(x.length);
        unit[i] = 1;
        return forward(unit).reduce((sum, y, j) => sum + multipliers[j] * (y - nothing[j]), 0);
      });
    },
  };
}

/** A function of each element: Δy/Δx. */
export function elementwise(f: (x: number) => number, derivative: (x: number) => number): Layer {
  return {
    forward: (x) => x.map(f),
    back: (multipliers, x, reference) =>
      multipliers.map((m, i) =>
        x[i] === reference[i]
          ? m * derivative(x[i])
          : (m * (f(x[i]) - f(reference[i]))) / (x[i] - reference[i]),
      ),
  };
}

/** Maxima over windows of input cells: what either pass has above the other goes to its own winner. */
export function maxima(windows: readonly (readonly number[])[]): Layer {
  const winner = (x: Float64Array, window: readonly number[]) =>
    window.reduce((best, i) => (x[i] > x[best] ? i : best));
  return {
    forward: (x) => Float64Array.from(windows, (window) => x[winner(x, window)]),
    back(multipliers, x, reference) {
      const given = new Float64Array(x.length);
      windows.forEach((window, j) => {
        const [here, there] = [winner(x, window), winner(reference, window)];
        const most = Math.max(x[here], reference[there]);
        given[here] += multipliers[j] * (most - reference[there]);
        given[there] += multipliers[j] * (x[here] - most);
      });
      return given.map((g, i) => (x[i] === reference[i] ? 0 : g / (x[i] - reference[i])));
    },
  };
}

/** What each input adds to the difference of the chosen output: Δx times its multiplier. */
export function deepLift(
  layers: readonly Layer[],
  x: ArrayLike<number>,
  reference: ArrayLike<number>,
  chosen: number,
): Float64Array {
  const passes = [x, reference].map((start) => {
    const values: Float64Array[] = [Float64Array.from(start)];
    for (const layer of layers) values.push(layer.forward(values.at(-1)!));
    return values;
  });
  let multipliers: Float64Array = passes[0].at(-1)!.map((_, i) => Number(i === chosen));
  for (let i = layers.length - 1; i >= 0; i--)
    multipliers = layers[i].back(multipliers, passes[0][i], passes[1][i]);
  return multipliers.map((m, i) => m * (x[i] - reference[i]));
}
