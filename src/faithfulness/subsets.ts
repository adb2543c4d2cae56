import type { ResolvedTarget } from '../attribution/index.ts';
import { below, drawAt } from '../common/random.ts';
import type { ScalarMap } from '../image/index.ts';
import type { ProbeQuestion } from './probe.ts';
import { type Regions, regionSums } from './regions.ts';
import type { Fill, NetworkPhoto } from './replacement.ts';
import { pearson } from './similarity.ts';

/** Regions that are taken away together, and how far the value falls without them. */
export interface Subset {
  /** 1 for the regions in it. */
  readonly regions: Uint8Array;
  /** The value of the photo less that without the subset, once both are answered; 0 before. */
  drop: number;
}

/** The shares of the regions that subsets of each size take; {@link correlation} takes the second. */
export const subsetShares = [0.1, 0.2, 0.4, 0.6, 0.8] as const;

/** For each share, `samples` random subsets of so many regions; they depend on the seed and the photo alone. */
export function drawSubsets(count: number, samples: number, seed: number, photo: number): Subset[] {
  const random = new Uint32Array(4);
  return subsetShares.flatMap((share) => {
    const size = Math.max(1, Math.round(share * count));
    return Array.from({ length: samples }, (_, sample) => {
      const list = Array.from({ length: count }, (_, i) => i);
      const regions = new Uint8Array(count);
      for (let i = 0; i < size; i++) {
        if (i % 4 === 0) drawAt(seed, `${share} of photo ${photo}`, sample * count + i / 4, random);
        const j = i + below(random[i % 4], count - i);
        [list[i], list[j]] = [list[j], list[i]];
        regions[list[i]] = 1;
      }
      return { regions, drop: 0 };
    });
  });
}

/** One question for each subset, whatever number of maps will be held against the answers, and one for the photo. */
export function* subsetQuestions(
  photo: NetworkPhoto,
  target: ResolvedTarget,
  regions: Regions,
  subsets: readonly Subset[],
  filling: () => Fill,
): Generator<ProbeQuestion, void> {
  yield {
    target,
    fill: (out) => out.set(photo.data),
    answer: (value) => {
      for (const subset of subsets) subset.drop += value;
    },
  };
  const removed = new Uint8Array(photo.height * photo.width);
  for (const subset of subsets) {
    yield {
      target,
      fill(out) {
        for (let p = 0; p < removed.length; p++) removed[p] = subset.regions[regions.of[p]];
        filling()(removed, out);
      },
      answer: (value) => {
        subset.drop -= value;
      },
    };
  }
}

/** The relevance of each subset by a map: the sum over its regions. */
export function attributed(map: ScalarMap, regions: Regions, subsets: readonly Subset[]): Float64Array {
  const sums = regionSums(map, regions);
  return Float64Array.from(subsets, (subset) =>
    sums.reduce((total, sum, i) => total + subset.regions[i] * sum, 0),
  );
}

/**
 * Faithfulness correlation (Bhatt et al. 2020): Pearson's between what random subsets of one size are said to contribute
 * and how far the value falls without them. NaN where either is constant.
 */
export function correlation(relevance: Float64Array, subsets: readonly Subset[]): number {
  return sizeCorrelations(relevance, subsets)[1];
}

/**
 * Sensitivity-n (Ancona et al. 2018, "Towards better understanding of gradient-based attribution methods"): the same, the
 * mean over several sizes n.
 */
export function sensitivityN(relevance: Float64Array, subsets: readonly Subset[]): number {
  const each = sizeCorrelations(relevance, subsets);
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}

/**
 * Infidelity (Yeh et al. 2019, "On the (In)fidelity and Sensitivity of Explanations") for taking subsets away:
 * E[(β a − d)²] of what subsets are said to contribute, a, and how far the value falls, d, with the scale
 * β = E[a d] / E[a²] that suits the map best; divided by E[d²], so that 1 says that the map explains nothing and 0 that it
 * explains all.
 */
export function infidelity(relevance: Float64Array, subsets: readonly Subset[]): number {
  let [aa, ad, dd] = [0, 0, 0];
  subsets.forEach(({ drop }, i) => {
    aa += relevance[i] ** 2;
    ad += relevance[i] * drop;
    dd += drop ** 2;
  });
  if (dd === 0) return Number.NaN;
  return aa > 0 ? Math.max(0, 1 - ad ** 2 / (aa * dd)) : 1;
}

/** Pearson's for each share of {@link subsetShares}. */
function sizeCorrelations(relevance: Float64Array, subsets: readonly Subset[]): number[] {
  const each = subsets.length / subsetShares.length;
  return subsetShares.map((_, i) => {
    const some = subsets.slice(i * each, (i + 1) * each);
    return pearson(
      relevance.subarray(i * each, (i + 1) * each),
      some.map(({ drop }) => drop),
    );
  });
}
