import { useMemo, useState } from 'preact/hooks';
import { plural, short } from '../../common/format.ts';
import type { ExplainRequest } from '../../verbs/index.ts';
import { ownLimit } from '../explain/limits.ts';
import { MapPicture } from '../parts/map.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { ShownResult } from '../protocol/index.ts';
import { answered, knownAnswer, useAsked } from '../state/asked.ts';
import { everyAnswer, filterAnswers, resultsView, showMean } from '../state/results.ts';
import { view } from '../state/view.ts';
import { chooseAnswers } from './choose.ts';
import { averagedPhotos, type FilesHere } from './here.ts';
import { meanRequest } from './mean.tsx';
import { columnOfResult } from './photo.tsx';

/** The mean heatmap of each group in one scale, beside its test: what a network looks at where it is better or worse. */
export function GroupMeans({
  shown,
  here,
  column,
  values,
}: {
  readonly shown: ShownResult;
  readonly here: FilesHere;
  readonly column: string;
  /** The groups, in the order of their bars. */
  readonly values: readonly string[];
}) {
  const [on, setOn] = useState(false);
  void answered.value;
  const { model } = here;
  const groups = useMemo(
    () =>
      values.map((value) => {
        const places = chooseAnswers(
          shown.answers,
          { ...everyAnswer, groups: { [column]: value } },
          'as-evaluated',
        );
        const photos = averagedPhotos(places, here);
        const request = model === undefined ? undefined : meanRequest(columnOfResult(shown, model), photos);
        return { value, request };
      }),
    [shown, here, column, values.join('\n')],
  );
  if (groups.every(({ request }) => request === undefined)) return null;
  const { percentile } = view.value.drawing;
  const maps = groups.flatMap(({ request }) => (request && knownAnswer('mean', request)?.map) ?? []);
  const limit = Math.max(...maps.map((map) => ownLimit(map, percentile)));
  return (
    <>
      <button type="button" aria-pressed={on} onClick={() => setOn(!on)}>
        Mean heatmap of each group
      </button>
      {on && (
        <>
          <ul class="group-means">
            {groups.map(
              ({ value, request }) =>
                request && <GroupMean key={value} {...{ column, value, request, limit }} />,
            )}
          </ul>
          {maps.length > 0 && (
            <p class="hint">
              For what is predicted, in one scale: colours end at ±{short(limit)}. Of larger groups a hundred
              photos, taken evenly.
            </p>
          )}
        </>
      )}
    </>
  );
}

function GroupMean({
  column,
  value,
  request,
  limit,
}: {
  readonly column: string;
  readonly value: string;
  readonly request: ExplainRequest;
  readonly limit: number;
}) {
  const asked = useAsked('mean', request, `averaging heatmaps of ${column} ${value}`, { oneOfMany: true });
  const { colors } = view.value.drawing;
  return (
    <li>
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="" />}
      {asked.state === 'ready' && (
        <button
          type="button"
          class="group-mean"
          aria-pressed={resultsView.value.filter.groups[column] === value}
          title={`the photos of ${column} ${value}, and their mean heatmap`}
          onClick={() => {
            filterAnswers({ ...everyAnswer, groups: { [column]: value } });
            showMean();
          }}
        >
          <MapPicture
            map={asked.answer.map}
            colors={colors}
            limit={limit}
            label={`mean heatmap of ${column} ${value}`}
          />
        </button>
      )}
      <span>{value}</span> <small>{asked.state === 'ready' && plural(asked.answer.photos, 'photo')}</small>
    </li>
  );
}
