import type { Cluster, ClusterReport } from '../clusters/index.ts';
import { count, percent, plural } from '../common/format.ts';
import type { NamedChart } from './charts/index.ts';
import type { PageBlock, PagePicture } from './page-blocks.ts';
import { chartBlocks } from './page-chart.ts';
import { capital } from './page-models.ts';
import { type ReportSection, reportPage } from './page-report.ts';
import { clusterTable, excessTable } from './tables/clusters.ts';

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
    sections.push({
      title: capital(each.class),
      text: `${plural(each.photos, 'photo')}, each joined with its ${count(each.neighbours)} nearest${each.parts > 1 ? `; the graph has ${count(each.parts)} parts that nothing joins` : ''}.`,
      blocks: [{ kind: 'table', table: clusterTable(own, report) }, ...(await chartBlocks(charts[i]))],
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

function clusterSection(
  cluster: Cluster,
  { groups }: ClusterReport,
  pictures: readonly PagePicture[],
): ReportSection {
  const table = excessTable(cluster, groups);
  return {
    title: `Cluster ${cluster.number}: ${cluster.class}`,
    short: `Cluster ${cluster.number}`,
    text: `${plural(cluster.photos, 'photo')}, ${percent(cluster.share)} of ${cluster.class}.`,
    blocks: [
      ...(table.rows.length > 0 ? [{ kind: 'table' as const, table }] : []),
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
