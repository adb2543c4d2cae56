import type { ResolvedTarget } from '../attribution/index.ts';
import type { ScalarMap } from '../image/index.ts';
import { entropy, sparseness } from './complexity.ts';
import { aopc, areaBetween, areaUnder, type CurveOptions, curveQuestions, monotonicity } from './curves.ts';
import { localisation } from './localisation.ts';
import type { Metric } from './measures.ts';
import type { ProbeQuestion } from './probe.ts';
import { type Regions, type RemovalOrder, ranks } from './regions.ts';
import { fillBy, type NetworkPhoto, type Replacement } from './replacement.ts';
import {
  attributed,
  correlation,
  drawSubsets,
  infidelity,
  sensitivityN,
  subsetQuestions,
  subsetShares,
} from './subsets.ts';

/** How photos are taken apart. */
export interface AnalysisOptions {
  readonly metrics: readonly Metric[];
  readonly steps: number;
  readonly until: number;
  readonly replacement: Replacement;
  /** Random subsets of each size. */
  readonly samples: number;
  readonly seed: number;
}

/** A map of a photo, and what made it. */
export interface NamedMap {
  readonly method: string;
  readonly map: ScalarMap;
}

/** A photo whose maps are to be analysed. */
export interface AnalysedPhoto {
  readonly photo: NetworkPhoto;
  readonly target: ResolvedTarget;
  readonly maps: readonly NamedMap[];
  /** Where the object is: 1 for its pixels. */
  readonly mask?: Uint8Array | undefined;
}

/** Numbers by measure, then by method; NaN where a measure is not defined. */
export type Values = Record<string, Record<string, number>>;

/** Curves by their names (`pixel-flipping morf`), then by method. */
export type Curves = Record<string, Record<string, readonly number[]>>;

/** What one photo came to. */
export interface PhotoAnalysis {
  readonly values: Values;
  readonly curves: Curves;
}

/** A curve that a metric is made of. */
export interface CurvePlan extends CurveOptions {
  readonly metric: Metric;
  readonly order: RemovalOrder;
  readonly replacement: Replacement;
}

/** The shares of ROAD's curves: 10 % to 90 % of the regions. */
const road: CurveOptions = { steps: 9, until: 0.9 };

/** The curves that the metrics need. */
export function curvesOf({
  metrics,
  steps,
  until,
  replacement,
}: Omit<AnalysisOptions, 'samples' | 'seed'>): CurvePlan[] {
  const all: CurvePlan[] = [
    { metric: 'pixel-flipping', order: 'morf', replacement, steps, until },
    { metric: 'pixel-flipping', order: 'lerf', replacement, steps, until },
    { metric: 'deletion', order: 'morf', replacement: 'zero', steps, until: 1 },
    // What comes first into the blurred photo went last.
    { metric: 'insertion', order: 'lerf', replacement: 'blur', steps, until: 1 },
    { metric: 'road', order: 'morf', replacement: 'imputation', ...road },
    { metric: 'road', order: 'lerf', replacement: 'imputation', ...road },
  ];
  return all.filter(({ metric }) => metrics.includes(metric));
}

/** What a curve is called among others: its metric, and which pixels go first. */
export const curveName = ({ metric, order }: Pick<CurvePlan, 'metric' | 'order'>): string =>
  `${metric} ${order}`;

