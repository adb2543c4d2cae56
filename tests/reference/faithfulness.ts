/* Measures of faithfulness as their papers have them: literal, in float64, slow. */

/** A length in as many parts as come nearest to `side`, each with its pixels. */
const bands = (length: number, side: number): number[][] => {
  const count = Math.max(1, Math.round(length / side));
  const pixels = Array.from({ length }, (_, i) => i);
  return Array.from({ length: count }, (_, band) =>
    pixels.filter((i) => i * count >= band * length && i * count < (band + 1) * length),
  );
};

/** The regions of a map in the order in which they go: row by row of squares, the highest mean first. */
export function removalOrder(map: ArrayLike<number>, height: number, width: number, side: number): number[] {
  const means: number[] = [];
  for (const rows of bands(height, side))
    for (const columns of bands(width, side)) {
      const own = rows.flatMap((y) => columns.map((x) => map[y * width + x]));
      means.push(own.reduce((sum, value) => sum + value, 0) / own.length);
    }
  return means.map((_, i) => i).sort((a, b) => means[b] - means[a]);
}

/** The photo with the first `gone` regions of an order set to another photo's values, H×W of each channel. */
export function without(
  photo: ArrayLike<number>,
  other: ArrayLike<number>,
  [channels, height, width]: readonly [number, number, number],
  side: number,
  regions: readonly number[],
): number[] {
  const out = Array.from(photo);
  const [down, columns] = [bands(height, side), bands(width, side)];
  const bandOf = (all: readonly number[][], i: number) => all.findIndex((band) => band.includes(i));
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const region = bandOf(down, y) * columns.length + bandOf(columns, x);
        const i = (c * height + y) * width + x;
        if (regions.includes(region)) out[i] = other[i];
      }
  return out;
}

/** Samek et al. 2017, equation 12: 1/(L+1) Σ_{k=0}^{L} f(x⁽⁰⁾) − f(x⁽ᵏ⁾). */
export function aopc(values: readonly number[]): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[0] - values[k];
  return sum / values.length;
}

/** The mean distance of two curves, step by step. */
export const areaBetween = (lerf: readonly number[], morf: readonly number[]): number =>
  lerf.reduce((sum, value, k) => sum + value - morf[k], 0) / lerf.length;

/** Petsiuk et al. 2018: the integral from 0 to 1 of the lines between a curve's points. */
export function areaUnder(values: readonly number[]): number {
  const width = 1 / (values.length - 1);
  let sum = 0;
  for (let k = 0; k + 1 < values.length; k++) sum += (width * (values[k] + values[k + 1])) / 2;
  return sum;
}

/** Arya et al. 2019: of the steps by which regions come back, the least relevant first, the share without a fall. */
export function monotonicity(morf: readonly number[]): number {
  const back = [...morf].reverse();
  const steps = back.slice(1).map((value, k) => value - back[k]);
  return steps.filter((rise) => rise >= 0).length / steps.length;
}

/** How many of `count` regions are gone at each step. */
export const goneBySteps = (count: number, steps: number, until: number): number[] =>
  Array.from({ length: steps + 1 }, (_, step) => Math.round((count * until * step) / steps));

/** The relevance of every region: the sum over its pixels. */
export const regionSums = (map: ArrayLike<number>, height: number, width: number, side: number): number[] =>
  bands(height, side).flatMap((rows) =>
    bands(width, side).map((columns) =>
      rows.flatMap((y) => columns.map((x) => map[y * width + x])).reduce((sum, value) => sum + value, 0),
    ),
  );

