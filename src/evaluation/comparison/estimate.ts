import { percentileInterval } from '../statistics/bootstrap.ts';
import { newcombe, pairedDifference } from '../statistics/effect.ts';
import { wilson } from '../statistics/wilson.ts';
import type { Estimate, OutcomeInfo } from './comparison.ts';
import { effectiveSize, FEW, isLopsided, type ValueSample } from './sample.ts';

type Kind = OutcomeInfo['kind'];

/** A sample's mean with its interval. */
export function estimate(sample: ValueSample, kind: Kind): Estimate {
  const { mean, n, clusters, byPerson } = sample;
  const base = { value: mean, ...sizeOf(sample) };
  if (kind === 'share' && !byPerson) return { ...base, ...wilson(mean * n, n), method: 'wilson' };
  if (kind === 'share' && isLopsided(sample)) {
    return { ...base, ...wilson(mean * clusters, clusters), method: 'wilson-persons' };
  }
  return { ...base, ...bootstrap(sample, sample.resampled()) };
}

/** Images that only one of two entries got right, and the persons on them. */
export interface Discordance {
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly persons: number;
}

/** The difference of two samples of the same images with its interval; `discordance` for shares. */
export function estimateDifference(
  first: ValueSample,
  second: ValueSample,
  discordance?: Discordance,
): Estimate {
  const { n, clusters, byPerson } = first;
  const base = { value: first.mean - second.mean, ...sizeOf(first) };
  if (discordance) {
    const { onlyFirst, onlySecond, persons } = discordance;
    if (!byPerson) return { ...base, ...pairedDifference(onlyFirst, onlySecond, n), method: 'bonett-price' };
    if (persons < FEW) {
      const scale = clusters / n;
      const interval = pairedDifference(onlyFirst * scale, onlySecond * scale, clusters);
      return { ...base, ...interval, method: 'bonett-price-persons' };
    }
  }
  return { ...base, ...bootstrap(first, less(first.resampled(), second.resampled())) };
}

/** A group's value less that of all images, of which `rest` holds those outside the group. */
export function estimateGap(group: ValueSample, rest: ValueSample, all: ValueSample, kind: Kind): Estimate {
  const base = { value: group.mean - all.mean, ...sizeOf(group) };
  if (rest.n === 0) return base;
  if (kind === 'share' && (!group.byPerson || isLopsided(group) || isLopsided(rest))) {
    // All images are group and rest: the gap is the rest's share of the difference between the two.
    const share = rest.n / all.n;
    const [n1, n2] = [effectiveSize(group), effectiveSize(rest)];
    const { low, high } = newcombe(group.mean * n1, n1, rest.mean * n2, n2);
    const method = group.byPerson ? 'newcombe-persons' : 'newcombe';
    return { ...base, low: share * low, high: share * high, method };
  }
  return { ...base, ...bootstrap(group, less(group.resampled(), all.resampled())) };
}

const sizeOf = ({ n, clusters, byPerson }: ValueSample): Pick<Estimate, 'n' | 'persons'> => ({
  n,
  ...(byPerson && { persons: clusters }),
});

function bootstrap(sample: ValueSample, resampled: Float64Array): Pick<Estimate, 'low' | 'high' | 'method'> {
  // One cluster is the same in every resample.
  const interval = sample.clusters > 1 ? percentileInterval(resampled) : undefined;
  return { ...interval, ...(interval && { method: sample.byPerson ? 'bootstrap-persons' : 'bootstrap' }) };
}

const less = (first: Float64Array, second: Float64Array): Float64Array =>
  first.map((value, i) => value - second[i]);
