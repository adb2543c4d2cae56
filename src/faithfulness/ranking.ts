import { bootstrapMeans, clustered, percentileInterval } from '../evaluation/statistics/bootstrap.ts';
import { holm } from '../evaluation/statistics/holm.ts';
import { signFlipRandom } from '../evaluation/statistics/signflip.ts';
import type { FaithfulnessMeasure } from './measures.ts';

/** A method's mean over the photos, with a 95 % interval by bootstrap over photos. */
export interface MethodEstimate {
  readonly measure: string;
  readonly method: string;
  /** Photos that have the measure. */
  readonly n: number;
  readonly mean: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** Two methods on the photos that both have a measure of. */
export interface MethodComparison {
  readonly measure: string;
  readonly first: string;
  readonly second: string;
  readonly n: number;
  /** The mean of the first's values less the second's, with its interval. */
  readonly difference: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** Of the sign-flip test of the differences, two-sided. */
  readonly p: number;
  /** Holm's, for all comparisons of this measure. */
  readonly adjusted: number;
  /** How many these are. */
  readonly family: number;
}

/** How intervals over photos are drawn. */
export interface RankingOptions {
  readonly resamples: number;
  readonly seed: number;
}

/** Signs are drawn this often: no p-value falls below 0.0001. */
const FLIPS = 9_999;

/** Values by photo, undefined where there is none. */
export type PhotoValues = readonly (number | undefined)[];

/** The mean of each method's values by one measure; all see the same resamples. */
export function estimates(
  { name }: Pick<FaithfulnessMeasure, 'name'>,
  columns: ReadonlyMap<string, PhotoValues>,
  { resamples, seed }: RankingOptions,
): MethodEstimate[] {
  const photos = Math.max(...[...columns.values()].map(({ length }) => length));
  const each = Array.from({ length: photos }, (_, i) => i);
  const known = [...columns].map(([method, values]) => ({ method, column: clustered(values, each) }));
  const drawn = bootstrapMeans(
    known.map(({ column }) => column),
    photos,
    { resamples, seed },
  );
  return known.flatMap(({ method, column }, i) => {
    const n = column.sums.length;
    if (n === 0) return [];
    const mean = column.sums.reduce((sum, value) => sum + value, 0) / n;
    return { measure: name, method, n, mean, ...(n > 1 ? percentileInterval(drawn[i]) : {}) };
  });
}

/** Compares methods two by two, but baselines not with each other; p-values are adjusted for one another. */
export function comparisons(
  measure: Pick<FaithfulnessMeasure, 'name'>,
  columns: ReadonlyMap<string, PhotoValues>,
  isBaseline: (method: string) => boolean,
  { resamples, seed }: RankingOptions,
): MethodComparison[] {
  const all = [...columns.keys()];
  const pairs = all.flatMap((first, i) =>
    all
      .slice(i + 1)
      .flatMap((second) => (isBaseline(first) && isBaseline(second) ? [] : [[first, second] as const])),
  );
  const raw = pairs.flatMap(([first, second]) => {
    const [one, other] = [columns.get(first)!, columns.get(second)!];
    const differences = one.flatMap((a, i) => {
      const b = other[i];
      return a === undefined || b === undefined ? [] : [a - b];
    });
    const n = differences.length;
    if (n === 0) return [];
    const each = differences.map((_, i) => i);
    const [drawn] = bootstrapMeans([clustered(differences, each)], n, { resamples, seed });
    const difference = differences.reduce((sum, value) => sum + value, 0) / n;
    const interval = n > 1 ? percentileInterval(drawn) : {};
    const p = signFlipRandom(differences, FLIPS, seed);
    return { measure: measure.name, first, second, n, difference, ...interval, p };
  });
  const adjusted = holm(raw.map(({ p }) => p));
  return raw.map((each, i) => ({ ...each, adjusted: adjusted[i], family: raw.length }));
}
