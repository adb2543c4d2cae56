import { count, percent } from '../../common/format.ts';
import type { AnalysedLayer, Concept, ConceptReport } from '../../concepts/index.ts';
import { colormap, limitOf, renderHeatmap } from '../../image/index.ts';
import { mapOfRow } from '../../verbs/clusters/draw.ts';
import { pictureUrl, type SeenFinding } from '../parts/pin.tsx';
import type { ShownClusters } from '../protocol/index.ts';
import { analysisCommandText } from '../state/commands.ts';
import { analysisProgramText } from '../state/programs.ts';
import { view } from '../state/view.ts';
import { referenceKinds } from './channel.tsx';
import { chosenCluster } from './facts.tsx';

/** What the notebook keeps of a clustering: which photos are chosen, and of a cluster what it is. */
export function seenOfClusters(shown: ShownClusters, className: string, places: Int32Array): SeenFinding {
  const { report, photos } = shown;
  const cluster = chosenCluster(shown);
  const { colors, percentile } = view.value.drawing;
  const map = cluster && mapOfRow(cluster.mean, report.shape);
  return {
    title: `${cluster ? `Cluster ${cluster.number}` : 'Photos'} of ${className}, ${report.data.source}`,
    facts: [
      ['photos', `${count(places.length)} of ${count(photos.length)}`],
      ...(cluster?.accuracy ? ([['accuracy', percent(cluster.accuracy.value)]] as const) : []),
      [
        'first of them',
        (cluster?.nearest ?? Array.from(places.slice(0, 5), (place) => photos[place])).slice(0, 5).join(', '),
      ],
      ...(report.model
        ? ([['network', `${report.model.file}, SHA-256 ${report.model.sha256}`]] as const)
        : []),
      ['data', `SHA-256 ${report.data.sha256}`],
    ],
    pictures: map
      ? [
          {
            source: pictureUrl(renderHeatmap(map, colormap(colors), limitOf(map, { percentile }))),
            alt: `mean heatmap of cluster ${cluster.number}`,
          },
        ]
      : [],
    command: analysisCommandText('clusters', report),
    program: analysisProgramText('clusters', report),
  };
}

/** What the notebook keeps of a channel: how much it carried, and the photos that it is known by. */
export const seenOfConcept = (
  report: ConceptReport,
  layer: AnalysedLayer,
  { channel, share, references }: Concept,
): SeenFinding => ({
  title: `Channel ${channel} of ${layer.name}, ${report.model.network}`,
  facts: [
    ['share of the relevance', percent(share.mean)],
    ...referenceKinds.map(
      ([kind, title]) =>
        [
          title.toLowerCase(),
          references
            .filter((each) => each.kind === kind)
            .map(({ photo }) => photo)
            .join(', '),
        ] as const,
    ),
    ['network', `${report.model.file}, SHA-256 ${report.model.sha256}`],
    ['data', `SHA-256 ${report.data.sha256}`],
  ],
  pictures: [],
  command: analysisCommandText('concepts', report),
  program: analysisProgramText('concepts', report),
});
