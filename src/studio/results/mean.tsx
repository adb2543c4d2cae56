import { plural, short } from '../../common/format.ts';
import type { ExplainRequest } from '../../verbs/index.ts';
import { ownLimit } from '../explain/limits.ts';
import { MapPicture } from '../parts/map.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { useAsked } from '../state/asked.ts';
import { type Column, requestOf } from '../state/request.ts';
import { view } from '../state/view.ts';

/** What is asked for the mean heatmap of some photos, of which there is one at least. */
export const meanRequest = (column: Column, photos: readonly string[]): ExplainRequest => {
  const [first, ...rest] = photos;
  return { ...requestOf(column, first, 'sum'), photos: [first, ...rest] };
};

/** The mean heatmap of some photos. */
export function MeanPart({
  column,
  photos,
}: {
  readonly column: Column;
  readonly photos: readonly string[];
}) {
  const asked = useAsked('mean', meanRequest(column, photos), 'averaging heatmaps');
  if (asked.state === 'failed') return <Failure asked={asked} />;
  if (asked.state !== 'ready') return <Waiting text="averaging heatmaps" />;
  const { map } = asked.answer;
  const { colors, percentile } = view.value.drawing;
  const limit = ownLimit(map, percentile);
  return (
    <figure class="mean-picture">
      <MapPicture
        map={map}
        colors={colors}
        limit={limit}
        label={`mean heatmap of ${plural(asked.answer.photos, 'photo')}`}
      />
      <figcaption>
        mean of {plural(asked.answer.photos, 'heatmap')} for what is predicted; colours end at ±{short(limit)}
      </figcaption>
    </figure>
  );
}
