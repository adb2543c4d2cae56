import { useMemo } from 'preact/hooks';
import { plural } from '../../common/format.ts';
import { clusterTable } from '../../report/tables/clusters.ts';
import { Select } from '../parts/controls.tsx';
import { FoundPart } from '../parts/found.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { ReportTable } from '../parts/reporttable.tsx';
import type { GroupColumn, ShownClusters } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { clustersView, type PhotoChoice, showClass, showClusters } from '../state/clusters.ts';
import { chosenPlaces, columnNamed, placesOfClass, scatterOf } from './choose.ts';
import { ChosenPhotos } from './chosen.tsx';
import { ChosenFacts } from './facts.tsx';
import { colourOfValue } from './marks.ts';
import { ScatterPlot } from './scatter.tsx';

const viewTitles = {
  spectral: 'the eigenvectors that part them',
  umap: 'UMAP',
  pca: 'two principal components',
} as const;

/** Clusters of heatmaps: the photos of a class as points, and those of them that are chosen. */
export function ClustersPart({ folder }: { readonly folder: string }) {
  const asked = useAsked('clusters', { folder }, 'reading the clusters');
  if (asked.state === 'failed') return <Failure asked={asked} />;
  const shown = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  if (!shown) return <Waiting text="reading the clusters" />;
  const names = shown.report.classes.map((each) => each.class);
  if (names.length === 0)
    return <p class="hint">No class has enough photos to look for clusters among them.</p>;
  const { class: said } = clustersView.value;
  const className = said !== undefined && names.includes(said) ? said : names[0];
  return <ClassPart key={className} shown={shown} className={className} names={names} />;
}

function ClassPart({
  shown,
  className,
  names,
}: {
  readonly shown: ShownClusters;
  readonly className: string;
  readonly names: readonly string[];
}) {
  const { view: said, colour: by, chosen } = clustersView.value;
  const { report, views, columns } = shown;
  const view = views.find(({ name }) => name === said) ?? views[0];
  const colour = columnNamed(shown, by) ?? columnNamed(shown, 'cluster');
  const scatter = useMemo(() => view && scatterOf(shown, className, view.name), [shown, className, view]);
  const places = useMemo(() => chosenPlaces(shown, className, chosen), [shown, className, chosen]);
  const some = chosen.length > 0 ? places : undefined;
  const choose = (next: PhotoChoice, more: boolean) =>
    showClusters({ chosen: more ? [...chosen, next] : [next] });
  const clusters = report.clusters.filter((each) => each.class === className);
  const isWrong = useMemo(() => wrongIn(columnNamed(shown, 'answer')), [shown]);
  return (
    <>
      <div class="clusters-parts">
        <section class="clusters-map" aria-label="the map of heatmaps">
          <div class="results-tools">
            {names.length > 1 && (
              <Select
                label="Photos of"
                value={className}
                choices={names.map((value) => ({ value, label: value }))}
                onChange={showClass}
              />
            )}
            {view && (
              <Select
                label="Laid out by"
                value={view.name}
                choices={views.map(({ name }) => ({ value: name, label: viewTitles[name] }))}
                onChange={(value) => showClusters({ view: value })}
              />
            )}
            <Select
              label="Coloured by"
              value={colour?.name ?? ''}
              choices={columns
                .filter(({ name }) => name !== 'class')
                .map(({ name }) => ({ value: name, label: name }))}
              onChange={(value) => showClusters({ colour: value })}
            />
          </div>
          {scatter && view && (
            <ScatterPlot
              scatter={scatter}
              colour={colour}
              isWrong={isWrong}
              chosen={some}
              photo={photoPlace(shown)}
              label={`${plural(scatter.places.length, 'photo')} of ${className} by ${viewTitles[view.name]}`}
              onAround={(around, more) => choose({ view: view.name, around }, more)}
              onClear={() => showClusters({ chosen: [] })}
              onPhoto={(place) => showClusters({ photo: shown.photos[place] })}
            />
          )}
          {colour && <ColourLegend shown={shown} className={className} colour={colour} onChoose={choose} />}
        </section>
        <section class="clusters-facts" aria-label="what is chosen">
          <ChosenFacts shown={shown} className={className} places={places} />
        </section>
      </div>
      <ChosenPhotos shown={shown} className={className} places={places} isWrong={isWrong} />
      <ReportTable table={clusterTable(clusters, report)} />
      <FoundPart verb="clusters" report={report} does="that finds these clusters" />
    </>
  );
}

/** Whether a photo is answered wrongly, where the table knows. */
function wrongIn(answers: GroupColumn | undefined): (place: number) => boolean {
  const wrong = answers?.values.indexOf('wrong') ?? -1;
  return (place) => wrong >= 0 && answers?.of[place] === wrong;
}

function photoPlace({ photos }: ShownClusters): number | undefined {
  const { photo } = clustersView.value;
  const place = photo === undefined ? -1 : photos.indexOf(photo);
  return place < 0 ? undefined : place;
}

/** What the colours are: a press chooses the photos of one. */
function ColourLegend({
  shown,
  className,
  colour: { name, values, of },
  onChoose,
}: {
  readonly shown: ShownClusters;
  readonly className: string;
  readonly colour: GroupColumn;
  onChoose(chosen: PhotoChoice, more: boolean): void;
}) {
  const { chosen } = clustersView.value;
  const own = placesOfClass(shown, className);
  const { counts, without } = useMemo(() => {
    const counts = new Int32Array(values.length);
    for (const i of own) if (of[i] >= 0) counts[of[i]]++;
    return { counts, without: own.length - counts.reduce((sum, n) => sum + n, 0) };
  }, [own, values, of]);
  const isIn = (value: string) =>
    chosen.some((each) => 'column' in each && each.column === name && each.value === value);
  return (
    <ul class="scatter-legend" aria-label={`colours: ${name}`}>
      {values.flatMap((value, i) =>
        counts[i] === 0 ? (
          []
        ) : (
          <li key={value}>
            <button
              type="button"
              aria-pressed={isIn(value)}
              onClick={({ shiftKey }) =>
                isIn(value) ? showClusters({ chosen: [] }) : onChoose({ column: name, value }, shiftKey)
              }
            >
              <span class="scatter-colour" style={{ background: colourOfValue(i) }} aria-hidden="true" />{' '}
              {name} {value} <small>{counts[i]}</small>
            </button>
          </li>
        ),
      )}
      {without > 0 && (
        <li class="hint">
          <span class="scatter-colour" style={{ background: colourOfValue(-1) }} aria-hidden="true" /> none of
          these {without}
        </li>
      )}
    </ul>
  );
}
