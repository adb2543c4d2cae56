/** Feature maps A and slopes ∂S/∂A of one image, K×h×w both: K planes of `cells` numbers. */
export interface Maps {
  readonly maps: Float64Array;
  readonly slopes: Float64Array;
  readonly cells: number;
}

const planes = ({ maps, cells }: Pick<Maps, 'maps' | 'cells'>) => maps.length / cells;

/** Grad-CAM (Selvaraju et al. 2017): max(0, Σ_k a_k A_k), a_k the mean slope. */
export function gradCam({ maps, slopes, cells }: Maps): Float64Array {
  return Float64Array.from({ length: cells }, (_, cell) => {
    let sum = 0;
    for (let k = 0; k < planes({ maps, cells }); k++) {
      const mean = slopes.subarray(k * cells, (k + 1) * cells).reduce((a, b) => a + b, 0) / cells;
      sum += mean * maps[k * cells + cell];
    }
    return Math.max(0, sum);
  });
}

/**
 * Grad-CAM++ (Chattopadhay et al. 2018) of Y = e^S, whose derivatives are e^S g, e^S g² and e^S g³ where S is linear in A:
 * α_ij = ∂²Y/∂A_ij² / (2 ∂²Y/∂A_ij² + Σ_ab A_ab ∂³Y/∂A_ij³), w_k = Σ_ij α_ij max(0, ∂Y/∂A_ij), max(0, Σ_k w_k A_k),
 * divided by e^S.
 */
export function gradCamPlusPlus({ maps, slopes, cells }: Maps, score: number): Float64Array {
  const y = Math.exp(score);
  const weights = Array.from({ length: planes({ maps, cells }) }, (_, k) => {
    const of = (values: Float64Array) => values.subarray(k * cells, (k + 1) * cells);
    const total = of(maps).reduce((a, b) => a + b, 0);
    return of(slopes).reduce((sum, g) => {
      const [first, second, third] = [y * g, y * g ** 2, y * g ** 3];
      const divisor = 2 * second + total * third;
      return divisor === 0 ? sum : sum + (second / divisor) * Math.max(0, first);
    }, 0);
  });
  return Float64Array.from({ length: cells }, (_, cell) =>
    Math.max(0, weights.reduce((sum, weight, k) => sum + weight * maps[k * cells + cell], 0) / y),
  );
}

/** LayerCAM (Jiang et al. 2021): max(0, Σ_k max(0, g_k) A_k), cell by cell. */
export function layerCam({ maps, slopes, cells }: Maps): Float64Array {
  return Float64Array.from({ length: cells }, (_, cell) => {
    let sum = 0;
    for (let k = 0; k < planes({ maps, cells }); k++)
      sum += Math.max(0, slopes[k * cells + cell]) * maps[k * cells + cell];
    return Math.max(0, sum);
  });
}

/**
 * Score-CAM (Wang et al. 2020, algorithm 1). `enlarge` takes a map to the size of the input's planes, `f` is what the
 * network says of an input, `away` what a map hides; all C×H×W.
 */
export function scoreCam(
  { maps, cells }: Pick<Maps, 'maps' | 'cells'>,
  x: ArrayLike<number>,
  away: ArrayLike<number>,
  enlarge: (map: Float64Array) => Float64Array,
  f: (x: Float64Array) => number,
): Float64Array {
  const rises = Array.from({ length: planes({ maps, cells }) }, (_, k) => {
    const map = enlarge(maps.subarray(k * cells, (k + 1) * cells));
    const [low, high] = [Math.min(...map), Math.max(...map)];
    const mask = map.map((value) => (high > low ? (value - low) / (high - low) : 0));
    const seen = Float64Array.from(x, (value, i) => {
      const m = mask[i % mask.length];
      return m * value + (1 - m) * away[i];
    });
    return f(seen) - f(Float64Array.from(away));
  });
  const powers = rises.map((rise) => Math.exp(rise));
  const total = powers.reduce((a, b) => a + b, 0);
  return Float64Array.from({ length: cells }, (_, cell) =>
    Math.max(
      0,
      powers.reduce((sum, power, k) => sum + (power / total) * maps[k * cells + cell], 0),
    ),
  );
}
