import type { Cluster, ClusterReport } from '../../clusters/index.ts';
import { table } from '../table.ts';

/** What follows, and what does not. */
export function sentencesText({ findings, limits }: Pick<ClusterReport, 'findings' | 'limits'>): string {
  const said = (title: string, texts: readonly string[]) =>
    texts.length > 0 ? `\n${title}\n${texts.map((text) => `  ${text}`).join('\n')}\n` : '';
  return `${said('What this shows', findings)}${said('What it does not show', limits)}`;
}

/** A line for each cluster, then what follows and what does not. */
export function clustersText(report: ClusterReport): string {
  const { clusters } = report;
  const has = (of: (cluster: Cluster) => unknown) => clusters.some((cluster) => of(cluster) !== undefined);
  const percent = (value: number | undefined) => (value === undefined ? '' : `${(100 * value).toFixed(1)} %`);
  const columns = [
    { title: 'cluster' },
    { title: 'class' },
    { title: 'photos', align: 'right' as const },
    { title: 'unlike the rest', align: 'right' as const },
    ...(has(({ accuracy }) => accuracy) ? [{ title: 'accuracy', align: 'right' as const }] : []),
    ...(has(({ confidence }) => confidence) ? [{ title: 'confidence', align: 'right' as const }] : []),
    ...(has(({ concentration }) => concentration) ? [{ title: 'half of its relevance in' }] : []),
  ];
  const rows = clusters.map(
    ({ number, class: name, photos, separability, accuracy, confidence, concentration }) => [
      String(number),
      name,
      String(photos),
      separability === undefined ? '' : separability.toFixed(2),
      ...(has((each) => each.accuracy) ? [percent(accuracy?.value)] : []),
      ...(has((each) => each.confidence) ? [percent(confidence?.mean)] : []),
      ...(has((each) => each.concentration)
        ? [concentration ? `${percent(concentration.area)}, ${concentration.place}` : '']
        : []),
    ],
  );
  const rest = sentencesText(report);
  return clusters.length > 0 ? `${table(columns, rows)}${rest}` : rest;
}
