import { count, percent, plural } from '../common/format.ts';
import { bootstrapMeans, clustered, percentileInterval } from '../evaluation/statistics/bootstrap.ts';
import { pairedDifference } from '../evaluation/statistics/effect.ts';
import { holm } from '../evaluation/statistics/holm.ts';
import { mcnemar } from '../evaluation/statistics/mcnemar.ts';
import type { HiddenRegion } from './options.ts';
import { groupColumnsOf, type HeatmapPhoto } from './profile.ts';

/** What the network says of a photo as it is, with the region hidden, and with the same region elsewhere hidden. */
export interface HiddenAnswer {
  readonly photo: HeatmapPhoto;
  /** The number of its cluster, where clusters are known. */
  readonly cluster?: number | undefined;
  readonly hidden: HiddenValue;
  readonly elsewhere: HiddenValue;
}

/** What a model says of a photo of which a part is hidden. */
export interface HiddenValue {
  readonly predicted: string;
  /** How much less probable (or lower in score) the class is that was predicted of the photo as it is. */
  readonly fall: number;
}

/** A difference of two shares of the same photos with its 95 % interval and McNemar's exact test. */
export interface HiddenDifference {
  /** Both shares. */
  readonly first: number;
  readonly second: number;
  /** The second less the first. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly p: number;
  /** Holm's, for all tests of its kind in the report. */
  readonly adjusted: number;
  readonly family: number;
}

