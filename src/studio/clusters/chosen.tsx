import { useMemo } from 'preact/hooks';
import { plural } from '../../common/format.ts';
import { fileFinder } from '../parts/findfile.ts';
import { Gallery } from '../parts/gallery.tsx';
import { PinButton } from '../parts/pin.tsx';
import { Thumb } from '../parts/thumb.tsx';
import type { GroupColumn, ShownClusters } from '../protocol/index.ts';
import { clustersView, showClusters } from '../state/clusters.ts';
import { modelFiles, photoFiles } from '../state/files.ts';
import { columnOfAnalysis } from './analysis.ts';
import { columnNamed } from './choose.ts';
import { ClusterPhoto } from './photo.tsx';
import { seenOfClusters } from './pin.ts';

/** The contact sheet of what is chosen. */
export function ChosenPhotos({
  shown,
  className,
  places,
  isWrong,
}: {
  readonly shown: ShownClusters;
  readonly className: string;
  readonly places: Int32Array;
  isWrong(place: number): boolean;
}) {
  const { photos, report } = shown;
  const { heatmaps, photo, chosen } = clustersView.value;
  const [files, models] = [photoFiles.value, modelFiles.value];
  const fileOf = useMemo(() => {
    const find = fileFinder(files);
    return (place: number) => find(photos[place], report.data.source.replace(/[^/]*\.\w+$/, ''));
  }, [files, shown]);
  const column = useMemo(() => columnOfAnalysis(report, models), [models, report]);
  const cluster = columnNamed(shown, 'cluster');
  const predicted = columnNamed(shown, 'predicted');
  const truth = columnNamed(shown, 'true class');
  const said = (from: GroupColumn | undefined, i: number) => {
    const value = from?.of[i] ?? -1;
    return from && value >= 0 ? from.values[value] : undefined;
  };
  const titleOf = (i: number) => {
    const number = said(cluster, i);
    return number === undefined ? 'in no cluster' : `cluster ${number}`;
  };
  const noteOf = (i: number) => {
    const [first, second] = [said(predicted, i), said(truth, i)];
    return isWrong(i) ? `${first}, is ${second}` : (first ?? className);
  };
  const at = photo === undefined ? -1 : places.findIndex((place) => photos[place] === photo);
  return (
    <section class="results-main" aria-labelledby="chosen-title">
      <header class="results-tools">
        <h2 id="chosen-title" aria-live="polite">
          {chosen.length === 0
            ? `All ${plural(places.length, 'photo')} of ${className}`
            : `${plural(places.length, 'photo')} of ${className}`}
        </h2>
        {chosen.length > 0 && (
          <button type="button" onClick={() => showClusters({ chosen: [] })}>
            Show all
          </button>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={heatmaps}
            disabled={column === undefined}
            onChange={({ currentTarget }) => showClusters({ heatmaps: currentTarget.checked })}
          />{' '}
          heatmaps
        </label>
        <PinButton seen={() => seenOfClusters(shown, className, places)} />
      </header>
      {column === undefined && report.model && (
        <p class="hint">
          With {report.model.file} among the files of this page, photos are shown with their heatmaps, too.
        </p>
      )}
      <div class={`results-photos ${at >= 0 ? 'with-answer' : ''}`}>
        {places.length === 0 ? (
          <p class="hint">No photo lies there.</p>
        ) : (
          <Gallery
            count={places.length}
            chosen={at < 0 ? undefined : at}
            label="photos that are chosen"
            titleOf={(i) => `${photos[places[i]]}: ${titleOf(places[i])}, ${noteOf(places[i])}`}
            onChoose={(i) => showClusters({ photo: photos[places[i]] })}
            cell={(i) => (
              <Thumb
                file={fileOf(places[i])}
                column={heatmaps ? column : undefined}
                name={photos[places[i]]}
                wrong={isWrong(places[i])}
                title={titleOf(places[i])}
                note={noteOf(places[i])}
              />
            )}
          />
        )}
        {at >= 0 && (
          <ClusterPhoto
            key={photo}
            shown={shown}
            place={places[at]}
            file={fileOf(places[at])}
            column={column}
          />
        )}
      </div>
    </section>
  );
}
