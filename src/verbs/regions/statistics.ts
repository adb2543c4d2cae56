import { distinct, groupedBy } from '../../common/groups.ts';
import { bootstrapMeans, clustered, percentileInterval } from '../../evaluation/statistics/bootstrap.ts';
import { holm } from '../../evaluation/statistics/holm.ts';
import { comparisons, type PhotoValues } from '../../faithfulness/index.ts';
import type { LikenessMeasure, PhotoLikeness } from './likeness.ts';
import { LOOK_MEASURES, type Look, type LookMeasure } from './looks.ts';

/** How intervals over photos are drawn. */
interface Drawing {
  readonly resamples: number;
  readonly seed: number;
}

/** A mean with its 95 % interval by bootstrap over photos; without one for a single photo. */
interface Mean {
  /** Photos. */
  readonly n: number;
  readonly mean: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** A model's mean of a measure, over all photos or those that are explained as one class. */
export interface LookEstimate extends Mean {
  readonly model: string;
  readonly measure: LookMeasure;
  /** The explained class; absent for all photos. */
  readonly target?: string | undefined;
  /** The mean share of what speaks for the class; of regions only. */
  readonly positive?: number | undefined;
  /** The mean share of the pixels; of regions only. */
  readonly area?: number | undefined;
}

/** Two models, or two groups of them, on the photos that both have. */
export interface LookComparison {
  readonly measure: LookMeasure;
  readonly first: string;
  readonly second: string;
  readonly n: number;
  /** The mean of the first's values less the second's. */
  readonly difference: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** Of the sign-flip test over photos, two-sided. */
  readonly p: number;
  /** Holm's, for all comparisons of this kind. */
  readonly adjusted: number;
}

/** The same of what models have in common by which they are alike in everything else. */
export interface LookContrast extends LookComparison {
  /** `initialisation`; `first` and `second` are values of it. */
  readonly factor: string;
  /** So many models of each of the two. */
  readonly models: number;
}

/** How alike the heatmaps of two models are, photo by photo, with the faces upon each other. */
export interface LookLikeness {
  readonly first: string;
  readonly second: string;
  /** Spearman's, over the pixels. */
  readonly rankCorrelation: Mean;
  /** SSIM. */
  readonly structuralSimilarity: Mean;
}

/** Means of all measures by model, and by model and explained class. Folds of a model are answers about the same photos. */
export function lookEstimates(looks: readonly Look[], drawing: Drawing): LookEstimate[] {
  const photos = distinct(looks.map(({ photo }) => photo));
  const place = new Map(photos.map((photo, i) => [photo, i]));
  const groups = distinct(looks.map(({ model }) => model)).flatMap((model) => {
    const own = looks.filter((look) => look.model === model);
    const targets = distinct(own.map(({ target }) => target)).sort();
    return [
      { model, target: undefined, own },
      ...targets.map((target) => ({ model, target, own: own.filter((look) => look.target === target) })),
    ];
  });
  return groups.flatMap(({ model, target, own }) => {
    const cluster = own.map(({ photo }) => place.get(photo)!);
    return LOOK_MEASURES.flatMap((measure, m): LookEstimate[] => {
      const mean = meanOf(
        own.map(({ values }) => values[m]),
        cluster,
        photos.length,
        drawing,
      );
      if (!mean) return [];
      const isRegion = own.every(({ shares }) => m < shares.length);
      const positives = own.flatMap(({ shares }) => shares[m]?.positive ?? []);
      return [
        {
          ...{ model, measure },
          ...(target !== undefined && { target }),
          ...mean,
          ...(isRegion && positives.length > 0 && { positive: average(positives) }),
          ...(isRegion && { area: average(own.map(({ shares }) => shares[m].area)) }),
        },
      ];
    });
  });
}

function meanOf(
  values: PhotoValues,
  cluster: readonly number[],
  photos: number,
  drawing: Drawing,
): Mean | undefined {
  const column = clustered(values, cluster);
  const n = column.clusters.length;
  if (n === 0) return undefined;
  const [drawn] = n > 1 ? bootstrapMeans([column], photos, drawing) : [];
  return {
    n,
    mean: average(values.flatMap((value) => value ?? [])),
    ...(drawn && percentileInterval(drawn)),
  };
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** By model, what its folds say on average of each photo; undefined where none says anything. */
function photoValues(looks: readonly Look[], m: number, photos: readonly string[]): Map<string, PhotoValues> {
  const columns = new Map<string, PhotoValues>();
  for (const model of distinct(looks.map((look) => look.model))) {
    const own = new Map<string, number[]>();
    for (const { photo, values } of looks.filter((look) => look.model === model)) {
      const value = values[m];
      if (value !== undefined) own.set(photo, [...(own.get(photo) ?? []), value]);
    }
    columns.set(
      model,
      photos.map((photo) => (own.has(photo) ? average(own.get(photo)!) : undefined)),
    );
  }
  return columns;
}

/** Compares all models two by two in all measures. */
export function lookPairs(looks: readonly Look[], drawing: Drawing): LookComparison[] {
  const photos = distinct(looks.map(({ photo }) => photo));
  return adjusted(
    LOOK_MEASURES.flatMap((measure, m) => compared(measure, photoValues(looks, m, photos), drawing)),
  );
}

function compared(
  measure: LookMeasure,
  columns: ReadonlyMap<string, PhotoValues>,
  drawing: Drawing,
): LookComparison[] {
  return comparisons({ name: measure }, columns, () => false, drawing).map(
    ({ family: _, measure: __, ...each }) => ({ measure, ...each }),
  );
}

/** Holm's p-values for all of them together. */
function adjusted<T extends LookComparison>(all: readonly T[]): T[] {
  const values = holm(all.map(({ p }) => p));
  return all.map((each, i) => ({ ...each, adjusted: values[i] }));
}

/** What a model is, by factor. */
export type Places = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * What difference a factor makes: for each two of its values, models that are alike in all other factors are held against each
 * other, and the mean over these of each photo counts.
 */
export function lookContrasts(looks: readonly Look[], places: Places, drawing: Drawing): LookContrast[] {
  const photos = distinct(looks.map(({ photo }) => photo));
  const factors = distinct([...places.values()].flatMap((place) => Object.keys(place)));
  const columns = LOOK_MEASURES.map((_, m) => photoValues(looks, m, photos));
  return adjusted(
    factors.flatMap((factor) => {
      const levels = distinct([...places.values()].map((place) => place[factor] ?? '')).sort();
      return levels.flatMap((first, i) =>
        levels.slice(i + 1).flatMap((second) => {
          const matched = matchesOf(factor, first, second, places);
          if (matched.length === 0) return [];
          return LOOK_MEASURES.flatMap((measure, m) => {
            const side = (at: 0 | 1) =>
              photos.map((_, p) => allOf(matched.map((pair) => columns[m].get(pair[at])?.[p])));
            const sides = new Map([
              [first, side(0)],
              [second, side(1)],
            ]);
            return compared(measure, sides, drawing).map((each) => ({
              ...each,
              factor,
              models: matched.length,
            }));
          });
        }),
      );
    }),
  );
}

/** The mean; undefined if one of them is. */
const allOf = (values: PhotoValues): number | undefined => {
  const known = values.flatMap((value) => value ?? []);
  return known.length === values.length ? average(known) : undefined;
};

/** Models of the first value and of the second that differ in nothing else. */
function matchesOf(
  factor: string,
  first: string,
  second: string,
  places: Places,
): (readonly [string, string])[] {
  const others = ({ [factor]: _, ...rest }: Readonly<Record<string, string>>) =>
    JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
  const of = (level: string) => [...places].filter(([, place]) => (place[factor] ?? '') === level);
  return of(first).flatMap(([one, place]) => {
    const match = of(second).find(([, other]) => others(other) === others(place));
    return match ? [[one, match[0]] as const] : [];
  });
}

/** How alike the heatmaps of each two models are, on average over photos. */
export function lookLikeness(
  looks: readonly Look[],
  likeness: readonly PhotoLikeness[],
  drawing: Drawing,
): LookLikeness[] {
  const photos = distinct(looks.map(({ photo }) => photo));
  const models = distinct(looks.map(({ model }) => model));
  const pairOf = (...both: string[]) => JSON.stringify(both.sort());
  const pairs = groupedBy(likeness, ({ first, second }) => pairOf(first, second));
  return models.flatMap((first, i) =>
    models.slice(i + 1).flatMap((second): LookLikeness[] => {
      const both = new Map(
        (pairs.get(pairOf(first, second)) ?? []).map((each) => [each.photo, each] as const),
      );
      const mean = (measure: LikenessMeasure) =>
        meanOf(
          photos.map((photo) => both.get(photo)?.[measure]),
          photos.map((_, p) => p),
          photos.length,
          drawing,
        );
      const [rank, similarity] = [mean('rankCorrelation'), mean('structuralSimilarity')];
      return rank && similarity
        ? [{ first, second, rankCorrelation: rank, structuralSimilarity: similarity }]
        : [];
    }),
  );
}