/** A mean over photos with its 95 % interval, which one photo has not. */
export interface MeanFall {
  readonly mean: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** What hiding a region does to a group of photos. */
export interface HiddenGroup {
  /** `all photos`, `cluster` or a column of the data. */
  readonly column: string;
  readonly value: string;
  readonly n: number;
  /** The shares of answers that change: with the same region elsewhere hidden, and with the region itself. */
  readonly changed: HiddenDifference;
  /** The shares of right answers, as it is and with the region hidden; where true classes are known. */
  readonly accuracy?: HiddenDifference | undefined;
  readonly fall: { readonly hidden: MeanFall; readonly elsewhere: MeanFall };
}

/** Groups of fewer photos than this are not tested. */
const LEAST_PHOTOS = 5;

/** All photos, each cluster and each group of the data: how answers change. */
export function hiddenGroups(
  answers: readonly HiddenAnswer[],
  resampling: { readonly resamples: number; readonly seed: number },
): HiddenGroup[] {
  // Of photos that are chosen by their answer, more change it than of others, whatever is hidden.
  const columns = groupColumnsOf(answers.map(({ photo: { predicted: _, ...photo } }) => photo));
  const clusters = [...new Set(answers.map(({ cluster }) => cluster))]
    .filter((number) => number !== undefined)
    .sort((a, b) => a - b);
  const parts: { column: string; value: string; own: readonly HiddenAnswer[] }[] = [
    { column: 'all photos', value: '', own: answers },
    ...clusters.map((number) => ({
      column: 'cluster',
      value: String(number),
      own: answers.filter(({ cluster }) => cluster === number),
    })),
    ...[...columns].flatMap(([column, values]) =>
      [...new Set(values)].flatMap((value) =>
        value === undefined ? [] : [{ column, value, own: answers.filter((_, i) => values[i] === value) }],
      ),
    ),
  ];
  const raw = parts
    .filter(({ own }) => own.length >= LEAST_PHOTOS)
    .map(({ column, value, own }) => {
      const known = own.filter(({ photo }) => photo.truth !== undefined);
      const fall = (of: 'hidden' | 'elsewhere') =>
        meanFall(
          own.map((each) => each[of].fall),
          resampling,
        );
      return {
        column,
        value,
        n: own.length,
        changed: paired(
          own.map(({ photo, elsewhere }) => elsewhere.predicted !== photo.predicted),
          own.map(({ photo, hidden }) => hidden.predicted !== photo.predicted),
        ),
        ...(known.length > 0 && {
          accuracy: paired(
            known.map(({ photo }) => photo.predicted === photo.truth),
            known.map(({ photo, hidden }) => hidden.predicted === photo.truth),
          ),
        }),
        fall: { hidden: fall('hidden'), elsewhere: fall('elsewhere') },
      };
    });
  const changed = holm(raw.map((group) => group.changed.p));
  const tested = raw.flatMap(({ accuracy }) => (accuracy ? [accuracy.p] : []));
  const accuracies = holm(tested);
  let next = 0;
  return raw.map(({ accuracy, ...group }, i) => ({
    ...group,
    changed: { ...group.changed, adjusted: changed[i], family: raw.length },
    ...(accuracy && { accuracy: { ...accuracy, adjusted: accuracies[next++], family: tested.length } }),
  }));
}

/** Two yes-or-no answers about the same photos (interval: Bonett and Price 2012). */
function paired(first: readonly boolean[], second: readonly boolean[]) {
  const n = first.length;
  const onlyFirst = first.filter((yes, i) => yes && !second[i]).length;
  const onlySecond = second.filter((yes, i) => yes && !first[i]).length;
  const share = (all: readonly boolean[]) => all.filter(Boolean).length / n;
  return {
    first: share(first),
    second: share(second),
    value: (onlySecond - onlyFirst) / n,
    ...pairedDifference(onlySecond, onlyFirst, n),
    p: mcnemar(onlyFirst, onlySecond),
  };
}

function meanFall(
  values: readonly number[],
  resampling: { readonly resamples: number; readonly seed: number },
): MeanFall {
  const [drawn] = bootstrapMeans(
    [
      clustered(
        values,
        values.map((_, i) => i),
      ),
    ],
    values.length,
    resampling,
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, ...(values.length > 1 ? percentileInterval(drawn) : {}) };
}

const LEVEL = 0.05;

const probability = (p: number): string => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(p < 0.1 ? 3 : 2)}`);

/** What hiding the region shows, in sentences: of all photos, then of groups whose answers hang on it. */
export function hidingFindings(groups: readonly HiddenGroup[]): string[] {
  if (groups.length === 0)
    return [`Fewer than ${LEAST_PHOTOS} photos say nothing of chance: what is said of each is in the table.`];
  return groups.flatMap((group, i) => {
    const { changed, accuracy } = group;
    const hangs = changed.value > 0 && changed.adjusted < LEVEL;
    if (i > 0 && !hangs && !(accuracy && accuracy.adjusted < LEVEL)) return [];
    const whom =
      i === 0
        ? `all ${plural(group.n, 'photo')}`
        : `${group.column} ${group.value} (${plural(group.n, 'photo')})`;
    const told = `Of ${whom}, ${percent(changed.second)} are answered otherwise with the region hidden, ${percent(changed.first)} with the same region elsewhere hidden (difference ${percent(changed.value)}, 95 % interval ${percent(changed.low)} to ${percent(changed.high)}; McNemar's exact test, p ${probability(changed.adjusted)} after adjustment for ${count(changed.family)}).`;
    if (!accuracy) return [told];
    const moved =
      accuracy.adjusted >= LEVEL
        ? `Accuracy is ${percent(accuracy.first)} as it is and ${percent(accuracy.second)} hidden, which chance may explain`
        : `Accuracy ${accuracy.value < 0 ? 'falls' : 'rises'} from ${percent(accuracy.first)} to ${percent(accuracy.second)}`;
    return [
      `${told} ${moved} (difference ${percent(accuracy.value)}, interval ${percent(accuracy.low)} to ${percent(accuracy.high)}, p ${probability(accuracy.adjusted)}).`,
    ];
  });
}

/** What hiding does not show, of a region that was found for a cluster or painted. */
export const hidingLimits = (region: HiddenRegion | undefined): string[] => [
  'Photos with a region filled in are none that the network was trained on: an answer may change because the picture is strange. The same region elsewhere says how much of that there is, as far as the two are alike.',
  ...(region === 'relevance'
    ? [
        'The region is where the heatmaps of the cluster are strong, in the same place of every photo: of a mark that moves, or that is larger than where the network looks, it hides a part.',
      ]
    : []),
  ...(region === 'pictures'
    ? [
        'The region is what photos of the cluster have at one place, where the network looks, and others of their class have not: of a mark that moves it holds nothing, and what they share for another reason (light, a frame) is hidden with it.',
      ]
    : []),
];
