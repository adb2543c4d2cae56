import { addExact, type ExactSums, exactSums, exactTotal, mergeExact } from '../../common/exactsum.ts';
import { groupedBy } from '../../common/groups.ts';
import { spearman, structuralSimilarity } from '../../faithfulness/index.ts';
import type { ScalarMap } from '../../image/index.ts';
import { FACE_SIDE, type SeenLook } from './looks.ts';

/** What is said of two heatmaps. */
export type LikenessMeasure = 'rankCorrelation' | 'structuralSimilarity';

/** How alike the heatmaps of two models are in one photo; undefined where that cannot be said. */
export interface PhotoLikeness {
  readonly photo: string;
  readonly first: string;
  readonly second: string;
  /** Spearman's, over the pixels. */
  readonly rankCorrelation: number | undefined;
  /** SSIM. */
  readonly structuralSimilarity: number | undefined;
}

/** The sum of a model's heatmaps, one a photo. Exact, so that it does not matter how photos were divided. */
export interface MapSum {
  photos: number;
  readonly sums: ExactSums;
}

/** By model, the mean heatmap of one photo: folds, and pictures of the photo that were cut otherwise, count together. */
export const photoMaps = (looks: readonly SeenLook[]): ReadonlyMap<string, ScalarMap> =>
  new Map([...groupedBy(looks, ({ model }) => model)].map(([model, own]) => [model, averageMap(own)]));

function averageMap(looks: readonly SeenLook[]): ScalarMap {
  const [{ map }] = looks;
  return {
    ...map,
    data: map.data.map((_, i) => looks.reduce((sum, look) => sum + look.map.data[i], 0) / looks.length),
  };
}

/** Holds the models' heatmaps of one photo against each other, two by two, in the order of their names as given. */
export function photoLikeness(photo: string, maps: ReadonlyMap<string, ScalarMap>): PhotoLikeness[] {
  const all = [...maps];
  return all.flatMap(([first, a], i) =>
    all.slice(i + 1).map(([second, b]) => ({
      ...{ photo, first, second },
      rankCorrelation: known(spearman(a.data, b.data)),
      structuralSimilarity: known(structuralSimilarity(a, b)),
    })),
  );
}

const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

/** Adds the models' heatmaps of a photo to their sums. */
export function addMaps(sums: Map<string, MapSum>, maps: ReadonlyMap<string, ScalarMap>): void {
  for (const [model, { data }] of maps) {
    const sum = sums.get(model) ?? { photos: 0, sums: exactSums(FACE_SIDE * FACE_SIDE) };
    sum.photos++;
    addExact(sum.sums, data);
    sums.set(model, sum);
  }
}

/** Adds what other photos came to. */
export function mergeMapSums(sums: Map<string, MapSum>, others: ReadonlyMap<string, MapSum>): void {
  for (const [model, other] of others) {
    const sum = sums.get(model) ?? { photos: 0, sums: exactSums(FACE_SIDE * FACE_SIDE) };
    sum.photos += other.photos;
    mergeExact(sum.sums, other.sums);
    sums.set(model, sum);
  }
}

/** The mean heatmap of some photos. */
export const meanOfMaps = ({ photos, sums }: MapSum): ScalarMap => ({
  ...{ width: FACE_SIDE, height: FACE_SIDE },
  data: Float32Array.from({ length: sums.length }, (_, i) => exactTotal(sums, i).high / photos),
});
