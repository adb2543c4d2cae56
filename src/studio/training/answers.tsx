import { count, percent, short, valueText } from '../../common/format.ts';
import type { TrainedBy } from '../../verbs/import/trained.ts';
import type { ClassifiedPhoto, FailedItem } from '../../verbs/index.ts';
import { Breakable } from '../parts/breakable.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { useAsked } from '../state/asked.ts';
import { photoFiles } from '../state/files.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { showTraining, trainingView, unpinPhoto } from '../state/training.ts';
import { askOf, type RunNow } from './now.ts';
import { type FollowedClass, followedHead, followedValue, type NumberedClass, shortNames } from './said.ts';
import type { RunSnapshot } from './snapshots.ts';

/** What each snapshot answers of each photo. */
export function AnswersTable({
  runs,
  classes,
  followed,
}: {
  readonly runs: readonly RunNow[];
  readonly classes: readonly NumberedClass[];
  readonly followed: readonly (FollowedClass | undefined)[];
}) {
  const { photos } = trainingView.value;
  const names = shortNames(photos);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section class="pinned-scroll" tabIndex={0} aria-label="answers of snapshots">
      <table class="pinned-answers">
        <thead>
          <tr>
            <th scope="col">iteration</th>
            {photos.map((path, place) => (
              <th key={path} scope="col">
                <PhotoHead path={path} name={names[place]} classes={classes} followed={followed[place]} />
              </th>
            ))}
          </tr>
        </thead>
        {runs.map((now) => (
          <RunRows key={now.run} now={now} named={runs.length > 1} followed={followed} />
        ))}
      </table>
    </section>
  );
}

/** A photo over its column: which class of it is followed, and a way to take it away. */
function PhotoHead({
  path,
  name,
  classes,
  followed,
}: {
  readonly path: string;
  readonly name: string;
  readonly classes: readonly NumberedClass[];
  readonly followed: FollowedClass | undefined;
}) {
  const file = photoFiles.value.find((each) => each.path === path);
  const { classes: said } = trainingView.value;
  const unsaid =
    followed?.by === 'network'
      ? `${followed.label} (answered)`
      : followed?.by === 'folder'
        ? `${followed.label} (its folder)`
        : 'as answered';
  return (
    <div class="pinned-photo">
      {file ? <img src={addressOfPhoto(file)} alt="" /> : <span class="hint">not here: drop it</span>}
      <span class="pinned-name">
        <Breakable text={name} />
      </span>
      <button
        type="button"
        class="quiet"
        aria-label={`unpin ${name}`}
        title="unpin"
        onClick={() => unpinPhoto(path)}
      >
        ×
      </button>
      {classes.length > 0 && (
        <select
          aria-label={`the class of ${name}`}
          value={followed?.by === 'person' ? String(followed.index) : ''}
          onChange={({ currentTarget: { value } }) => {
            const { [path]: _, ...rest } = said;
            showTraining({ classes: value === '' ? rest : { ...rest, [path]: Number(value) } });
          }}
        >
          <option value="">{followed?.by === 'person' ? 'as answered' : unsaid}</option>
          {classes.map(({ index, label }) => (
            <option key={index} value={String(index)}>
              {label}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

function RunRows({
  now,
  named,
  followed,
}: {
  readonly now: RunNow;
  readonly named: boolean;
  readonly followed: readonly (FollowedClass | undefined)[];
}) {
  const asked = useAsked('trainedBy', now.request, 'looking for the definition');
  const across = trainingView.value.photos.length + 1;
  return (
    <tbody>
      {named && (
        <tr>
          <th scope="rowgroup" colSpan={across} class="pinned-run">
            {now.run}
          </th>
        </tr>
      )}
      {asked.state === 'failed' && (
        <tr>
          <td colSpan={across}>
            <Failure asked={asked} />
          </td>
        </tr>
      )}
      {now.all.length === 0 && (
        <tr>
          <td colSpan={across} class="hint">
            No snapshot yet.
          </td>
        </tr>
      )}
      {asked.state === 'ready' &&
        now.asked.map((snapshot) => (
          <SnapshotRow
            key={snapshot.path}
            snapshot={snapshot}
            now={now}
            by={asked.answer}
            followed={followed}
          />
        ))}
    </tbody>
  );
}

function SnapshotRow({
  snapshot,
  now,
  by,
  followed,
}: {
  readonly snapshot: RunSnapshot;
  readonly now: RunNow;
  readonly by: TrainedBy;
  readonly followed: readonly (FollowedClass | undefined)[];
}) {
  const { photos, at } = trainingView.value;
  const ask = askOf(snapshot, now, by);
  const asked = useAsked('snapshot', ask, `asking the snapshot of iteration ${snapshot.iteration}`, {
    oneOfMany: true,
  });
  const answers =
    asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  const isAt = at?.snapshot === snapshot.path;
  return (
    <tr>
      <th scope="row">{count(snapshot.iteration)}</th>
      {asked.state === 'failed' ? (
        <td colSpan={photos.length}>
          <Failure asked={asked} />
        </td>
      ) : (
        photos.map((path, place) => {
          const answer = answers?.photos.find(({ item }) => item === path);
          return (
            <td key={path}>
              {answer ? (
                <AnswerCell
                  answer={answer}
                  followed={followed[place]}
                  pressed={isAt && at?.photo === path}
                  said={`iteration ${snapshot.iteration}, ${path}`}
                  onChoose={() => showTraining({ at: { snapshot: snapshot.path, photo: path } })}
                />
              ) : (
                <Waiting text="" />
              )}
            </td>
          );
        })
      )}
    </tr>
  );
}

/** What a snapshot answers of a photo; where it is another class than the one that is followed, how sure it is of that. */
function AnswerCell({
  answer,
  followed,
  pressed,
  said,
  onChoose,
}: {
  readonly answer: ClassifiedPhoto | FailedItem;
  readonly followed: FollowedClass | undefined;
  readonly pressed: boolean;
  readonly said: string;
  onChoose(): void;
}) {
  if ('error' in answer) return <span class="hint">{answer.error}</span>;
  const [, head] = followedHead(answer) ?? [];
  if (!head) return <span class="hint">no output whose meaning is known</span>;
  if (head.kind === 'number')
    return (
      <button
        type="button"
        class="pinned-answer"
        aria-pressed={pressed}
        aria-label={`${said}: ${short(head.value)}`}
        onClick={onChoose}
      >
        <strong>{short(head.value)}</strong>
      </button>
    );
  const [best] = head.top;
  const value = followedValue(answer, followed);
  const isOther = followed !== undefined && best.index !== followed.index;
  const isWrong = isOther && followed.by !== 'network';
  const words = (amount: number) => valueText(amount, head.probabilities);
  const other = isOther && value !== undefined ? `${followed.label} ${words(value)}` : undefined;
  return (
    <button
      type="button"
      class={`pinned-answer ${isWrong ? 'pinned-wrong' : ''}`}
      aria-pressed={pressed}
      title={value === undefined ? undefined : `${followed?.label}: ${value}`}
      aria-label={`${said}: ${best.label} ${words(best.value)}${other ? `, ${other}` : ''}`}
      onClick={onChoose}
    >
      <span>
        <strong>{best.label}</strong> {words(best.value)}
      </span>
      {other && <small>{other}</small>}
      {head.probabilities && value !== undefined && (
        <span class="pinned-bar" style={{ width: percent(value).replace(' ', '') }} />
      )}
    </button>
  );
}