/** Solves A x = b by elimination with pivots. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const a = matrix.map((row, i) => [...row, right[i]]);
  const n = a.length;
  for (let k = 0; k < n; k++) {
    const pivot = a
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(a[best][k]) ? k + i : best), k);
    [a[k], a[pivot]] = [a[pivot], a[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = a[i][k] / a[k][k];
      for (let j = k; j <= n; j++) a[i][j] -= factor * a[k][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let k = n - 1; k >= 0; k--) {
    let sum = a[k][n];
    for (let j = k + 1; j < n; j++) sum -= a[k][j] * x[j];
    x[k] = sum / a[k][k];
  }
  return x;
}

/** Rong et al. 2022: each pixel that is gone is the weighted mean of its neighbours, 1/6 beside it and 1/12 across. */
export function imputed(
  channel: readonly number[],
  height: number,
  width: number,
  removed: ArrayLike<number>,
): number[] {
  const gone = channel.flatMap((_, i) => (removed[i] ? [i] : []));
  const matrix = gone.map(() => gone.map(() => 0));
  const right = gone.map(() => 0);
  gone.forEach((pixel, i) => {
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        const [y, x] = [Math.floor(pixel / width) + dy, (pixel % width) + dx];
        if ((dy === 0 && dx === 0) || y < 0 || x < 0 || y >= height || x >= width) continue;
        const weight = dy === 0 || dx === 0 ? 1 / 6 : 1 / 12;
        const other = y * width + x;
        matrix[i][i] += weight;
        if (removed[other]) matrix[i][gone.indexOf(other)] -= weight;
        else right[i] += weight * channel[other];
      }
  });
  const found = solve(matrix, right);
  return channel.map((value, i) => (removed[i] ? found[gone.indexOf(i)] : value));
}

/** Half the mean difference of all pairs, over the mean: the Gini index. */
export function gini(values: readonly number[]): number {
  const absolute = values.map(Math.abs);
  const mean = absolute.reduce((a, b) => a + b, 0) / absolute.length;
  let sum = 0;
  for (const a of absolute) for (const b of absolute) sum += Math.abs(a - b);
  return sum / (2 * absolute.length ** 2 * mean);
}

export function pearson(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((x, y) => x + y, 0) / list.length;
  const covariance = (x: readonly number[], y: readonly number[]) =>
    mean(x.map((value, i) => (value - mean(x)) * (y[i] - mean(y))));
  return covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b));
}

/** How many are smaller, and half of those that are equal. */
export const meanRanks = (values: readonly number[]): number[] =>
  values.map(
    (value) =>
      values.filter((other) => other < value).length + values.filter((other) => other === value).length / 2,
  );

/** Every pixel as the mean of a window of (2r + 1)² weights of a Gaussian, pixels at the border going on beyond it. */
export function blurred(channel: readonly number[], height: number, width: number, sigma: number): number[] {
  const radius = Math.ceil(3 * sigma);
  return channel.map((_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    let [sum, total] = [0, 0];
    for (let dy = -radius; dy <= radius; dy++)
      for (let dx = -radius; dx <= radius; dx++) {
        const weight = Math.exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
        const row = Math.min(height - 1, Math.max(0, y + dy));
        const column = Math.min(width - 1, Math.max(0, x + dx));
        sum += weight * channel[row * width + column];
        total += weight;
      }
    return sum / total;
  });
}

/** Wang et al. 2004, equation 13, for maps between −1 and 1, with windows of {@link blurred}. */
export function structuralSimilarity(
  a: readonly number[],
  b: readonly number[],
  height: number,
  width: number,
): number {
  const scaled = (map: readonly number[]) => {
    const largest = Math.max(...map.map(Math.abs));
    return map.map((value) => value / largest);
  };
  const [x, y] = [scaled(a), scaled(b)];
  const local = (values: readonly number[]) => blurred(values, height, width, 1.5);
  const [mx, my] = [local(x), local(y)];
  const product = (u: readonly number[], v: readonly number[]) => u.map((value, i) => value * v[i]);
  const [xx, yy, xy] = [local(product(x, x)), local(product(y, y)), local(product(x, y))];
  const [c1, c2] = [0.0004, 0.0036];
  const each = x.map((_, i) => {
    const luminance = (2 * mx[i] * my[i] + c1) / (mx[i] ** 2 + my[i] ** 2 + c1);
    const structure = (2 * (xy[i] - mx[i] * my[i]) + c2) / (xx[i] - mx[i] ** 2 + yy[i] - my[i] ** 2 + c2);
    return luminance * structure;
  });
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}

