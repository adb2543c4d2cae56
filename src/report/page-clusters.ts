import { type Cluster, type ClusterReport, overRepresented } from '../clusters/index.ts';
import { count, percent, plural } from '../common/format.ts';
import type { NamedChart } from './charts/index.ts';
import type { PageBlock, PagePicture, PageTable } from './page-blocks.ts';
import { pageChart } from './page-chart.ts';
import { capital } from './page-models.ts';
import { type ReportSection, reportPage } from './page-report.ts';

/** Everything that a page of clusters is made of. */
export interface ClustersMaterial {
  readonly report: ClusterReport;
  /** Charts of each class, in the order of the report's. */
  readonly charts: readonly (readonly NamedChart[])[];
  /** Pictures of each cluster, by its number. */
  readonly pictures: ReadonlyMap<number, readonly PagePicture[]>;
}

/** Clusters as one page: findings, each class with its views and clusters, limits, and how all was made. */
export async function clustersPage({ report, charts, pictures }: ClustersMaterial): Promise<string> {
  const { classes, clusters, data, findings, limits, model } = report;
  const sections: ReportSection[] = [
    {
      title: 'What was found',
      short: 'Findings',
      blocks: [{ kind: 'findings', findings: findings.map(capitalText) }],
    },
  ];
  for (const [i, each] of classes.entries()) {
    const own = clusters.filter((cluster) => cluster.class === each.class);
    const drawn = await Promise.all(
      charts[i].map(async ({ name, caption, spec }) => ({ caption, ...(await pageChart(spec, `${name}-`)) })),
    );
    sections.push({
      title: capital(each.class),
      text: `${plural(each.photos, 'photo')}, each joined with its ${count(each.neighbours)} nearest${each.parts > 1 ? `; the graph has ${count(each.parts)} parts that nothing joins` : ''}.`,
      blocks: [
        { kind: 'table', table: clusterTable(own, report) },
        ...(drawn.length > 0 ? [{ kind: 'charts' as const, charts: drawn }] : []),
      ],
    });
    for (const cluster of own)
      sections.push(clusterSection(cluster, report, pictures.get(cluster.number) ?? []));
  }
  sections.push(
    { title: 'What the numbers do not say', short: 'Limits', blocks: [{ kind: 'list', items: limits }] },
    { title: 'How it was made', short: 'Provenance', blocks: [provenance(report)] },
  );
  return reportPage({
    title: `What heatmaps of ${model?.file ?? data.source} have in common`,
    lead: `${plural(data.photos, 'heatmap')} in ${plural(clusters.length, 'cluster')}: photos on which the network looks at alike places.`,
    sections,
    footer: Object.entries(report.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  });
}

const capitalText = (text: string) => ({ text: capital(text), significant: /adjusted for/.test(text) });

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

function clusterSection(
  cluster: Cluster,
  { groups }: ClusterReport,
  pictures: readonly PagePicture[],
): ReportSection {
  const more = overRepresented(groups, cluster);
  const table: PageTable = {
    caption: 'Groups that it has more of than the rest of its class',
    columns: [
      { title: 'group' },
      { title: 'in the cluster', align: 'right' },
      { title: 'in the rest', align: 'right' },
      { title: 'adjusted p', align: 'right' },
    ],
    rows: more.map(({ column, value, inside, insideOf, outside, outsideOf, adjusted }) => [
      `${column} ${value}`,
      { text: percent(inside / insideOf), sort: inside / insideOf, note: `${inside} of ${insideOf}` },
      { text: percent(outside / outsideOf), sort: outside / outsideOf, note: `${outside} of ${outsideOf}` },
      { text: adjusted < 0.001 ? '< 0.001' : adjusted.toFixed(3), sort: adjusted },
    ]),
  };
  return {
    title: `Cluster ${cluster.number}: ${cluster.class}`,
    short: `Cluster ${cluster.number}`,
    text: `${plural(cluster.photos, 'photo')}, ${percent(cluster.share)} of ${cluster.class}.`,
    blocks: [
      ...(more.length > 0 ? [{ kind: 'table' as const, table }] : []),
      ...pictures.map((picture) => ({ kind: 'picture' as const, picture })),
    ],
  };
}

function provenance({ model, data, settings, explanation, shape }: ClusterReport): PageBlock {
  const facts = (entries: object) =>
    Object.entries<unknown>({ ...entries }).map(([name, value]) => [name, String(value)] as const);
  return {
    kind: 'facts',
    sheets: [
      ...(model ? [{ title: 'Model', facts: facts(model) }] : []),
      {
        title: 'Heatmaps',
        facts: facts({
          source: data.source,
          photos: data.photos,
          skipped: data.skipped.length,
          sha256: data.sha256,
          ...(explanation !== undefined && { explanation }),
          row: shape.join('×'),
        }),
      },
      { title: 'Settings', facts: facts(settings) },
    ],
  };
}
