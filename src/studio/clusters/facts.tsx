import { useMemo } from 'preact/hooks';
import type { Cluster } from '../../clusters/index.ts';
import { percent, plural } from '../../common/format.ts';
import type { PageTable } from '../../report/page-blocks.ts';
import { excessTable } from '../../report/tables/clusters.ts';
import { mapOfRow } from '../../verbs/clusters/draw.ts';
import { ownLimit } from '../explain/limits.ts';
import { Copyable } from '../parts/controls.tsx';
import { MapPicture } from '../parts/map.tsx';
import { ReportTable } from '../parts/reporttable.tsx';
import type { ShownClusters } from '../protocol/index.ts';
import { clustersView } from '../state/clusters.ts';
import { analysisCommandText } from '../state/commands.ts';
import { view } from '../state/view.ts';
import { commonOf, placesOfClass, type ValueCount } from './choose.ts';

/** Values that are told of photos that a person chose. */
const mostCommon = 8;

/** What is known of the photos that are chosen: of a cluster what the analysis found, of others what they have in common. */
export function ChosenFacts({
  shown,
  className,
  places,
}: {
  readonly shown: ShownClusters;
  readonly className: string;
  readonly places: Int32Array;
}) {
  const { chosen } = clustersView.value;
  const cluster = chosenCluster(shown);
  if (cluster) return <ClusterFacts cluster={cluster} shown={shown} />;
  if (chosen.length === 0)
    return (
      <>
        <h2>Clusters of {className}</h2>
        <div class="clusters-means">
          {shown.report.clusters
            .filter((each) => each.class === className)
            .map((each) => (
              <MeanMap key={each.number} cluster={each} shown={shown} />
            ))}
        </div>
        <p class="hint">Choose a cluster by its colour, or photos on the map.</p>
      </>
    );
  return <CommonFacts shown={shown} className={className} places={places} />;
}

/** The cluster that is chosen, where it is one and nothing besides. */
export function chosenCluster({ report }: ShownClusters): Cluster | undefined {
  const [first, ...others] = clustersView.value.chosen;
  return first && others.length === 0 && 'column' in first && first.column === 'cluster'
    ? report.clusters.find(({ number }) => `${number}` === first.value)
    : undefined;
}

function ClusterFacts({ cluster, shown }: { readonly cluster: Cluster; readonly shown: ShownClusters }) {
  const {
    number,
    class: className,
    photos,
    share,
    separability,
    accuracy,
    confidence,
    concentration,
  } = cluster;
  const { report } = shown;
  const excess = excessTable(cluster, report.groups);
  const between = ({
    low,
    high,
  }: {
    readonly low?: number | undefined;
    readonly high?: number | undefined;
  }) => (low === undefined || high === undefined ? '' : `, ${percent(low)} to ${percent(high)}`);
  return (
    <>
      <h2>
        Cluster {number}: {className}
      </h2>
      <div class="clusters-means">
        <MeanMap cluster={cluster} shown={shown} />
      </div>
      <dl class="measures">
        <div>
          <dt>photos</dt>
          <dd>
            {photos}, {percent(share)} of {className}
          </dd>
        </div>
        {separability !== undefined && (
          <div>
            <dt>unlike the rest</dt>
            <dd>{separability.toFixed(2)}</dd>
          </div>
        )}
        {accuracy && (
          <div>
            <dt>accuracy</dt>
            <dd>
              {percent(accuracy.value)}
              {between(accuracy)}
            </dd>
          </div>
        )}
        {confidence && (
          <div>
            <dt>confidence</dt>
            <dd>
              {percent(confidence.mean)}
              {between(confidence)}
            </dd>
          </div>
        )}
        {concentration && (
          <div>
            <dt>half of its relevance</dt>
            <dd>
              in {percent(concentration.area)} of the picture, {concentration.place}
            </dd>
          </div>
        )}
      </dl>
      {excess.rows.length > 0 ? (
        <ReportTable table={excess} />
      ) : (
        <p class="hint">It has no more of any known group than the rest of its class, beyond chance.</p>
      )}
      {report.model && (
        <details class="elsewhere">
          <summary>Do the answers hang on where it looks?</summary>
          <p class="hint">This asks the network again with the region hidden:</p>
          <Copyable
            text={`${analysisCommandText('clusters', report)} --hide cluster:${number}`}
            label="the command that hides where this cluster looks"
          />
        </details>
      )}
    </>
  );
}

/** A cluster's mean heatmap, where its rows are maps. */
function MeanMap({
  cluster: { number, mean, photos },
  shown: {
    report: { shape },
  },
}: {
  readonly cluster: Cluster;
  readonly shown: ShownClusters;
}) {
  const { colors, percentile } = view.value.drawing;
  const map = useMemo(() => mapOfRow(mean, shape), [mean, shape]);
  if (!map) return null;
  return (
    <figure>
      <MapPicture
        map={map}
        colors={colors}
        limit={ownLimit(map, percentile)}
        label={`mean heatmap of cluster ${number}`}
      />
      <figcaption>
        cluster {number}: mean of {plural(photos, 'heatmap')}
      </figcaption>
    </figure>
  );
}

/** What photos have in common that a person chose: counts, as who looks for something finds it. */
function CommonFacts({
  shown,
  className,
  places,
}: {
  readonly shown: ShownClusters;
  readonly className: string;
  readonly places: Int32Array;
}) {
  const all = placesOfClass(shown, className);
  const common = useMemo(() => {
    const told = shown.columns.filter(({ name }) => name !== 'class');
    return commonOf(told, places, all).slice(0, mostCommon);
  }, [shown, places, all]);
  return (
    <>
      <h2>
        {plural(places.length, 'photo')} of {all.length}
      </h2>
      {common.length > 0 && <ReportTable table={commonTable(common)} />}
    </>
  );
}

const commonTable = (common: readonly ValueCount[]): PageTable => ({
  caption: 'What they have more of than the others of their class',
  columns: [
    { title: 'group' },
    { title: 'among them', align: 'right' },
    { title: 'among the others', align: 'right' },
  ],
  rows: common.map(({ column, value, inside, insideOf, outside, outsideOf }) => [
    `${column} ${value}`,
    { text: percent(inside / Math.max(1, insideOf)), note: `${inside} of ${insideOf}` },
    { text: percent(outside / Math.max(1, outsideOf)), note: `${outside} of ${outsideOf}` },
  ]),
  notes: ['Photos were chosen by eye: no test says whether chance would give as much.'],
});
