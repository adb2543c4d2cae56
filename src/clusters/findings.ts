import { count, percent, plural } from '../common/format.ts';
import type { Cluster, ClusterReport, GroupExcess } from './record.ts';

/** What sentences are made of. */
export type ClusterEvidence = Pick<ClusterReport, 'classes' | 'small' | 'same' | 'clusters' | 'groups'>;

/** A finding is stated as such where its adjusted p-value is below this. */
const LEVEL = 0.05;

/** Half of the relevance in less of the picture than this is worth a word. */
const NARROW = 0.1;

/** Groups that a cluster has more of than the rest of its class, beyond chance; the clearest first. */
export const overRepresented = (
  groups: readonly GroupExcess[],
  { number }: Pick<Cluster, 'number'>,
): GroupExcess[] =>
  groups
    .filter(
      ({ cluster, adjusted, inside, insideOf, outside, outsideOf }) =>
        cluster === number && adjusted < LEVEL && inside / insideOf > outside / outsideOf,
    )
    .sort((a, b) => a.p - b.p);

/** What the numbers show, in sentences. */
export function clusterFindings({ classes, small, same = [], clusters, groups }: ClusterEvidence): string[] {
  return [
    ...classes.map(({ class: name, photos, gap, unclustered }) => {
      const own = clusters.filter((cluster) => cluster.class === name).length;
      const rest = unclustered > 0 ? `; ${plural(unclustered, 'photo')} in none` : '';
      return gap.single
        ? `${name}: ${plural(photos, 'photo')} look like one cluster, as no gap of the eigenvalues is larger than the first; the ${count(own)} shown cut it nevertheless${rest}.`
        : `${name}: ${plural(photos, 'photo')} in ${plural(own, 'cluster')}${own === gap.clusters ? `, where the eigenvalues have their largest gap (${gap.gap.toFixed(2)})` : `; the eigenvalues' largest gap would be at ${gap.clusters}`}${rest}.`;
    }),
    ...clusters.flatMap((cluster) => narrow(cluster, clusters)),
    ...clusters.flatMap((cluster) => excess(cluster, overRepresented(groups, cluster))),
    ...same.map(
      ({ class: name, photos }) =>
        `${name}: the heatmaps of ${plural(photos, 'photo')} are all the same, so that nothing parts them.`,
    ),
    ...small.map(
      ({ class: name, photos }) =>
        `${name}: ${plural(photos, 'photo')}, too few to look for clusters among them.`,
    ),
  ];
}

const named = ({ number, class: name, photos }: Cluster): string =>
  `Cluster ${number} (${name}, ${plural(photos, 'photo')})`;

/** Clusters whose relevance lies in one small place, while others of their class look elsewhere or wider. */
function narrow(cluster: Cluster, all: readonly Cluster[]): string[] {
  const { concentration, class: name } = cluster;
  if (!concentration || concentration.area >= NARROW || concentration.place === 'nowhere') return [];
  const others = all.filter((each) => each.class === name && each !== cluster);
  const alike = others.every(
    (each) => each.concentration?.place === concentration.place && each.concentration.area < NARROW,
  );
  if (alike) return [];
  const where = concentration.place === 'middle' ? 'in the middle' : `at the ${concentration.place}`;
  return [
    `${named(cluster)} looks at one place: half of its mean relevance for the class lies in ${percent(concentration.area)} of the picture, ${where}.`,
  ];
}

/** What a cluster has more of, in one sentence: shares of the photos of which the column says something. */
function excess(cluster: Cluster, groups: readonly GroupExcess[]): string[] {
  const [first] = groups;
  if (!first) return [];
  const told = groups.map(({ column, value, inside, insideOf, outside, outsideOf, adjusted }) => {
    const p = adjusted < 0.001 ? '< 0.001' : `= ${adjusted.toFixed(3)}`;
    return `${column} ${value} (${percent(inside / insideOf)} of ${count(insideOf)}, against ${percent(outside / outsideOf)} of ${count(outsideOf)}; p ${p})`;
  });
  return [
    `${named(cluster)} has more of ${told.join(', ')} than the rest of its class (Fisher's exact tests, adjusted for ${count(first.family)}).`,
  ];
}

/** What no number here shows. */
export function clusterLimits(report: ClusterEvidence): string[] {
  return [
    'A cluster is a way of looking that photos share. Whether it is cheating, only a person who looks at it can say; hide the region and see whether the answers change.',
    'Clusters are found for any heatmaps, also where there are none to find: the eigengap and how separable they are say how clearly they part, and both come from the embedding that was parted.',
    'Maps are compared place by place: the same object in another place of the picture is another way of looking.',
    ...(report.groups.length > 0
      ? [
          'A group that a cluster has more of need not be why the network looks there: what goes along with the group may be.',
        ]
      : [
          'Nothing is known of the photos but their heatmaps: a manifest with columns would show which groups a cluster has more of.',
        ]),
  ];
}
