import type { ComponentChildren } from 'preact';
import { count, plural, short } from '../../common/format.ts';
import type { ScalarMap } from '../../image/index.ts';
import type { ExplainRequest } from '../../verbs/index.ts';
import { ownLimit } from '../explain/limits.ts';
import { MapPicture } from '../parts/map.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import { useAsked } from '../state/asked.ts';
import { type Column, requestOf } from '../state/request.ts';
import { isMeanShown, showMean } from '../state/results.ts';
import { view } from '../state/view.ts';
import { meanCommandText, meanProgramText } from './elsewhere.ts';

/** What is asked for the mean heatmap of some photos; nothing of none. */
export function meanRequest(column: Column, photos: readonly string[]): ExplainRequest | undefined {
  const [first, ...rest] = photos;
  return first === undefined ? undefined : { ...requestOf(column, first, 'sum'), photos: [first, ...rest] };
}

/** The mean heatmap of the photos that are shown, once somebody wants it. */
export function MeanPart({
  column,
  photos,
  of,
}: {
  readonly column: Column;
  /** Those that are averaged, of so many. */
  readonly photos: readonly string[];
  readonly of: number;
}) {
  const request = meanRequest(column, photos);
  const shown = isMeanShown();
  const asked = useAsked('mean', shown ? request : undefined, 'averaging heatmaps');
  if (!request) return null;
  const some = photos.length < of;
  return (
    <div class="mean">
      <button type="button" aria-pressed={shown} onClick={showMean}>
        Mean heatmap of {some ? `${photos.length} of ` : ''}these photos
      </button>
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="averaging heatmaps" />}
      {asked.state === 'ready' && (
        <>
          <MeanPicture
            map={asked.answer.map}
            label={`mean heatmap of ${plural(asked.answer.photos, 'photo')}`}
          >
            mean of {plural(asked.answer.photos, 'heatmap')} for what is predicted
            {some && `, taken evenly from ${count(of)} photos`}
          </MeanPicture>
          <Reproduce
            command={meanCommandText(request)}
            program={meanProgramText(request)}
            does="that averages heatmaps"
          />
        </>
      )}
    </div>
  );
}

function MeanPicture({
  map,
  label,
  children,
}: {
  readonly map: ScalarMap;
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  const { colors, percentile } = view.value.drawing;
  const limit = ownLimit(map, percentile);
  return (
    <figure class="mean-picture">
      <MapPicture map={map} colors={colors} limit={limit} label={label} />
      <figcaption>
        {children}; colours end at ±{short(limit)}
      </figcaption>
    </figure>
  );
}
