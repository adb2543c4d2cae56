import { type Cluster, type ClusterReport, overRepresented } from '../../clusters/index.ts';
import { count, percent } from '../../common/format.ts';
import type { PageTable } from '../page-blocks.ts';

/* Clusters of heatmaps in tables, for reports and the page. */

/** A class's clusters, a row each. */
export function clusterTable(own: readonly Cluster[], { groups }: Pick<ClusterReport, 'groups'>): PageTable {
  const has = (of: (cluster: Cluster) => unknown) => own.some((cluster) => of(cluster) !== undefined);
  const columns = [
    { title: 'cluster' },
    { title: 'photos', align: 'right' as const },
    { title: 'unlike the rest', align: 'right' as const },
    ...(has(({ accuracy }) => accuracy) ? [{ title: 'accuracy', align: 'right' as const }] : []),
    ...(has(({ confidence }) => confidence) ? [{ title: 'confidence', align: 'right' as const }] : []),
    ...(has(({ concentration }) => concentration) ? [{ title: 'half of its relevance' }] : []),
    { title: 'has more of' },
  ];
  return {
    caption: 'Clusters, the largest first',
    columns,
    rows: own.map((cluster) => {
      const { number, photos, share, separability, accuracy, confidence, concentration } = cluster;
      const more = overRepresented(groups, cluster).map(({ column, value }) => `${column} ${value}`);
      return [
        { text: `cluster ${number}`, sort: number },
        { text: count(photos), sort: photos, note: percent(share) },
        separability === undefined ? '–' : { text: separability.toFixed(2), sort: separability },
        ...(has((each) => each.accuracy)
          ? [shareCell(accuracy && { ...accuracy, value: accuracy.value })]
          : []),
        ...(has((each) => each.confidence)
          ? [shareCell(confidence && { ...confidence, value: confidence.mean })]
          : []),
        ...(has((each) => each.concentration)
          ? [concentration ? `${percent(concentration.area)}, ${concentration.place}` : '–']
          : []),
        more.join(', ') || '–',
      ];
    }),
    notes: [
      'Unlike the rest: the share of the variance that lies between the cluster and the rest of its class, along the direction that tells them apart best (Fisher). Small print: of the class, and 95 % intervals.',
    ],
  };
}

function shareCell(
  given:
    | { readonly value: number; readonly low?: number | undefined; readonly high?: number | undefined }
    | undefined,
) {
  if (!given) return '–';
  const { value, low, high } = given;
  const note = low === undefined || high === undefined ? undefined : `${percent(low)} to ${percent(high)}`;
  return { text: percent(value), sort: value, ...(note !== undefined && { note }) };
}

/** The groups that a cluster has more of than the rest of its class. */
export const excessTable = (cluster: Cluster, groups: ClusterReport['groups']): PageTable => ({
  caption: 'Groups that it has more of than the rest of its class',
  columns: [
    { title: 'group' },
    { title: 'in the cluster', align: 'right' },
    { title: 'in the rest', align: 'right' },
    { title: 'adjusted p', align: 'right' },
  ],
  rows: overRepresented(groups, cluster).map(
    ({ column, value, inside, insideOf, outside, outsideOf, adjusted }) => [
      `${column} ${value}`,
      { text: percent(inside / insideOf), sort: inside / insideOf, note: `${inside} of ${insideOf}` },
      { text: percent(outside / outsideOf), sort: outside / outsideOf, note: `${outside} of ${outsideOf}` },
      { text: adjusted < 0.001 ? '< 0.001' : adjusted.toFixed(3), sort: adjusted },
    ],
  ),
});
