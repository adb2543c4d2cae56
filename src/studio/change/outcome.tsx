import { short } from '../../common/format.ts';
import { Answer } from '../explain/answer.tsx';
import { Heat, Legend } from '../explain/heat.tsx';
import { ownLimit } from '../explain/limits.ts';
import { Failure } from '../parts/notice.tsx';
import type { ShownExplanation } from '../protocol/index.ts';
import type { Asked } from '../state/asked.ts';
import type { Column } from '../state/request.ts';
import { view } from '../state/view.ts';
import type { ChangedPhoto } from './canvas.ts';
import { ChangeElsewhere } from './elsewhere.tsx';

/** Answer, score and map of the changed photo beside those of the photo as it was. */
export function Outcome({
  before,
  column,
  changed,
  asked,
  photo,
}: {
  readonly before: ShownExplanation;
  readonly column: Column;
  /** The changed photo as the worker knows it; undefined where nothing is changed. */
  readonly changed: string | undefined;
  /** Its explanation. */
  readonly asked: Asked<ShownExplanation>;
  readonly photo: ChangedPhoto | undefined;
}) {
  const { drawing } = view.value;
  const after = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  const shown = changed === undefined ? before : (after ?? before);
  const limit = ownLimit(before.map, drawing.percentile);
  const difference = shown.reading.score - before.reading.score;
  return (
    <section class="change-outcome" aria-label="what the network says of it">
      {asked.state === 'failed' && <Failure asked={asked} />}
      <div class="headline">
        <Answer model={column.model} photo={changed ?? before.item} />
      </div>
      <Heat
        map={shown.map}
        view={shown.view}
        limit={limit}
        colors={drawing.colors}
        opacity={drawing.opacity}
        label={`what speaks for ${before.reading.target.name} now`}
      />
      <Legend colors={drawing.colors} limit={limit} />
      <dl class="measures">
        <div>
          <dt>score of {before.reading.target.name}, as it was</dt>
          <dd>{short(before.reading.score)}</dd>
        </div>
        <div>
          <dt>now</dt>
          <dd>{short(shown.reading.score)}</dd>
        </div>
        <div>
          <dt>change</dt>
          <dd class={difference === 0 ? '' : 'differs'}>
            {difference > 0 ? '+' : ''}
            {short(difference)}
          </dd>
        </div>
      </dl>
      <ChangeElsewhere
        column={column}
        before={before}
        shown={shown}
        photo={changed === undefined ? undefined : photo}
      />
    </section>
  );
}