/** The least E[(β a − d)²] / E[d²] over all scales β, found by trying them around the best, which is a parabola's. */
export function infidelity(a: readonly number[], d: readonly number[]): number {
  const loss = (beta: number) => a.reduce((sum, value, i) => sum + (beta * value - d[i]) ** 2, 0) / a.length;
  // Three points determine a parabola.
  const [l0, l1, l2] = [loss(0), loss(1), loss(2)];
  const square = (l2 - 2 * l1 + l0) / 2;
  const linear = l1 - l0 - square;
  return loss(-linear / (2 * square)) / (d.reduce((sum, value) => sum + value ** 2, 0) / d.length);
}

/** Mean and standard deviation, of the numbers as they are and not of a sample. */
export function moments(values: ArrayLike<number>): readonly [mean: number, deviation: number] {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return [mean, Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length)];
}

const length = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from(a, (value, i) => value - b[i]);

/** Yeh et al. 2019, equation 6, relative to the map: the largest ‖Φ(x′) − Φ(x)‖ / ‖Φ(x)‖. */
export const maxSensitivity = (map: readonly number[], others: readonly (readonly number[])[]): number =>
  Math.max(...others.map((other) => length(difference(other, map)) / length(map)));

/** Alvarez-Melis and Jaakkola 2018, equation 2, both sides relative: the largest quotient of the two changes. */
export const lipschitz = (
  map: readonly number[],
  photo: readonly number[],
  others: readonly { readonly map: readonly number[]; readonly photo: readonly number[] }[],
): number =>
  Math.max(
    ...others.map(
      (other) =>
        length(difference(other.map, map)) /
        length(map) /
        (length(difference(other.photo, photo)) / length(photo)),
    ),
  );

/** Zhang et al. 2018 and Arras et al. 2022, equations 1 and 2, of maps without equal numbers. */
export function localisation(map: readonly number[], mask: ArrayLike<number>) {
  const object = map.flatMap((_, i) => (mask[i] ? [i] : []));
  const positive = (places: readonly number[]) =>
    places
      .map((i) => map[i])
      .filter((value) => value > 0)
      .reduce((sum, value) => sum + value, 0);
  const largest = [...map].sort((a, b) => b - a).slice(0, object.length);
  return {
    pointing: object.includes(map.indexOf(Math.max(...map))) ? 1 : 0,
    mass: positive(object) / positive([...map.keys()]),
    rank: object.filter((i) => map[i] >= Math.min(...largest)).length / object.length,
  };
}

/** −Σ p ln p of the shares of |R|. */
export function entropy(map: ArrayLike<number>): number {
  const absolute = Array.from(map, Math.abs);
  const total = absolute.reduce((sum, value) => sum + value, 0);
  return -absolute.reduce((sum, value) => sum + (value / total) * Math.log(value / total), 0);
}

/** How steep the sum of a photo's channels is: both of Sobel's 3×3 filters at every pixel, the border going on beyond it. */
export function sobel(photo: ArrayLike<number>, [channels, height, width]: readonly number[]): number[] {
  const across = [
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ];
  return Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    let [gx, gy] = [0, 0];
    for (let c = 0; c < channels; c++)
      for (const dy of [-1, 0, 1])
        for (const dx of [-1, 0, 1]) {
          const row = Math.min(height - 1, Math.max(0, y + dy));
          const column = Math.min(width - 1, Math.max(0, x + dx));
          const value = photo[(c * height + row) * width + column];
          gx += across[dy + 1][dx + 1] * value;
          gy += across[dx + 1][dy + 1] * value;
        }
    return Math.sqrt(gx ** 2 + gy ** 2);
  });
}