/** Curves of one kind share what they have in common, in whichever order regions go. */
function kindsOf<T extends CurvePlan>(plans: readonly T[]): T[][] {
  const kinds = new Map<string, T[]>();
  for (const plan of plans) {
    const kind = `${plan.replacement} ${plan.steps} ${plan.until}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), plan]);
  }
  return [...kinds.values()];
}

/** How many changed copies of a photo with so many maps are asked about. */
export function questionsPerPhoto(options: AnalysisOptions, maps: number): number {
  const curves = kindsOf(curvesOf(options)).reduce((sum, alike) => {
    const [{ steps, until }] = alike;
    const empty = until === 1 ? 1 : 0;
    return sum + 1 + alike.length * maps * (steps - empty) + empty;
  }, 0);
  return curves + (options.metrics.includes('subsets') ? subsetShares.length * options.samples + 1 : 0);
}

/** A photo's questions, and what follows from their answers once all are there. */
export interface Analysis {
  readonly questions: Iterable<ProbeQuestion>;
  result(): PhotoAnalysis;
}

/**
 * Analyses a photo's maps by the metrics that ask the network about changed copies, and by those of the map alone. The
 * photo as it is, the empty one and random subsets are asked about once for all maps.
 */
export function analyse(
  { photo, target, maps, mask }: AnalysedPhoto,
  regions: Regions,
  options: AnalysisOptions,
): Analysis {
  const { metrics, samples, seed } = options;
  const plans = curvesOf(options).map((plan) => ({
    ...plan,
    removals: maps.map(({ map }) => ({
      ranks: ranks(map, regions, plan.order, seed, photo.index),
      values: new Float64Array(plan.steps + 1),
    })),
  }));
  const subsets = metrics.includes('subsets') ? drawSubsets(regions.count, samples, seed, photo.index) : [];
  function* questions(): Generator<ProbeQuestion, void> {
    for (const alike of kindsOf(plans)) {
      const [plan] = alike;
      const filling = fillBy(photo, plan.replacement, seed);
      const removals = alike.flatMap((each) => each.removals);
      yield* curveQuestions(photo, target, regions, removals, filling, plan);
    }
    if (subsets.length > 0)
      yield* subsetQuestions(photo, target, regions, subsets, fillBy(photo, options.replacement, seed));
  }
  return {
    questions: questions(),
    result() {
      const curves: Curves = {};
      for (const plan of plans)
        curves[curveName(plan)] = byMethod(maps, (_, i) => Array.from(plan.removals[i].values));
      return { values: valuesOf(maps, mask, curves, regions, subsets, metrics), curves };
    },
  };
}

/** What the metrics say, from the curves and subsets that were asked about and from the maps alone. */
function valuesOf(
  maps: readonly NamedMap[],
  mask: Uint8Array | undefined,
  curves: Curves,
  regions: Regions,
  subsets: ReturnType<typeof drawSubsets>,
  metrics: readonly Metric[],
): Values {
  const given = (name: string) => (i: number) => curves[name][maps[i].method];
  const values: Values = {};
  const add = (name: string, of: (map: ScalarMap, i: number) => number) => {
    values[name] = byMethod(maps, of);
  };
  if (metrics.includes('pixel-flipping')) {
    const [morf, lerf] = [given('pixel-flipping morf'), given('pixel-flipping lerf')];
    add('abpc', (_, i) => areaBetween(lerf(i), morf(i)));
    add('aopc-morf', (_, i) => aopc(morf(i)));
    add('aopc-lerf', (_, i) => aopc(lerf(i)));
    add('monotonicity', (_, i) => monotonicity(morf(i)));
  }
  if (metrics.includes('deletion')) add('deletion', (_, i) => areaUnder(given('deletion morf')(i)));
  if (metrics.includes('insertion')) add('insertion', (_, i) => areaUnder(given('insertion lerf')(i)));
  if (metrics.includes('road'))
    add('road', (_, i) => areaBetween(given('road lerf')(i).slice(1), given('road morf')(i).slice(1)));
  if (metrics.includes('subsets')) {
    const each = maps.map(({ map }) => attributed(map, regions, subsets));
    add('correlation', (_, i) => correlation(each[i], subsets));
    add('sensitivity-n', (_, i) => sensitivityN(each[i], subsets));
    add('infidelity', (_, i) => infidelity(each[i], subsets));
  }
  if (metrics.includes('complexity')) {
    add('sparseness', sparseness);
    add('entropy', entropy);
  }
  if (metrics.includes('localisation')) {
    const each = maps.map(({ map }) => mask && localisation(map, mask));
    add('pointing-game', (_, i) => each[i]?.pointing ?? Number.NaN);
    add('mass-accuracy', (_, i) => each[i]?.mass ?? Number.NaN);
    add('rank-accuracy', (_, i) => each[i]?.rank ?? Number.NaN);
  }
  return values;
}

/** What `of` makes of each map, by the names of the methods. */
export function byMethod<T>(
  maps: readonly NamedMap[],
  of: (map: ScalarMap, i: number) => T,
): Record<string, T> {
  return Object.fromEntries(maps.map(({ method, map }, i) => [method, of(map, i)]));
}
