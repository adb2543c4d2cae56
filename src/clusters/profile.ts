import { bootstrapMeans, clustered, percentileInterval } from '../evaluation/statistics/bootstrap.ts';
import { fisher } from '../evaluation/statistics/fisher.ts';
import { holm } from '../evaluation/statistics/holm.ts';
import { wilson } from '../evaluation/statistics/wilson.ts';
import type { ClusterShare, GroupExcess, MeanConfidence } from './record.ts';

/** A photo whose heatmap is compared, and what is known of it. */
export interface HeatmapPhoto {
  readonly name: string;
  /** The class within which it is compared. */
  readonly class: string;
  readonly predicted?: string | undefined;
  readonly truth?: string | undefined;
  /** The probability of what is predicted. */
  readonly confidence?: number | undefined;
  /** What the data say besides, by column. */
  readonly groups: Readonly<Record<string, string>>;
}

/** Photos of one class, and the number of each one's cluster; undefined for those in none. */
export interface ProfiledClass {
  readonly photos: readonly HeatmapPhoto[];
  readonly clusters: readonly (number | undefined)[];
}

/** Columns of more different texts are names rather than groups. */
const MOST_VALUES = 20;

/** What can be told of a photo, by column; the answer's being right counts as a group. */
export function columnsOfPhoto({ predicted, truth, groups }: HeatmapPhoto): Readonly<Record<string, string>> {
  const known = predicted !== undefined && truth !== undefined;
  return {
    ...(known && { answer: predicted === truth ? 'right' : 'wrong' }),
    ...(predicted !== undefined && { predicted }),
    ...(truth !== undefined && { 'true class': truth }),
    ...groups,
  };
}

/**
 * The columns that part photos into few groups, with each photo's value. Of columns that part them alike (a class and its
 * name; within one predicted class of two, the true class and whether the answer is right) the first stands for all.
 */
export function groupColumnsOf(
  photos: readonly HeatmapPhoto[],
): ReadonlyMap<string, readonly (string | undefined)[]> {
  const each = photos.map(columnsOfPhoto);
  const names = new Set(each.flatMap((columns) => Object.keys(columns)));
  const found = new Map<string, readonly (string | undefined)[]>();
  const seen = new Set<string>();
  for (const name of names) {
    const values = each.map((columns) => columns[name] || undefined);
    const order = new Map<string, number>();
    const parts = values.map((value) => {
      if (value === undefined) return -1;
      const part = order.get(value) ?? order.size;
      order.set(value, part);
      return part;
    });
    if (order.size < 2 || order.size > MOST_VALUES || seen.has(parts.join())) continue;
    seen.add(parts.join());
    found.set(name, values);
  }
  return found;
}

/**
 * Whether a cluster holds more of a group than the other photos of its class: Fisher's exact test of both shares, each
 * cluster against all of its class outside of it; Holm's adjustment over all tests of all classes together.
 */
export function groupExcesses(classes: readonly ProfiledClass[]): GroupExcess[] {
  const raw = classes.flatMap(({ photos, clusters }) => {
    const columns = groupColumnsOf(photos);
    const numbers = [...new Set(clusters.filter((number) => number !== undefined))].sort((a, b) => a - b);
    if (numbers.length < 2 && !clusters.includes(undefined)) return [];
    return numbers.flatMap((cluster) =>
      [...columns].flatMap(([column, values]) =>
        [...new Set(values)].flatMap((value) => {
          if (value === undefined) return [];
          let [inside, insideOf, outside, outsideOf] = [0, 0, 0, 0];
          values.forEach((each, i) => {
            if (each === undefined) return;
            if (clusters[i] === cluster) {
              insideOf++;
              if (each === value) inside++;
            } else {
              outsideOf++;
              if (each === value) outside++;
            }
          });
          if (insideOf === 0 || outsideOf === 0) return [];
          const p = fisher(inside, insideOf, outside, outsideOf);
          return [{ cluster, column, value, inside, insideOf, outside, outsideOf, p }];
        }),
      ),
    );
  });
  const adjusted = holm(raw.map(({ p }) => p));
  return raw.map((each, i) => ({ ...each, adjusted: adjusted[i], family: raw.length }));
}

/** The share of photos whose prediction is the true class; undefined where no truth is known. */
export function accuracyOf(photos: readonly HeatmapPhoto[]): ClusterShare | undefined {
  const known = photos.filter(({ predicted, truth }) => predicted !== undefined && truth !== undefined);
  if (known.length === 0) return undefined;
  const right = known.filter(({ predicted, truth }) => predicted === truth).length;
  return { value: right / known.length, n: known.length, ...wilson(right, known.length) };
}

/** The mean probability of what is predicted, with its interval by bootstrap over photos. */
export function confidenceOf(
  photos: readonly HeatmapPhoto[],
  resampling: { readonly resamples: number; readonly seed: number },
): MeanConfidence | undefined {
  const values = photos.flatMap(({ confidence }) => confidence ?? []);
  if (values.length === 0) return undefined;
  const column = clustered(
    values,
    values.map((_, i) => i),
  );
  const [drawn] = bootstrapMeans([column], values.length, resampling);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, n: values.length, ...(values.length > 1 ? percentileInterval(drawn) : {}) };
}
