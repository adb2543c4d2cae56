import { cohensH, discordantOdds } from '../statistics/effect.ts';
import { holm } from '../statistics/holm.ts';
import { mcnemar } from '../statistics/mcnemar.ts';
import { signFlipExact, signFlipRandom } from '../statistics/signflip.ts';
import type { Pair, Test } from './comparison.ts';
import { estimateDifference } from './estimate.ts';
import type { ComparedImages } from './images.ts';
import type { Outcome } from './outcome.ts';
import type { Sampler, ValueSample } from './sample.ts';

/** Signs are drawn this often where they are too many to count: no p-value falls below 0.0001. */
const FLIPS = 9_999;

/** An outcome's values of an entry, image by image, and as a sample. */
export interface Row {
  readonly values: readonly (number | undefined)[];
  readonly sample: ValueSample;
}

/** A pair before its p-values are adjusted. */
type RawPair = Omit<Pair, 'mcnemar' | 'signFlip' | 'test'> & {
  readonly p: { readonly mcnemar?: number; readonly signFlip?: number };
};

/**
 * Compares entries two by two on the images that both answered, in one outcome; p-values are adjusted for all of
 * `wanted`. Pairs with no image in common are left out.
 */
export function comparePairs(
  wanted: readonly (readonly [first: number, second: number])[],
  rows: readonly Row[],
  outcome: Outcome,
  images: ComparedImages,
  sample: Sampler,
  seed: number,
): Pair[] {
  const raw = wanted.flatMap(([first, second]) => {
    const [one, other] = onCommonImages(rows[first], rows[second], sample);
    return one.sample.n > 0 ? [comparePair(first, second, one, other, outcome, images, seed)] : [];
  });
  const mcnemars = adjust(raw.map(({ p }) => p.mcnemar));
  const signFlips = adjust(raw.map(({ p }) => p.signFlip));
  return raw.map(({ p: _, ...pair }, i) => {
    const [byImage, byPerson] = [mcnemars[i], signFlips[i]];
    return {
      ...pair,
      ...(byImage && { mcnemar: byImage }),
      ...(byPerson && { signFlip: byPerson }),
      test: byPerson ? { ...byPerson, name: 'sign-flip' } : { ...byImage!, name: 'mcnemar' },
    };
  });
}

/** Tests with p-values adjusted for one another; undefined stays so and does not count. */
export function adjust(p: readonly (number | undefined)[]): (Test | undefined)[] {
  const known = p.filter((each) => each !== undefined);
  const adjusted = holm(known);
  let next = 0;
  return p.map((each) =>
    each === undefined ? undefined : { p: each, adjusted: adjusted[next++], family: known.length },
  );
}

function onCommonImages(first: Row, second: Row, sample: Sampler): [Row, Row] {
  const apart = first.values.some((value, i) => (value === undefined) !== (second.values[i] === undefined));
  if (!apart) return [first, second];
  const only = (row: Row, other: Row): Row => {
    const values = row.values.map((value, i) => (other.values[i] === undefined ? undefined : value));
    return { values, sample: sample(values) };
  };
  return [only(first, second), only(second, first)];
}

function comparePair(
  first: number,
  second: number,
  one: Row,
  other: Row,
  outcome: Outcome,
  { cluster, byPerson }: ComparedImages,
  seed: number,
): RawPair {
  const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  const differences = new Map<number, number>();
  const discordant = new Set<number>();
  one.values.forEach((a, i) => {
    const b = other.values[i];
    if (a === undefined || b === undefined) return;
    counts[a ? (b ? 'both' : 'onlyFirst') : b ? 'onlySecond' : 'neither']++;
    if (a !== b) discordant.add(cluster[i]);
    differences.set(cluster[i], (differences.get(cluster[i]) ?? 0) + a - b);
  });
  const [x, y] = [one.sample, other.sample];
  const base = {
    first,
    second,
    outcome: outcome.name,
    n: x.n,
    ...(byPerson && { persons: x.clusters }),
    values: [x.mean, y.mean],
  } as const;
  const each = [...differences.values()];
  if (outcome.kind === 'number') {
    return {
      ...base,
      difference: estimateDifference(x, y),
      p: { signFlip: signFlipRandom(each, FLIPS, seed) },
    };
  }
  const { onlyFirst, onlySecond } = counts;
  const odds = discordantOdds(onlyFirst, onlySecond);
  return {
    ...base,
    difference: estimateDifference(x, y, { onlyFirst, onlySecond, persons: discordant.size }),
    counts,
    cohensH: cohensH(x.mean, y.mean),
    ...(odds && { odds }),
    p: {
      mcnemar: mcnemar(onlyFirst, onlySecond),
      ...(byPerson && { signFlip: signFlipExact(each) }),
    },
  };
}
