import { Heat, Legend } from '../explain/heat.tsx';
import { ownLimit } from '../explain/limits.ts';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { ShownClusters } from '../protocol.ts';
import { useAsked } from '../state/asked.ts';
import { clustersView } from '../state/clusters.ts';
import type { StudioFile } from '../state/files.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { type Column, requestOf } from '../state/request.ts';
import { room, show, view } from '../state/view.ts';

/** One photo of a clustering: what is known of it, and its heatmap. */
export function PhotoPart({
  shown: { photos, columns },
  place,
  file,
  column,
}: {
  readonly shown: ShownClusters;
  readonly place: number;
  readonly file: StudioFile | undefined;
  readonly column: Column | undefined;
}) {
  const name = photos[place];
  return (
    <section class="answer-part" aria-label={`the photo ${name}`}>
      <header>
        <h2>{name.replace(/^.*\//, '')}</h2>
        <button
          type="button"
          class="quiet"
          aria-label="close"
          onClick={() => {
            const { photo: _, ...rest } = clustersView.value;
            clustersView.value = rest;
          }}
        >
          ×
        </button>
      </header>
      <dl class="facts">
        {columns.flatMap(({ name: known, values, of }) =>
          of[place] < 0 ? (
            []
          ) : (
            <div key={known}>
              <dt>{known}</dt>
              <dd>{values[of[place]]}</dd>
            </div>
          ),
        )}
      </dl>
      {file ? (
        <img class="picture" src={addressOfPhoto(file)} alt={name} />
      ) : (
        <p class="hint">The photo is not among the files of this page: drop it, or its folder.</p>
      )}
      {file && column && <PhotoHeat path={file.path} column={column} />}
    </section>
  );
}

function PhotoHeat({ path, column }: { readonly path: string; readonly column: Column }) {
  const asked = useAsked('explain', requestOf(column, path, 'sum'), 'explaining the photo');
  const { colors, opacity, percentile } = view.value.drawing;
  if (asked.state === 'failed') return <Failure asked={asked} />;
  if (asked.state !== 'ready') return <Waiting text="finding out why" />;
  const { map, view: seen, reading } = asked.answer;
  const limit = ownLimit(map, percentile);
  return (
    <>
      <Heat
        map={map}
        view={seen}
        limit={limit}
        colors={colors}
        opacity={opacity}
        label={`what speaks for ${reading.target.name}, and what against it`}
        reads
      />
      <Legend colors={colors} limit={limit} />
      <button
        type="button"
        onClick={() => {
          show({ photos: [path], columns: [column], photo: 0, column: 0 });
          room.value = 'explain';
        }}
      >
        Explain it in full
      </button>
    </>
  );
}
